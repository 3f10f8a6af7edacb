using DefiMonitor.Core.Assets;
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

    /// <summary>The smallest fall in ppm that brings a price to an edge or below it: floor(price * (10^6 - fall) / 10^6) &lt;= edge.</summary>
    public static uint FallTo(in UInt256 edge, in UInt256 price)
    {
        if (price <= edge)
        {
            return 0;
        }

        var kept = UInt256.MulDiv(edge + UInt256.One, Shock.Unit, price, Rounding.Up) - UInt256.One;
        return Shock.Unit - (uint)kept;
    }
}
