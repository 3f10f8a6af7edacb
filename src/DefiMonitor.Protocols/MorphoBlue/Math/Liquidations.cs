using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>What one liquidate moves.</summary>
/// <param name="Seized">Collateral, in its decimals.</param>
/// <param name="RepaidAssets">Loan assets that the liquidator pays.</param>
/// <param name="BadDebtAssets">Written off against the suppliers when no collateral is left.</param>
public readonly record struct LiquidationAmounts(UInt256 Seized, UInt256 RepaidShares, UInt256 RepaidAssets, UInt256 BadDebtShares, UInt256 BadDebtAssets);

/// <summary>Liquidation arithmetic. There is no close factor. Source: Morpho.sol liquidate, _liquidationIncentiveFactor; ConstantsLib.sol.</summary>
public static class Liquidations
{
    private static readonly UInt256 MaxIncentive = FixedPoint.Wad * 115u / 100u;

    private static readonly UInt256 Cursor = FixedPoint.Wad * 3u / 10u;

    /// <summary>Wad: what is seized for each unit repaid, at most 1.15.</summary>
    public static UInt256 IncentiveOf(in UInt256 lltv) => UInt256.Min(
        MaxIncentive,
        FixedPoint.MulDivFloor(
            FixedPoint.Wad,
            FixedPoint.Wad,
            FixedPoint.Wad - FixedPoint.MulDivFloor(Cursor, FixedPoint.Wad - lltv, FixedPoint.Wad)));

    /// <summary>Shares that seizing so much collateral repays.</summary>
    public static UInt256 SharesForSeizing(in MarketTotals totals, in UInt256 seized, in UInt256 price, in UInt256 incentive)
    {
        var quoted = SharesMath.MulDivUp(seized, price, Health.PriceScale);
        return SharesMath.ToSharesUp(SharesMath.MulDivUp(quoted, FixedPoint.Wad, incentive), totals.BorrowAssets, totals.BorrowShares);
    }

    /// <summary>Collateral that repaying so many shares seizes.</summary>
    /// <exception cref="DivideByZeroException">The price is 0, where the contract reverts.</exception>
    public static UInt256 SeizedForRepaying(in MarketTotals totals, in UInt256 shares, in UInt256 price, in UInt256 incentive)
    {
        var assets = SharesMath.ToAssetsDown(shares, totals.BorrowAssets, totals.BorrowShares);
        return FixedPoint.MulDivFloor(FixedPoint.MulDivFloor(assets, incentive, FixedPoint.Wad), Health.PriceScale, price);
    }

    /// <summary>The amounts of a liquidation that seizes and repays this much of a position.</summary>
    /// <exception cref="OverflowException">More than the position has, where the contract reverts.</exception>
    public static LiquidationAmounts Of(in MarketTotals totals, UInt128 borrowShares, UInt128 collateral, in UInt256 seized, in UInt256 shares)
    {
        var repaid = SharesMath.ToAssetsUp(shares, totals.BorrowAssets, totals.BorrowShares);
        var leftShares = borrowShares - shares;
        if (!(collateral - seized).IsZero || leftShares.IsZero)
        {
            return new LiquidationAmounts(seized, shares, repaid, UInt256.Zero, UInt256.Zero);
        }

        var leftAssets = AfterRepaid(totals.BorrowAssets, repaid);
        var bad = UInt256.Min(leftAssets, SharesMath.ToAssetsUp(leftShares, leftAssets, totals.BorrowShares - shares));
        return new LiquidationAmounts(seized, shares, repaid, leftShares, bad);
    }

    /// <summary>Rounding can repay one unit more than all that is owed: UtilsLib.zeroFloorSub.</summary>
    public static UInt256 AfterRepaid(in UInt256 borrowAssets, in UInt256 repaid) => repaid >= borrowAssets ? UInt256.Zero : borrowAssets - repaid;
}
