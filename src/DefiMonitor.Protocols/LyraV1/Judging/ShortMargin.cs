using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>A live short and what it must hold, in the units of its own collateral; 18 decimals.</summary>
public readonly record struct ShortMargin(PositionState Position, UInt256 Minimum)
{
    /// <summary>OptionToken.canLiquidate.</summary>
    public bool IsLiquidatable => Position.Collateral < Minimum;

    /// <summary>floor(collateral * 10^18 / minimum): below 10^18 exactly when it is liquidatable. 2^256 - 1 where nothing is required.</summary>
    public UInt256 Factor => FactorOf(Position.Collateral, Minimum);

    public static UInt256 FactorOf(in UInt256 collateral, in UInt256 minimum)
    {
        if (minimum.IsZero)
        {
            return UInt256.MaxValue;
        }

        try
        {
            return UInt256.MulDiv(collateral, FixedPoint.Wad, minimum, Rounding.Down);
        }
        catch (OverflowException)
        {
            return UInt256.MaxValue;
        }
    }
}
