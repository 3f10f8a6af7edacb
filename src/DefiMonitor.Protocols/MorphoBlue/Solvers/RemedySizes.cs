using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>A sized way to a health factor.</summary>
/// <param name="Amount">In the token's decimals; one unit less does not reach it.</param>
/// <param name="HealthAfter">Wad; 2^256 - 1 when no debt is left.</param>
public readonly record struct RemedySize(UInt256 Amount, UInt256 HealthAfter);

/// <summary>The smallest repayment or deposit that reaches a health factor, held against forward evaluation.</summary>
public static class RemedySizes
{
    /// <summary>The smallest repay by assets; the whole debt, which is repaid by shares, where nothing less will do.</summary>
    public static RemedySize? Repay(PositionAt position, UInt256 target)
    {
        var low = UInt256.Zero;
        var high = position.Health.Debt;
        if (high.IsZero || position.Health.Factor >= target)
        {
            return null;
        }

        while (high - low > UInt256.One)
        {
            var middle = low + ((high - low) >> 1);
            if (AfterRepay(position, middle).Factor >= target)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return new RemedySize(high, AfterRepay(position, high).Factor);
    }

    /// <summary>Null where no amount that fits 128 bits is enough.</summary>
    public static RemedySize? Deposit(PositionAt position, UInt256 target)
    {
        if (position.Health.Debt.IsZero || position.Health.Factor >= target || position.Price.IsZero || position.Lltv.IsZero)
        {
            return null;
        }

        var maxBorrow = UInt256.MulDiv(target, position.Health.Debt, FixedPoint.Wad, Rounding.Up);
        var value = UInt256.MulDiv(maxBorrow, FixedPoint.Wad, position.Lltv, Rounding.Up);
        var collateral = UInt256.MulDiv(value, Health.PriceScale, position.Price, Rounding.Up);
        return collateral.BitLength <= 128
            ? new RemedySize(collateral - position.Collateral, AfterDeposit(position, collateral - position.Collateral).Factor)
            : null;
    }

    /// <summary>Morpho.sol repay. What is at least the debt clears it, as a repayment by shares does.</summary>
    public static Health AfterRepay(PositionAt position, in UInt256 assets)
    {
        if (assets >= position.Health.Debt)
        {
            return position.Health with { Debt = UInt256.Zero };
        }

        var totals = position.Totals;
        var shares = UInt256.Min(SharesMath.ToSharesDown(assets, totals.BorrowAssets, totals.BorrowShares), position.BorrowShares);
        var after = totals with
        {
            BorrowAssets = (UInt128)Liquidations.AfterRepaid(totals.BorrowAssets, assets), BorrowShares = (UInt128)(totals.BorrowShares - shares),
        };
        return Health.Of(after, (UInt128)(position.BorrowShares - shares), position.Collateral, position.Price, position.Lltv);
    }

    /// <summary>Morpho.sol supplyCollateral.</summary>
    public static Health AfterDeposit(PositionAt position, in UInt256 assets) =>
        Health.Of(position.Totals, position.BorrowShares, (UInt128)(position.Collateral + assets), position.Price, position.Lltv);
}
