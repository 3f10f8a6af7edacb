using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Engine.Alerting;

/// <summary>What a timer sees of the chains and of the monitor itself, because silence makes no events.</summary>
public sealed record WatchInput
{
    /// <summary>Seconds since 1970.</summary>
    public required ulong Now { get; init; }

    public required IReadOnlyList<ChainVitals> Chains { get; init; }

    /// <summary>The loop that asks the venues that speak through an API; null = none is watched.</summary>
    public VenueVitals? Venues { get; init; }

    public OutboxVitals Outbox { get; init; } = new();

    /// <summary>The stored state of every alert of chains, markets and the monitor, closed ones included.</summary>
    public required IReadOnlyDictionary<AlertKey, AlertState> Alerts { get; init; }
}

/// <summary>One chain as the timer finds it.</summary>
public sealed record ChainVitals
{
    public required ChainId Chain { get; init; }

    /// <summary>The newest block known; null = none yet.</summary>
    public BlockHeader? Head { get; init; }

    /// <summary>Seconds between the newest block and the one before it; null = not known.</summary>
    public ulong? HeadGapSeconds { get; init; }

    /// <summary>Seconds from one block to the next, as configured.</summary>
    public required ulong BlockSeconds { get; init; }

    /// <summary>Second since which the node cannot be read, and why; null = it can.</summary>
    public ulong? BlindSince { get; init; }

    public string? BlindReason { get; init; }

    /// <summary>Second of the last judged block's commit; null = none yet.</summary>
    public ulong? JudgedAt { get; init; }

    /// <summary>Second at which the loop last showed life; null = it has not started.</summary>
    public ulong? LoopBeatAt { get; init; }

    /// <summary>Why the loop stopped; null = it runs.</summary>
    public string? LoopStopped { get; init; }

    /// <summary>Accounts watched on this chain.</summary>
    public int Accounts { get; init; }

    /// <summary>The watched accounts with debt, as last judged; those near the edge decide how loud silence is. Made as they are gone through: there may be a million.</summary>
    public IEnumerable<StandingAccount> Standing { get; init; } = [];

    /// <summary>Deployments whose figures were compared with the chain's own.</summary>
    public IReadOnlyList<DriftVitals> Drift { get; init; } = [];

    /// <summary>Deployments whose borrowers are all followed, and whether their debts add up to the contract's totals.</summary>
    public IReadOnlyList<CompletenessVitals> Completeness { get; init; } = [];
}

/// <param name="Block">Where it was looked at last.</param>
/// <param name="Equations">Debts whose sum was held against the contract's total.</param>
/// <param name="Broken">How many of them did not add up.</param>
/// <param name="Text">The first of those in words.</param>
public sealed record CompletenessVitals(DeploymentId Deployment, BlockHeader Block, int Equations, int Broken, string? Text);

/// <param name="Sigmas">Distance as last read; null = not known.</param>
/// <param name="Level">Level of its distance alert.</param>
public sealed record StandingAccount(MarginAccountId Account, string? OwnerName, double? Sigmas, AlertLevel Level);

/// <param name="Compared">Accounts compared in the last round; 0 = nothing could be compared, which says nothing either way.</param>
/// <param name="Different">How many of them differ from the chain.</param>
/// <param name="VerdictDiffers">True when one of them is liquidatable by one side's figures only.</param>
/// <param name="Text">The first difference in words.</param>
public sealed record DriftVitals(DeploymentId Deployment, int Compared, int Different, bool VerdictDiffers, string? Text);

/// <summary>The loop that asks the venues that speak through an API, as the timer finds it.</summary>
public sealed record VenueVitals
{
    /// <summary>Second at which the loop last showed life; null = it has not started.</summary>
    public ulong? LoopBeatAt { get; init; }

    /// <summary>Why the loop stopped; null = it runs.</summary>
    public string? LoopStopped { get; init; }

    /// <summary>Second at which the last round was told, or the loop began.</summary>
    public ulong? RoundAt { get; init; }

    /// <summary>Accounts watched.</summary>
    public int Accounts { get; init; }

    /// <summary>Accounts of which the venue's own word has an alert open.</summary>
    public int Flagged { get; init; }
}

/// <summary>The outbox as the timer finds it.</summary>
public sealed record OutboxVitals
{
    /// <summary>Second at which the oldest undelivered message was committed; null = all are delivered.</summary>
    public ulong? OldestWaitingSince { get; init; }

    public int Waiting { get; init; }

    public int DeadLetters { get; init; }

    /// <summary>True when a message of level Critical or above is among the waiting ones.</summary>
    public bool UrgentWaiting { get; init; }

    /// <summary>The sinks that do not take messages, and why; scheme and host only.</summary>
    public string? Text { get; init; }
}
