using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Ledger;

/// <summary>A perpetual leg, whose value is the profit that a settlement would pay. For sums it is what replicates it, as with an option: all of its size in the root, the rest in what it is paid in.</summary>
public sealed record LedgerPerpetual
{
    /// <summary>Units of what it is written on, 18 decimals.</summary>
    public required UInt256 Size { get; init; }

    public required bool IsLong { get; init; }

    /// <summary>That the perpetual's price moves as the root's does.</summary>
    public ResultTag Tag => ResultTag.Model;

    /// <summary>Whole units of the leg's root, a short below 0. Null, as all below, where the leg is not priced.</summary>
    public double? Delta { get; init; }

    /// <summary><see cref="Delta"/> in dollars.</summary>
    public double? DeltaValue { get; init; }

    /// <summary>The root of what it is paid in.</summary>
    public string? QuoteRoot { get; init; }

    public string? QuoteFactor { get; init; }

    /// <summary>The ledger's price of one whole unit of <see cref="QuoteRoot"/>, in dollars.</summary>
    public double? QuotePrice { get; init; }
}
