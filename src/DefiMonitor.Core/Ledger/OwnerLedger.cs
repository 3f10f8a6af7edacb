using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;

namespace DefiMonitor.Core.Ledger;

/// <summary>Everything that one owner has and owes, on all chains, looked through to root assets at one price each.</summary>
public sealed record OwnerLedger
{
    public required IReadOnlyList<LedgerLeg> Legs { get; init; }

    public required LedgerSummary Whole { get; init; }

    public required IReadOnlyList<ChainSummary> Chains { get; init; }

    /// <summary>What all of it moves by, root by root: loans and options together.</summary>
    public required IReadOnlyList<RootGreeks> Greeks { get; init; }

    /// <summary>Nearest first.</summary>
    public required IReadOnlyList<LedgerTrigger> Triggers { get; init; }

    public required MarketData Market { get; init; }

    /// <summary>Seconds between the oldest and the newest block; null where fewer than two chains could be read.</summary>
    public ulong? SkewSeconds { get; init; }

    /// <summary>The first to pull, or the account that may be the first because it could not be read; null = nothing is owed anywhere, or nothing that is can be pulled.</summary>
    public LedgerTrigger? Nearest => Triggers.Count > 0 && Triggers[0].Unarmed is null ? Triggers[0] : null;
}

/// <summary>One chain's part, at its one block.</summary>
/// <param name="SkewSeconds">How much older its block is than the newest of all chains; null when it could not be read.</param>
public sealed record ChainSummary(ChainId Chain, string Name, BlockHeader? Block, long? AgeSeconds, ulong? SkewSeconds, string? Unreadable, string? Stale, LedgerSummary Summary);
