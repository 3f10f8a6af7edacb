using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Feeds;

/// <summary>A cap that rises with the clock from where it was set, in whole units a second, floored: PriceCapAdapterBase of bgd-labs/aave-capo.</summary>
/// <param name="Start">At <paramref name="Since"/>.</param>
/// <param name="Since">Second.</param>
/// <param name="GrowthPerSecondScaled">With six more digits; 0 = it stands still.</param>
public readonly record struct CapLine(UInt256 Start, ulong Since, UInt256 GrowthPerSecondScaled)
{
    public const uint GrowthScale = 1_000_000;

    /// <param name="second">Not before <see cref="Since"/>.</param>
    public UInt256 At(ulong second) => Start + (GrowthPerSecondScaled * (second - Since) / GrowthScale);
}

public enum CapKind
{
    /// <summary>The ratio of a yield-bearing token to what is inside (PriceCapAdapterBase).</summary>
    Ratio,

    /// <summary>The price itself (PriceCapAdapterStable).</summary>
    Price,
}

/// <summary>What an adapter before a feed caps, as read at a block. Told beside a price; no verdict goes by it.</summary>
/// <param name="Adapter">The contract that caps.</param>
/// <param name="Value">What is capped: the ratio, or the feed's answer.</param>
/// <param name="Decimals">Of value and cap; null = not read.</param>
/// <param name="SaysCapped">The adapter's own word; null = it has none.</param>
public sealed record PriceCap(CapKind Kind, Address Adapter, UInt256 Value, CapLine Line, int? Decimals, bool? SaysCapped)
{
    private const ulong SecondsPerYear = 31_536_000;

    public bool IsCapped(ulong second) => Value > Line.At(second);

    /// <summary>By how many ppm of itself the value may rise before it is capped, floored; 0 where it is.</summary>
    public UInt256 HeadroomPpm(ulong second)
    {
        var cap = Line.At(second);
        return cap <= Value ? UInt256.Zero : UInt256.MulDiv(cap - Value, Shock.Unit, Value, Rounding.Down);
    }

    /// <summary>By how many ppm of where it began the cap rises in 365 days, floored.</summary>
    public UInt256 GrowthPerYearPpm => UInt256.MulDiv(Line.GrowthPerSecondScaled, SecondsPerYear, Line.Start, Rounding.Down);

    /// <summary>Seconds after which the cap alone has risen to the value; 0 where it is not capped, null where it never will.</summary>
    public ulong? SecondsUntilFree(ulong second)
    {
        var cap = Line.At(second);
        if (Value <= cap)
        {
            return 0;
        }

        if (Line.GrowthPerSecondScaled.IsZero)
        {
            return null;
        }

        // Start + floor(growth * seconds / scale) >= Value, the seconds counted from where the line begins.
        var needed = UInt256.MulDiv(Value - Line.Start, CapLine.GrowthScale, Line.GrowthPerSecondScaled, Rounding.Up);
        var from = (UInt256)(second - Line.Since);
        return needed - from > (UInt256)ulong.MaxValue ? null : (ulong)(needed - from);
    }
}
