using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>Exact inverses of floor(floor(collateral * price / 10^36) * lltv / 10^18) &gt;= debt.</summary>
public static class PriceEdges
{
    /// <summary>The highest oracle price at which a position is above a loan-to-value; null where no price is low enough, or none high enough.</summary>
    /// <param name="lltv">Wad.</param>
    public static UInt256? Of(in UInt256 debt, UInt128 collateral, in UInt256 lltv)
    {
        if (debt.IsZero || collateral == 0 || lltv.IsZero)
        {
            return null;
        }

        var value = UInt256.MulDiv(debt, FixedPoint.Wad, lltv, Rounding.Up);
        return UInt256.MulDiv(value, Health.PriceScale, collateral, Rounding.Up) - UInt256.One;
    }
}
