using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols;

/// <summary>Which health factor the ways out aim at, wad.</summary>
internal static class HealthTarget
{
    /// <summary>Least slack aimed at: a health factor of 1.25, or 1.05 for a loop, which can't have more without being taken apart.</summary>
    private static UInt256 LeastSlack { get; } = FixedPoint.Wad / 4u;

    private static UInt256 LeastLoopSlack { get; } = FixedPoint.Wad / 20u;

    /// <summary>Above a health factor of 2 no way out is sized, unless the user names a target.</summary>
    private static UInt256 FarHealth { get; } = FixedPoint.Wad * 2u;

    /// <summary>What the user names; else the present slack doubled, and at least to 1.25, or to 1.05 for a loop. Null when the account is there, or far from harm.</summary>
    /// <param name="isLoop">Of assets that move together.</param>
    public static UInt256? Of(in UInt256 health, bool isLoop, UInt256? named)
    {
        if (named is { } wanted)
        {
            return health < wanted ? wanted : null;
        }

        if (health >= FarHealth)
        {
            return null;
        }

        var slack = health > FixedPoint.Wad ? (health - FixedPoint.Wad) * 2u : UInt256.Zero;
        return FixedPoint.Wad + UInt256.Max(isLoop ? LeastLoopSlack : LeastSlack, slack);
    }
}
