using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>The most that one liquidate can take: all of the debt where the collateral covers it with the incentive, else all of the collateral.</summary>
public static class LargestLiquidation
{
    /// <returns>Null where nothing can be taken.</returns>
    public static LiquidationAmounts? Of(PositionAt position)
    {
        if (position.BorrowShares == 0 || position.Collateral == 0)
        {
            return null;
        }

        var all = ByShares(position, position.BorrowShares);
        if (all is { } whole && whole.Seized <= position.Collateral)
        {
            return Amounts(position, whole.Seized, whole.Shares);
        }

        var low = UInt256.Zero;
        var high = (UInt256)position.Collateral;
        if (SharesFor(position, high) <= position.BorrowShares)
        {
            return Amounts(position, high, SharesFor(position, high));
        }

        // Rounding alone stands between the two: the most collateral whose shares are still owed.
        while (high - low > UInt256.One)
        {
            var middle = low + ((high - low) >> 1);
            if (SharesFor(position, middle) <= position.BorrowShares)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low.IsZero ? null : Amounts(position, low, SharesFor(position, low));
    }

    private static (UInt256 Seized, UInt256 Shares)? ByShares(PositionAt position, UInt128 shares) => position.Price.IsZero
        ? null
        : (Liquidations.SeizedForRepaying(position.Totals, shares, position.Price, position.Incentive), shares);

    private static UInt256 SharesFor(PositionAt position, in UInt256 seized) =>
        Liquidations.SharesForSeizing(position.Totals, seized, position.Price, position.Incentive);

    private static LiquidationAmounts Amounts(PositionAt position, in UInt256 seized, in UInt256 shares) =>
        Liquidations.Of(position.Totals, position.BorrowShares, position.Collateral, seized, shares);
}
