using System.Globalization;
using System.Numerics;
using System.Text.Json;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.OpynGamma;
using Fpi = DefiMonitor.Protocols.OpynGamma.FixedPointInt256;

namespace DefiMonitor.Tests.Vectors;

/// <summary>Opyn's margin calculator against what the contract returned, or refused to.</summary>
internal static class OpynVectors
{
    private const ulong Day = 86_400;

    /// <summary>The figures of Opyn's own unit tests (test/unit-tests of GammaProtocol), the naked ones typed there from unrounded upper bound values.</summary>
    public static void Published(JsonElement json, VectorCase vector)
    {
        var terms = json.GetProperty("params");
        var shock = Scaled(terms.GetProperty("spotShock"), 27);
        var bounds = terms.GetProperty("upperBound").EnumerateObject()
            .Select(static step => new UpperBound(ulong.Parse(step.Name, CultureInfo.InvariantCulture) * Day, Scaled(step.Value, 27))).ToList();
        foreach (var naked in json.GetProperty("naked").EnumerateArray())
        {
            var bound = MarginCalculator.UpperBoundValue(bounds, naked.GetProperty("days").GetUInt64() * Day, 0);
            var ours = MarginCalculator.NakedRequired(naked.Text("kind") == "put", bound, (BigInteger)shock, Fixed(naked, "n"), Fixed(naked, "K"), Fixed(naked, "S"));
            vector.Expect($"naked {naked.Text("kind")}", ours, (BigInteger)Scaled(naked.GetProperty("exact"), 27));
        }

        foreach (var spread in json.GetProperty("spreads").EnumerateArray())
        {
            var ours = spread.Text("kind") == "put"
                ? MarginCalculator.PutSpreadRequired(Fixed(spread, "short"), Fixed(spread, "long"), Fixed(spread, "Kshort"), Fixed(spread, "Klong"))
                : MarginCalculator.CallSpreadRequired(Fixed(spread, "short"), Fixed(spread, "long"), Fixed(spread, "Kshort"), Fixed(spread, "Klong"));
            vector.Expect($"{spread.Text("kind")} spread", ours, (BigInteger)Scaled(spread.GetProperty("expected"), 27));
        }
    }

    public static void Vaults(JsonElement json, VectorCase vector)
    {
        var at = json.U64("timestamp");
        var round = new RoundState(7, json.GetProperty("round").U256("price"), json.GetProperty("round").U64("timestamp"));
        var place = 0;
        foreach (var vault in json.GetProperty("vaults").EnumerateArray())
        {
            Compare(StateOf(json, vault, place, round), vault, json.U256("oracleDeviation"), round, at, $"vault {place++}", vector);
        }
    }

    private static void Compare(VaultState state, JsonElement json, in UInt256 deviation, RoundState round, ulong at, string where, VectorCase vector)
    {
        var excess = Try<(UInt256 Amount, bool IsExcess)>(() => VaultMargin.Excess(state, at));
        var expected = json.GetProperty("expectedExcess");
        vector.Expect($"{where} excess is refused", excess is null, expected.ValueKind == JsonValueKind.Null);
        if (excess is { } ours && expected.ValueKind == JsonValueKind.Array)
        {
            vector.Expect($"{where} is in excess", ours.IsExcess, expected[1].GetBoolean());
            vector.Expect($"{where} excess", ours.Amount, expected[0].ToU256());
            if (state.Series is { } series && json.GetProperty("expectedMarginRequired") is { ValueKind: JsonValueKind.Array } required)
            {
                vector.Expect($"{where} held", VaultMargin.Held(state), Signed(required[0]));
                vector.Expect($"{where} required", VaultMargin.Required(state, series, at)!.Value, Signed(required[1]));
            }
        }

        if (state.Type != 1 || state.Short is null)
        {
            return;
        }

        var naked = Try<UInt256>(() => state.IsLiveNaked(at)
            ? Fpi.ToScaledUint(VaultMargin.NakedRequired(state, round.Price, at), state.Short.Collateral.Decimals, roundDown: false)
            : null);
        if (at < state.Short.Expiry)
        {
            var theirs = json.GetProperty("expectedNakedMarginRequired") is { ValueKind: JsonValueKind.String } text ? text.ToU256() : (UInt256?)null;
            vector.Expect($"{where} nakedMarginRequired is refused", naked is null, theirs is null);
            vector.Expect($"{where} nakedMarginRequired", naked ?? UInt256.Zero, theirs ?? UInt256.Zero);
        }

        if (state.Collateral is not null)
        {
            Liquidation(state, json.GetProperty("expectedLiquidatable"), deviation, round, at, where, vector);
        }
    }

