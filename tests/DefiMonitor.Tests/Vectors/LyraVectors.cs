using System.Globalization;
using System.Text.Json;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.LyraV1;

namespace DefiMonitor.Tests.Vectors;

/// <summary>Lyra v1's requirement of a short position against what the contract returned, or refused to.</summary>
internal static class LyraVectors
{
    private const ulong Day = 86_400;

    /// <summary>The figures of Lyra's own unit tests (test/contracts/OptionToken/5_MinCollateral.ts), typed there to four digits or so.</summary>
    public static void Published(JsonElement json, VectorCase vector)
    {
        var terms = json.GetProperty("params");
        var parameters = new MinCollateralParameters(
            Wad(terms, "staticQuote"), Wad(terms, "staticBase"), Wad(terms, "shockVolA"), terms.GetProperty("pointA_weeks").GetUInt64() * 7 * Day,
            Wad(terms, "shockVolB"), terms.GetProperty("pointB_weeks").GetUInt64() * 7 * Day, Wad(terms, "callSpotShock"), Wad(terms, "putSpotShock"));
        var rate = (Int128)(UInt128)Wad(terms, "rateAndCarry");
        var expiry = terms.GetProperty("T_days").GetUInt64() * Day;
        foreach (var list in new[] { "cases", "limits" })
        {
            foreach (var position in json.GetProperty(list).EnumerateArray())
            {
                var type = position.Text("type") switch
                {
                    "SHORT_CALL_BASE" => OptionType.ShortCallBase, "SHORT_CALL_QUOTE" => OptionType.ShortCallQuote, _ => OptionType.ShortPutQuote,
                };
                var strike = Wad(position.TryGetProperty("strike", out _) ? position : terms, "strike");
                var amount = Wad(position.TryGetProperty("amount", out _) ? position : terms, "amount");
                var price = MinimumCollateral.Price(type != OptionType.ShortPutQuote, parameters, strike, expiry, Wad(position, "spot"), rate, 0);
                var ours = MinimumCollateral.Of(type, parameters, price, strike, amount);
                vector.Near($"{list}: {position.Text("type")}", ours.ToDouble() / 1e18, position.GetProperty("expected").GetDouble(), 5e-4);
            }
        }

        foreach (var point in json.GetProperty("shock_vol").EnumerateArray())
        {
            vector.Near($"shock volatility at {point[0]} days", MinimumCollateral.ShockVol(parameters, point[0].GetUInt64() * Day).ToDouble() / 1e18, point[1].GetDouble(), 1e-12);
        }
    }

    public static void MinimumCollateralOf(JsonElement json, VectorCase vector)
    {
        var terms = json.GetProperty("parameters");
        var parameters = new MinCollateralParameters(
            terms.U256("minStaticQuoteCollateral"), terms.U256("minStaticBaseCollateral"), terms.U256("shockVolA"), terms.U256("shockVolPointA"),
            terms.U256("shockVolB"), terms.U256("shockVolPointB"), terms.U256("callSpotPriceShock"), terms.U256("putSpotPriceShock"));
        var rate = Int128.Parse(json.Text("rateAndCarry"), CultureInfo.InvariantCulture);
        var at = json.U64("timestamp");
        var place = 0;
        foreach (var position in json.GetProperty("positions").EnumerateArray())
        {
            var type = (OptionType)position.GetProperty("optionType").GetByte();
            var strike = position.U256("strikePrice");
            UInt256? ours;
            try
            {
                var price = MinimumCollateral.Price(type != OptionType.ShortPutQuote, parameters, strike, position.U64("expiry"), position.U256("spotPrice"), rate, at);
                ours = MinimumCollateral.Of(type, parameters, price, strike, position.U256("amount"));
            }
            catch (ArithmeticException)
            {
                ours = null;
            }

            var expected = position.GetProperty("expected") is { ValueKind: JsonValueKind.String } text ? text.ToU256() : (UInt256?)null;
            vector.Expect($"position {place} is refused", ours is null, expected is null);
            if (ours is { } amount && expected is { } contract)
            {
                vector.Expect($"position {place}", amount, contract);
            }

            place++;
        }
    }

    private static UInt256 Wad(JsonElement json, string field) => Units.Parse(json.GetProperty(field).GetRawText(), 18);
}
