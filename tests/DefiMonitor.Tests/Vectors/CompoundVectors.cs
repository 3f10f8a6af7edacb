using System.Numerics;
using System.Text.Json;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.CompoundV3;

namespace DefiMonitor.Tests.Vectors;

/// <summary>Compound III against what Comet returned.</summary>
internal static class CompoundVectors
{
    public static void Account(JsonElement json, VectorCase vector)
    {
        var expected = json.GetProperty("expected");
        var stored = Totals(json.GetProperty("stored"));
        var principal = (Int128)json.Signed("principal");
        var basePrice = json.U256("basePrice");
        var baseScale = (ulong)UInt256.Pow10((int)json.U64("baseDecimals"));
        HeldAsset[] held = [.. json.GetProperty("assets").EnumerateArray().Select(Held).Where(static asset => asset.Balance != 0)];

        var seen = HealthOf(principal, stored, basePrice, baseScale, held);
        vector.Expect("view_isLiquidatable_storedIndex", seen.IsLiquidatable, expected.Flag("view_isLiquidatable_storedIndex"));
        vector.Expect("view_isBorrowCollateralized_storedIndex", seen.IsBorrowCollateralized, expected.Flag("view_isBorrowCollateralized_storedIndex"));

        var accrued = stored.Accrue(Rates(json.GetProperty("rates")), json.U64("timestamp"));
        vector.Expect("accruedSupplyIndex", (UInt256)accrued.SupplyIndex, expected.U256("accruedSupplyIndex"));
        vector.Expect("accruedBorrowIndex", (UInt256)accrued.BorrowIndex, expected.U256("accruedBorrowIndex"));
        var balance = BaseBalance.Of(principal, accrued);
        vector.Expect("balanceOf", (BigInteger)Int128.Max(0, balance), expected.Signed("balanceOf"));
        vector.Expect("borrowBalanceOf", (BigInteger)Int128.Max(0, -balance), expected.Signed("borrowBalanceOf"));

        var health = HealthOf(principal, accrued, basePrice, baseScale, held);
        vector.Expect("isLiquidatable_afterAccrue", health.IsLiquidatable, expected.Flag("isLiquidatable_afterAccrue"));
        vector.Expect("isBorrowCollateralized_afterAccrue", health.IsBorrowCollateralized, expected.Flag("isBorrowCollateralized_afterAccrue"));
        vector.Expect("a factor below one is liquidatable", health.Factor < FixedPoint.Wad, health.IsLiquidatable);

        var supply = expected.GetProperty("repayOrSupply");
        vector.Expect("newPrincipal after a supply", (BigInteger)BaseBalance.ToPrincipal(balance + (Int128)supply.Signed("amount"), accrued), supply.Signed("newPrincipal"));
        var absorb = expected.GetProperty("absorb");
        if (absorb.ValueKind == JsonValueKind.Object)
        {
            vector.Expect("absorbed", health.IsLiquidatable, true);
            var absorbed = Absorption.Of(principal, accrued, basePrice, baseScale, held);
            vector.Expect("newPrincipal after absorb", (BigInteger)absorbed.Principal, absorb.Signed("newPrincipal"));
        }
    }

    private static Health HealthOf(Int128 principal, in BaseTotals totals, in UInt256 basePrice, ulong baseScale, HeldAsset[] held) =>
        Health.Of((UInt128)Int128.Max(0, -BaseBalance.Of(principal, totals)), basePrice, baseScale, held);

    private static BaseTotals Totals(JsonElement json) => new(
        json.U64("baseSupplyIndex"), json.U64("baseBorrowIndex"), (UInt128)json.U256("totalSupplyBase"), (UInt128)json.U256("totalBorrowBase"),
        json.U64("lastAccrualTime"), PauseFlags.None);

    private static InterestRates Rates(JsonElement json) => new()
    {
        SupplyKink = json.U64("supplyKink"),
        SupplySlopeLow = json.U64("supplyPerYearSlopeLow") / InterestRates.SecondsPerYear,
        SupplySlopeHigh = json.U64("supplyPerYearSlopeHigh") / InterestRates.SecondsPerYear,
        SupplyBase = json.U64("supplyPerYearBase") / InterestRates.SecondsPerYear,
        BorrowKink = json.U64("borrowKink"),
        BorrowSlopeLow = json.U64("borrowPerYearSlopeLow") / InterestRates.SecondsPerYear,
        BorrowSlopeHigh = json.U64("borrowPerYearSlopeHigh") / InterestRates.SecondsPerYear,
        BorrowBase = json.U64("borrowPerYearBase") / InterestRates.SecondsPerYear,
    };

    private static HeldAsset Held(JsonElement json) => new(
        new AssetTerms(
            (ulong)UInt256.Pow10((int)json.U64("decimals")), json.U64("borrowCollateralFactor"), json.U64("liquidateCollateralFactor"), json.U64("liquidationFactor")),
        (UInt128)json.U256("userBalance"),
        json.U256("price"));
}
