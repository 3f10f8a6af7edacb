using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>The most that one liquidate takes for one collateral.</summary>
/// <param name="Repay">Liability assets that the liquidator takes over as debt.</param>
/// <param name="Yield">Collateral, in the shares that are seized.</param>
public readonly record struct LiquidationAmounts(UInt256 Repay, UInt256 Yield);

/// <summary>Liquidation arithmetic: there is no close factor, and the discount grows with the shortfall. Source: modules/Liquidation.sol calculateMaxLiquidation.</summary>
public static class Liquidations
{
    /// <param name="balance">Collateral that may be seized, in shares.</param>
    /// <param name="balanceValue">Its quote in the unit of account, without LTV.</param>
    /// <param name="maxDiscount">maxLiquidationDiscount, bps.</param>
    /// <returns>Nothing while the account is healthy; all of a worthless collateral for nothing.</returns>
    public static LiquidationAmounts Most(in AccountHealth health, in UInt256 balance, in UInt256 balanceValue, ushort maxDiscount)
    {
        if (health.IsHealthy)
        {
            return default;
        }

        var factor = DiscountFactor(health, maxDiscount);
        if (balanceValue.IsZero)
        {
            return new LiquidationAmounts(UInt256.Zero, balance);
        }

        var repayValue = health.LiabilityValue;
        var yieldValue = repayValue * FixedPoint.Wad / factor;
        if (balanceValue < yieldValue)
        {
            repayValue = FixedPoint.MulDivFloor(balanceValue, factor, FixedPoint.Wad);
            yieldValue = balanceValue;
        }

        return new LiquidationAmounts(
            FixedPoint.MulDivFloor(repayValue, health.Debt, health.LiabilityValue),
            FixedPoint.MulDivFloor(yieldValue, balance, balanceValue));
    }

    /// <summary>Wad: what a liquidator pays for one unit of value, from the shortfall, and at the least one less the maximal discount.</summary>
    public static UInt256 DiscountFactor(in AccountHealth health, ushort maxDiscount) => UInt256.Max(
        health.CollateralValue * FixedPoint.Wad / health.LiabilityValue,
        FixedPoint.Wad - (FixedPoint.Wad * (uint)maxDiscount / FixedPoint.BpsOne));
}
