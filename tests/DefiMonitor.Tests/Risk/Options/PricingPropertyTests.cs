using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Tests.Risk.Options;

/// <summary>Laws that hold whatever the market: 20,000 seeded draws each, from an hour to three years, 1 % to 500 % of volatility, up to 8 deviations from the money.</summary>
public sealed class PricingPropertyTests
{
    private const int Draws = 20_000;

    [Fact]
    public void Put_call_parity_and_bounds_hold()
    {
        foreach (var (f, k, vol, t) in Market(1))
        {
            var call = Value(OptionSide.Call, f, k, vol, t);
            var put = Value(OptionSide.Put, f, k, vol, t);
            (call - put).ShouldBe(f - k, 1e-14 * Math.Max(f, k));
            call.ShouldBeInRange(Math.Max(0, f - k), f);
            put.ShouldBeInRange(Math.Max(0, k - f), k);
        }
    }

    [Fact]
    public void Prices_rise_with_volatility_and_are_monotone_and_convex_in_the_strike()
    {
        foreach (var (f, k, vol, t) in Market(2))
        {
            var room = 1e-14 * Math.Max(f, k);
            Value(OptionSide.Call, f, k, vol * 1.01, t).ShouldBeGreaterThanOrEqualTo(Value(OptionSide.Call, f, k, vol, t) - room);
            var (left, middle, right) = (Value(OptionSide.Call, f, k * 0.99, vol, t), Value(OptionSide.Call, f, k, vol, t), Value(OptionSide.Call, f, k * 1.01, vol, t));
            left.ShouldBeGreaterThanOrEqualTo(middle - room);
            middle.ShouldBeGreaterThanOrEqualTo(right - room);
            (left + right - (2 * middle)).ShouldBeGreaterThanOrEqualTo(-4 * room);
        }
    }

    [Fact]
    public void The_volatility_of_a_price_is_the_volatility_it_was_priced_with()
    {
        foreach (var (f, k, vol, t) in Market(3))
        {
            var side = k >= f ? OptionSide.Call : OptionSide.Put;
            var found = ImpliedVolatility.Of(side, f, k, t, Value(side, f, k, vol, t)).Value!.Value;
            found.Volatility.ShouldBe(vol, Math.Max(vol * 1e-9, 10 * found.Uncertainty * (vol * Math.Sqrt(t) > 4 ? 1 : 0)), $"F {f:R} K {k:R} vol {vol:R} T {t:R}");
        }
    }

    [Fact]
    public void Greeks_are_the_slopes_of_the_price()
    {
        // Above one deviation of 100 % strikes outgrow the spot so far that the differences, not the Greeks, lose their digits.
        foreach (var (f, k, vol, t) in Market(4).Where(m => m.Vol * Math.Sqrt(m.T) < 1 && Math.Abs(Math.Log(m.F / m.K)) < 3 * m.Vol * Math.Sqrt(m.T)).Take(2_000))
        {
            var (r, q) = (0.04, 0.01);
            var s = f;
            var g = Sensitivities.OfSpot(OptionSide.Put, s, k, vol, t, r, q).Value!.Value;
            double Price(double ds, double dv, double dt) => BlackScholesMerton.Price(OptionSide.Put, s + ds, k, vol + dv, t + dt, r, q).Value!.Value.Value;
            OptionGreeks At(double ds, double dv, double dt) => Sensitivities.OfSpot(OptionSide.Put, s + ds, k, vol + dv, t + dt, r, q).Value!.Value;
            var hs = s * Math.Min(1, vol * Math.Sqrt(t)) * 1e-4;
            var (hv, ht) = (vol * 1e-4, t * 1e-4);
            Close(g.Delta, (Price(hs, 0, 0) - Price(-hs, 0, 0)) / (2 * hs), 1);
            Close(g.Gamma, (At(hs, 0, 0).Delta - At(-hs, 0, 0).Delta) / (2 * hs), 1 / hs * 1e-4);
            Close(g.Vega, (Price(0, hv, 0) - Price(0, -hv, 0)) / (2 * hv), s * Math.Sqrt(t));
            Close(g.Theta, -(Price(0, 0, ht) - Price(0, 0, -ht)) / (2 * ht), s * vol / Math.Sqrt(t));
            Close(g.Vanna, (At(0, hv, 0).Delta - At(0, -hv, 0).Delta) / (2 * hv), 1 / vol);
            Close(g.Volga, (At(0, hv, 0).Vega - At(0, -hv, 0).Vega) / (2 * hv), s * Math.Sqrt(t) / vol);
            Close(g.Charm, -(At(0, 0, ht).Delta - At(0, 0, -ht).Delta) / (2 * ht), 1 / t);
        }
    }

    [Fact]
    public void The_error_functions_keep_their_identities()
    {
        // Abramowitz and Stegun (1964), table 7.1; erfc(10) and erfcx(10) in 50-digit arithmetic.
        Normal.Erf(0.5).ShouldBe(0.5204998778130465, 1e-16);
        Normal.Erf(1).ShouldBe(0.8427007929497149, 2e-16);
        Normal.Erf(2).ShouldBe(0.9953222650189527, 2e-16);
        (Normal.Erfc(10) / 2.088487583762545e-45).ShouldBe(1, 1e-14);
        (Normal.Erfcx(10) / 0.05614099274382259).ShouldBe(1, 1e-15);
        Normal.Cdf(0).ShouldBe(0.5);
        for (var x = -6.0; x <= 6; x += 0.01)
        {
            (Normal.Erfc(x) + Normal.Erfc(-x)).ShouldBe(2, 5e-16);
            (Normal.Erf(x) + Normal.Erfc(x)).ShouldBe(1, 5e-16);
            (Normal.Erfcx(x) * Math.Exp(-x * x) / Normal.Erfc(x)).ShouldBe(1, 2e-14);
        }
    }

    private static void Close(double analytic, double difference, double scale) => difference.ShouldBe(analytic, 2e-6 * scale);

    private static double Value(OptionSide side, double f, double k, double vol, double t) => Black76.Price(side, f, k, vol, t).Value!.Value.Value;

    internal static IEnumerable<(double F, double K, double Vol, double T)> Market(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < Draws; i++)
        {
            var f = Math.Exp((random.NextDouble() * 20) - 10);
            var vol = 0.01 * Math.Pow(500, random.NextDouble());
            var t = Math.Pow(3 * 8760, random.NextDouble()) / 8760;
            yield return (f, f * Math.Exp(((random.NextDouble() * 16) - 8) * vol * Math.Sqrt(t)), vol, t);
        }
    }
}
