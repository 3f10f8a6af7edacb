using System.Text.Json;
using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Tests.Vectors;

/// <summary>The option files: high-precision arithmetic and published figures, compared within the tolerance each file states.</summary>
internal static class OptionVectors
{
    public static void Greeks(JsonElement json, VectorCase vector)
    {
        var (side, s, k, vol, t, r, q) = (Side(json), D(json, "S"), D(json, "K"), D(json, "vol"), D(json, "T"), D(json, "r"), D(json, "q"));
        vector.Near("price", BlackScholesMerton.Price(side, s, k, vol, t, r, q).Value?.Value, D(json, "price"), 1e-10);
        var greeks = Sensitivities.OfSpot(side, s, k, vol, t, r, q).Value;
        foreach (var (name, pick) in Named)
        {
            vector.Near(name, greeks is { } g ? pick(g) : null, D(json, name), 1e-10);
        }
    }

    public static void Edges(JsonElement json, VectorCase vector)
    {
        var price = Black76.Price(Side(json), D(json, "F"), D(json, "K"), D(json, "vol"), D(json, "T")).Value?.Value;
        vector.Near(json.Text("name"), price, D(json, "undiscounted"), 1e-10);
    }

    public static void RoundTrip(JsonElement json, VectorCase vector)
    {
        var found = ImpliedVolatility.Of(Side(json), D(json, "F"), D(json, "K"), D(json, "T"), D(json, "price"));
        vector.Near("vol", found.Value?.Volatility, D(json, "vol"), 1e-9);
        vector.Near("price", Black76.Price(Side(json), D(json, "F"), D(json, "K"), D(json, "vol"), D(json, "T")).Value?.Value, D(json, "price"), 1e-9);
    }

    public static void HaugEuropean(JsonElement json, VectorCase vector)
    {
        var price = BlackScholesMerton.Price(Word(json), D(json, "spot"), D(json, "strike"), D(json, "vol"), D(json, "t"), D(json, "r"), D(json, "q")).Value?.Value;
        vector.Within("value", price, D(json, "value"), 1e-4);
        vector.Near("mp", price, D(json, "mp"), 1e-10);
    }

    public static void HaugGreeks(JsonElement json, VectorCase vector)
    {
        var (side, spot, strike, vol, t, r, q) = (Word(json), D(json, "spot"), D(json, "strike"), D(json, "vol"), D(json, "t"), D(json, "r"), D(json, "q"));
        var greeks = Sensitivities.OfSpot(side, spot, strike, vol, t, r, q).Value;
        var price = BlackScholesMerton.Price(side, spot, strike, vol, t, r, q).Value?.Value;
        double? actual = json.Text("greek") switch
        {
            "elasticity" => greeks?.Delta * spot / price,
            "thetaPerDay365" => greeks?.Theta / 365,
            "dividendRho" => greeks?.CarryRho,
            var name => greeks is { } g ? Named[name](g) : null,
        };
        vector.Within(json.Text("greek"), actual, D(json, "value"), 1e-4);
    }

    public static void Hull(JsonElement json, VectorCase vector)
    {
        var what = json.Text("what");
        var spot = json.TryGetProperty("S", out var s) ? s.GetDouble() : D(json, "F");
        var r = D(json, "r");
        var q = json.TryGetProperty("q", out var carry) ? carry.GetDouble() : r;
        var (k, t) = (D(json, "K"), D(json, "T"));
        var half = 0.5 * Math.Pow(10, -json.GetProperty("decimals").GetInt32());
        var vol = json.TryGetProperty("vol", out var v) ? v.GetDouble() : 0;
        var greeks = Sensitivities.OfSpot(OptionSide.Call, spot, k, vol, t, r, q).Value;
        double? actual = what switch
        {
            "FX implied vol" => ImpliedVolatility.Of(OptionSide.Call, spot * Math.Exp((r - q) * t), k, t, D(json, "price"), Math.Exp(-r * t)).Value?.Volatility,
            _ when greeks is { } g && Named.TryGetValue(what, out var pick) => pick(g),
            _ => BlackScholesMerton.Price(what.EndsWith("put", StringComparison.Ordinal) ? OptionSide.Put : OptionSide.Call, spot, k, vol, t, r, q).Value?.Value,
        };
        vector.Within(what, actual, D(json, "published"), half);
    }

    public static void Svi(JsonElement json, VectorCase vector)
    {
        var vogt = json.GetProperty("vogt");
        var raw = vogt.GetProperty("raw");
        var slice = new SviSlice(D(raw, "a"), D(raw, "b"), D(raw, "rho"), D(raw, "m"), D(raw, "sigma"), D(vogt, "t"));
        foreach (var pair in vogt.GetProperty("g_table").EnumerateArray())
        {
            vector.Within($"g({pair[0]})", slice.Density(pair[0].GetDouble()), pair[1].GetDouble(), 1e-12);
        }

        var wings = slice.ToJumpWings();
        double[] ours = [wings.V, wings.Psi, wings.P, wings.C, wings.VTilde];
        for (var i = 0; i < ours.Length; i++)
        {
            vector.Near($"jw {i}", ours[i], vogt.GetProperty("jw_mp")[i].GetDouble(), 1e-12);
        }

        vector.Expect("butterfly", SviArbitrage.Check(slice).Any(v => v.Kind == ArbitrageKind.Butterfly), vogt.Flag("has_butterfly_arbitrage"));
    }

    private static readonly Dictionary<string, Func<OptionGreeks, double?>> Named = new()
    {
        ["delta"] = g => g.Delta,
        ["gamma"] = g => g.Gamma,
        ["vega"] = g => g.Vega,
        ["theta"] = g => g.Theta,
        ["rho"] = g => g.Rho,
        ["dividendRho"] = g => g.CarryRho,
        ["vanna"] = g => g.Vanna,
        ["volga"] = g => g.Volga,
        ["charm"] = g => g.Charm,
        ["dualDelta"] = g => g.DualDelta,
        ["dualGamma"] = g => g.DualGamma,
    };

    private static double D(JsonElement json, string field) => json.GetProperty(field).GetDouble();

    private static OptionSide Side(JsonElement json) => json.GetProperty("cp").GetInt32() > 0 ? OptionSide.Call : OptionSide.Put;

    private static OptionSide Word(JsonElement json) => string.Equals(json.Text("cp"), "call", StringComparison.Ordinal) ? OptionSide.Call : OptionSide.Put;
}
