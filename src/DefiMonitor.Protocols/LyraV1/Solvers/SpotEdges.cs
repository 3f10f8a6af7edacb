using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>
/// The spot at which a short becomes liquidatable, others unchanged: for a call the least, for a put the highest. Found by halving, so at the edge the contract's
/// own arithmetic says liquidatable and one unit on the safe side says it is not.
/// </summary>
internal static class SpotEdges
{
    // Ten thousand billion billion whole units: beyond it prices no longer fit the contract's fixed point.
    private static readonly UInt256 Highest = UInt256.Pow10(39);

    // Below a strike's 10^16th part the contract has no logarithm of the two and reverts.
    private static readonly UInt256 LeastPart = UInt256.Pow10(16);

    /// <returns>Null where no spot makes it liquidatable, or every one does.</returns>
    public static UInt256? Of(LyraV1State state, PositionState position, ulong at) => Of(state, position, at, parts: null);

    /// <summary>As <see cref="Of(LyraV1State, PositionState, ulong)"/>, to one part in ten thousand, for a sixth of the price.</summary>
    public static UInt256? Near(LyraV1State state, PositionState position, ulong at) => Of(state, position, at, parts: 10_000);

    private static UInt256? Of(LyraV1State state, PositionState position, ulong at, uint? parts)
    {
        bool IsUnsafe(in UInt256 spot) => new ShortMargin(position, Requirements.Of(state, spot, at).Of(position)).IsLiquidatable;

        var least = UInt256.Min(state.Spot, (position.StrikePrice / LeastPart) + UInt256.One);
        return position.IsCall ? Rising(IsUnsafe, least, state.Spot, parts) : Falling(IsUnsafe, least, state.Spot, parts);
    }

    private delegate bool IsUnsafe(in UInt256 spot);

    private static UInt256? Rising(IsUnsafe isUnsafe, UInt256 low, in UInt256 spot, uint? parts)
    {
        var high = spot;
        while (!isUnsafe(high))
        {
            low = high;
            high *= 2u;
            if (high > Highest)
            {
                return null;
            }
        }

        return isUnsafe(low) ? null : Halve(isUnsafe, safe: low, unsafeSpot: high, parts);
    }

    private static UInt256? Falling(IsUnsafe isUnsafe, UInt256 low, in UInt256 spot, uint? parts)
    {
        var high = spot;
        if (!isUnsafe(low))
        {
            return null;
        }

        while (isUnsafe(high))
        {
            low = high;
            high *= 2u;
            if (high > Highest)
            {
                return null;
            }
        }

        return Halve(isUnsafe, safe: high, unsafeSpot: low, parts);
    }

    private static UInt256 Halve(IsUnsafe isUnsafe, UInt256 safe, UInt256 unsafeSpot, uint? parts)
    {
        while (Apart(safe, unsafeSpot) > UInt256.Max(UInt256.One, parts is { } many ? safe / many : UInt256.Zero))
        {
            var middle = UInt256.Min(safe, unsafeSpot) + (Apart(safe, unsafeSpot) >> 1);
            if (isUnsafe(middle))
            {
                unsafeSpot = middle;
            }
            else
            {
                safe = middle;
            }
        }

        return unsafeSpot;
    }

    private static UInt256 Apart(in UInt256 a, in UInt256 b) => a > b ? a - b : b - a;
}
