using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

public enum TriggerKind
{
    PreLiquidation,
    Liquidation,
    BadDebt,
}

public enum EdgeSide
{
    /// <summary>The trigger pulls when the price falls to the edge.</summary>
    Falls,

    /// <summary>The trigger pulls when the price rises to the edge.</summary>
    Rises,
}

/// <summary>What can happen to the account and how far it is.</summary>
public sealed record Trigger
{
    public required TriggerKind Kind { get; init; }

    /// <summary>The threshold as the venue names it, wad (10^18 for a health factor of 1).</summary>
    public required UInt256 Threshold { get; init; }

    /// <summary>True when the condition holds now.</summary>
    public required bool Active { get; init; }

    /// <summary>Why it can't be pulled, whatever the price: one sentence. Null when it is armed.</summary>
    public string? Unarmed { get; init; }

    /// <summary>Why it is not known how far it is: one sentence. It may be the nearest of all. Null when it is known.</summary>
    public string? Unknown { get; init; }

    /// <summary>How the distances below came to be: what a model says of a move that no contract was asked about is an estimate.</summary>
    public ResultTag Tag { get; init; } = ResultTag.Exact;

    /// <summary>By how many ppm all implied volatilities must rise together to pull it; null where no rise does or the venue has none, 0 when active.</summary>
    public uint? VolatilityRisePpm { get; init; }

    /// <summary>
    /// By how many ppm every collateral that is not also debt must fall together to pull it, rounded so that this fall does pull it;
    /// null where no fall does, 0 when active.
    /// </summary>
    public uint? UniformFallPpm { get; init; }

    /// <summary>The edge for each single price, the others unchanged.</summary>
    public IReadOnlyList<PriceEdge> Edges { get; init; } = [];

    /// <summary>Seconds from the report's instant until interest alone pulls it at constant prices; null when more than a hundred years.</summary>
    public ulong? SecondsAtConstantPrices { get; init; }
}

/// <summary>The exact price at which one asset alone pulls the trigger, and today's, both in the venue's unit.</summary>
public sealed record PriceEdge(Address Asset, string Symbol, EdgeSide Side, UInt256 Price, UInt256 CurrentPrice)
{
    /// <summary>Distance in ppm of today's price, floored: (current - edge) / current, or (edge - current) / current.</summary>
    public ulong DistancePpm
    {
        get
        {
            if (CurrentPrice.IsZero)
            {
                return 0;
            }

            var gap = Side == EdgeSide.Falls
                ? (CurrentPrice > Price ? CurrentPrice - Price : UInt256.Zero)
                : (Price > CurrentPrice ? Price - CurrentPrice : UInt256.Zero);
            var ppm = UInt256.MulDiv(gap, 1_000_000UL, CurrentPrice, Rounding.Down);
            return ppm > (UInt256)ulong.MaxValue ? ulong.MaxValue : (ulong)ppm;
        }
    }
}