    private static void Liquidation(VaultState state, JsonElement expected, in UInt256 deviation, RoundState round, ulong at, string where, VectorCase vector)
    {

        var verdict = Try<bool>(() => state.IsLiveNaked(at) && round.UpdatedAt > state.LatestUpdate ? VaultMargin.IsShort(state, round.Price, at) : null);
        vector.Expect($"{where} isLiquidatable is refused", verdict is null, expected.ValueKind == JsonValueKind.Null);
        if (verdict is not { } isShort || expected.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        vector.Expect($"{where} isLiquidatable", isShort, expected[0].GetBoolean());
        if (isShort)
        {
            vector.Expect($"{where} dust", state.Dust, expected[2].ToU256());
            vector.Expect($"{where} auction price", AuctionPrice(state, deviation, round, at), expected[1].ToU256());
        }
    }

    private static UInt256 AuctionPrice(VaultState state, in UInt256 deviation, RoundState round, ulong at) => MarginCalculator.DebtPrice(
        state.Short!.IsPut, VaultMargin.Held(state), Fpi.FromScaledUint(state.ShortAmount, 8), Fpi.FromScaledUint(state.Short.StrikePrice, 8), Fpi.FromScaledUint(round.Price, 8),
        deviation, at - round.UpdatedAt, state.Collateral!.Decimals);

    private static VaultState StateOf(JsonElement group, JsonElement json, int place, RoundState round)
    {
        var collateral = json.GetProperty("collateral");
        var underlying = new TokenState(Token(1), "U", 18, group.U256("underlyingPrice"));
        var strike = new TokenState(Token(2), "S", 6, group.U256("strikeAssetPrice"));
        var held = collateral.Text("token") switch
        {
            "underlying" => underlying, "strike" => strike, _ => new TokenState(Token(3), "C", collateral.GetProperty("decimals").GetInt32(), collateral.U256("price")),
        };
        SeriesState? Series(string side, byte number) => json.GetProperty(side) is { ValueKind: JsonValueKind.Object } option
            ? new SeriesState(Token(number), underlying, strike, held, option.U256("strikePrice"), json.U64("expiry"), json.GetProperty("isPut").GetBoolean())
            : null;
        UInt256 Amount(string side) => json.GetProperty(side) is { ValueKind: JsonValueKind.Object } option ? option.U256("amount") : UInt256.Zero;
        var hasCollateral = collateral.GetProperty("amount").ValueKind == JsonValueKind.String;
        return new VaultState
        {
            Id = (ulong)place,
            Type = json.GetProperty("type").GetUInt64(),
            Short = Series("short", 4),
            Long = Series("long", 5),
            Collateral = hasCollateral ? held : null,
            ShortAmount = Amount("short"),
            LongAmount = Amount("long"),
            CollateralAmount = hasCollateral ? collateral.U256("amount") : UInt256.Zero,
            LatestUpdate = json.U64("latestUpdate"),
            Dust = collateral.U256("dust"),
            SpotShock = json.TryGetProperty("spotShock", out _) ? json.U256("spotShock") : UInt256.Zero,
            UpperBounds = json.TryGetProperty("upperBounds", out var steps) ? [.. steps.EnumerateArray().Select(static step => new UpperBound((ulong)step[0].ToU256(), step[1].ToU256()))] : [],
            Newest = round,
            Settled = json.TryGetProperty("settled", out var settled) ? SettledOf(settled, held.Address == strike.Address) : default,
        };
    }

    // A price that is not needed need not be final.
    private static SettledPrices SettledOf(JsonElement json, bool isInStrike)
    {
        var (underlying, strike, collateral) = (json.GetProperty("underlying"), json.GetProperty("strike"), json.GetProperty("collateral"));
        return new SettledPrices(
            underlying.U256("price"), strike.U256("price"), collateral.U256("price"),
            underlying.GetProperty("isFinal").GetBoolean() && strike.GetProperty("isFinal").GetBoolean() && (isInStrike || collateral.GetProperty("isFinal").GetBoolean()));
    }

    private static T? Try<T>(Func<T?> figure)
        where T : struct
    {
        try
        {
            return figure();
        }
        catch (ArithmeticException)
        {
            return null;
        }
    }

    private static Address Token(byte number) => Address.Parse($"0x{number:x40}");

    private static BigInteger Signed(JsonElement text) => BigInteger.Parse(text.GetString()!, CultureInfo.InvariantCulture);

    private static BigInteger Fixed(JsonElement json, string field) => Fpi.FromScaledUint(Scaled(json.GetProperty(field), 8), 8);

    private static UInt256 Scaled(JsonElement number, int decimals) => Units.Parse(number.GetRawText(), decimals);
}
