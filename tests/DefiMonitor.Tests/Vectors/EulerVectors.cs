using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.EulerV2;

namespace DefiMonitor.Tests.Vectors;

/// <summary>The Euler Vault Kit against what its contracts returned.</summary>
internal static class EulerVectors
{
    public static void RPowOf(JsonElement json, VectorCase vector)
    {
        var fits = RPow.Try(json.U256("interestRateSpy") + FixedPoint.Ray, json.U64("dt"), out var multiplier);
        vector.Expect("overflow", !fits, json.Flag("overflow"));
        if (fits)
        {
            vector.Expect("expectedMultiplier", multiplier, json.U256("expectedMultiplier"));
        }
    }

    public static void LtvRamp(JsonElement json, VectorCase vector)
    {
        var expected = json.GetProperty("expected");
        var config = new LtvConfig(
            (ushort)json.U64("borrowLTV"), (ushort)json.U64("liquidationLTV"), (ushort)json.U64("initialLiquidationLTV"), json.U64("targetTimestamp"),
            (uint)json.U64("rampDuration"));
        vector.Expect("borrow", (UInt256)(uint)config.BorrowLtv, expected.U256("borrow"));
        vector.Expect("liquidation", (UInt256)(uint)config.LiquidationAt(json.U64("timestamp")), expected.U256("liquidation"));
    }

    /// <summary>accountLiquidity(account, true), debtOf, interestAccumulator and checkLiquidation of one account at one instant.</summary>
    public static void Walk(JsonElement json, VectorCase vector)
    {
        var collaterals = json.GetProperty("collaterals").EnumerateArray().ToList();
        var state = new EulerV2State(new MarginAccountId(new DeploymentId("euler-v2", new ChainId(1), "vector"), "account"), default!)
        {
            Totals = TotalsOf(json.GetProperty("totals")),
            Owed = json.U256("owed"),
            Accumulator = json.U256("accumulator"),
            Route = RouteOf(json.GetProperty("route")),
            IsController = true,
            MaxLiquidationDiscount = (ushort)json.U64("maxLiquidationDiscount"),
            Collaterals = [.. collaterals.Select(static collateral => new CollateralState(
                Address.Zero, Address.Zero, default, LtvOf(collateral), default, (UInt128)collateral.U256("shares"), RouteOf(collateral.GetProperty("route")), true, null))],
        };
        var account = new AccountAt(state, json.U64("timestamp"));
        var expected = json.GetProperty("expected");
        vector.Expect("collateralValue", account.Health.CollateralValue, expected.U256("collateralValue"));
        vector.Expect("liabilityValue", account.Health.LiabilityValue, expected.U256("liabilityValue"));
        vector.Expect("debtOf", account.Debt, expected.U256("debtOf"));
        vector.Expect("interestAccumulator", account.Totals.InterestAccumulator, expected.U256("interestAccumulator"));
        for (var i = 0; i < collaterals.Count; i++)
        {
            if (collaterals[i].GetProperty("expectedLiquidation") is { ValueKind: JsonValueKind.Object } liquidation)
            {
                var leg = account.Legs[i];
                var most = Liquidations.Most(account.Health, leg.Shares, leg.Value, state.MaxLiquidationDiscount);
                vector.Expect($"maxRepay {i}", most.Repay, liquidation.U256("maxRepay"));
                vector.Expect($"maxYield {i}", most.Yield, liquidation.U256("maxYield"));
            }
        }
    }

    private static LtvConfig LtvOf(JsonElement json) => new(
        (ushort)json.U64("borrowLTV"), (ushort)json.U64("liquidationLTV"), (ushort)json.U64("initialLiquidationLTV"), json.U64("targetTimestamp"), (uint)json.U64("rampDuration"));

    private static VaultTotals TotalsOf(JsonElement json) => new(
        (UInt128)json.U256("cash"), (UInt128)json.U256("totalShares"), json.U256("totalBorrows"), json.U256("interestAccumulator"), json.U256("interestRate"),
        json.U64("lastUpdate"), (ushort)json.U64("interestFee"));

    private static List<StageState> RouteOf(JsonElement json) => [.. json.EnumerateArray().Select(static stage => stage.TryGetProperty("vault", out var vault)
        ? new StageState(StageKind.Shares, TotalsOf(vault), UInt256.Zero)
        : new StageState(StageKind.Rate, default, stage.U256("rate")))];
}
