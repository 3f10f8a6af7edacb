using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>Exact inverses of sum of floor(floor(balance * price / scale) * factor / 10^18) &gt;= floor(debt * basePrice / baseScale).</summary>
public static class PriceEdges
{
    /// <summary>The highest price of one collateral at which an account is liquidatable; null where no price above 0 is low enough, or none high enough.</summary>
    public static UInt256? OfCollateral(AccountAt account, int index)
    {
        var asset = account.Held[index];
        var others = account.LiquidationValueWithout(index);
        if (others >= account.Health.DebtValue || asset.Terms.LiquidateFactor == 0)
        {
            return null;
        }

        var value = UInt256.MulDiv(account.Health.DebtValue - others, FixedPoint.Wad, asset.Terms.LiquidateFactor, Rounding.Up);
        var edge = UInt256.MulDiv(value, asset.Terms.Scale, asset.Balance, Rounding.Up) - UInt256.One;
        return edge.IsZero ? null : edge;
    }

    /// <summary>The lowest price of the base token at which an account is liquidatable; null without debt.</summary>
    public static UInt256? OfBase(AccountAt account) => account.Debt == 0
        ? null
        : UInt256.MulDiv(account.Health.LiquidationValue + UInt256.One, account.Parameters.BaseScale, account.Debt, Rounding.Up);
}
