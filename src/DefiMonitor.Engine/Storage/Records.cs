using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;

namespace DefiMonitor.Engine.Storage;

/// <summary>A loop's right to write. A paused process that wakes up with an old epoch cannot commit.</summary>
public sealed record Fence(string Loop, long Epoch);

/// <summary>Where a loop stands. <paramref name="Head"/> is the newest block folded, <paramref name="Judged"/> the newest whose reads came in.</summary>
/// <param name="Unhealthy">One sentence while the loop is broken; null when well.</param>
public sealed record Heartbeat(DateTimeOffset At, BlockHeader? Head, BlockHeader? Judged, string? Unhealthy)
{
    /// <summary>The last block at which each deployment's reads came in: how old a reading is must survive a restart.</summary>
    public IReadOnlyList<ReadMark> Reads { get; init; } = [];

    /// <summary>Second since which the node can't be read; null = it can.</summary>
    public ulong? BlindSince { get; init; }
}

/// <param name="Block">From which the age of the deployment's reads counts.</param>
public sealed record ReadMark(DeploymentId Deployment, BlockHeader Block);

public sealed record LoopRow(string Loop, long Epoch, Heartbeat? Beat);

/// <summary>One row as it stands at the finalized block; null bytes = it is gone.</summary>
public sealed record RowWrite(DeploymentId Deployment, string Table, byte[] Key, byte[]? Row);

/// <summary>Takes a stored row: table, key bytes, row bytes, which are gone when it returns.</summary>
public delegate void StoredRow(string table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> row);

public sealed record FinalizedLog(BlockHeader Block, Log Log);

/// <summary>Everything that became final: one transaction.</summary>
public sealed record FinalizedCommit
{
    public required ChainId Chain { get; init; }

    /// <summary>The block that disk stands at from now on.</summary>
    public required BlockHeader Block { get; init; }

    /// <summary>Value as of <see cref="Block"/> of every row that changed since the last checkpoint, in a stable order.</summary>
    public required IReadOnlyList<RowWrite> Rows { get; init; }

    /// <summary>Empty where the owner does not want raw logs kept.</summary>
    public IReadOnlyList<FinalizedLog> Logs { get; init; } = [];

    /// <summary>Accounts that are in as of <see cref="Block"/>.</summary>
    public IReadOnlyList<MarginAccountId> Entered { get; init; } = [];
}

/// <param name="Source">watch, discovery, import, command</param>
/// <param name="EnteredBlock">Finalized block at which the account was in; null = still waiting.</param>
/// <param name="FoundBlock">Block in which it was found, or the head when it was asked for: what happened up to then is not told of it. Null = before all blocks.</param>
public readonly record struct Candidate(MarginAccountId Account, string Source, DateTimeOffset AddedAt, ulong? EnteredBlock = null, ulong? FoundBlock = null);

/// <summary>One urgent transaction of a loop.</summary>
public sealed record JudgementCommit
{
    /// <summary>Wall clock of the commit.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Alert states that changed, told or not.</summary>
    public IReadOnlyList<AlertState> Alerts { get; init; } = [];

    public IReadOnlyList<RoutedTransition> Transitions { get; init; } = [];

    public IReadOnlyList<ReportRow> Reports { get; init; } = [];

    /// <summary>What the judge wants to be reminded of after a restart.</summary>
    public IReadOnlyList<AccountMemory> Memories { get; init; } = [];

    /// <summary>Parameters as people know them from now on.</summary>
    public IReadOnlyList<MarketMemory> Markets { get; init; } = [];

    /// <summary>Sequence numbers of transitions whose confirmation is answered.</summary>
    public IReadOnlyList<long> Confirmed { get; init; } = [];

    public IReadOnlyList<AppliedCommand> Commands { get; init; } = [];

    /// <summary>Mutes set; one whose end lies in the past lifts the mute.</summary>
    public IReadOnlyList<Mute> Mutes { get; init; } = [];

    /// <summary>The loop's sign of life, in the same transaction; null leaves the last one.</summary>
    public Heartbeat? Beat { get; init; }
}

/// <summary>A transition and the sinks that are to hear it; none = it stands on file and in the event stream only.</summary>
public sealed record RoutedTransition(AlertTransition Transition, IReadOnlyList<string> Sinks);

public sealed record StoredTransition(long Seq, AlertTransition Transition, DateTimeOffset CommittedAt);

public enum OutboxStatus
{
    Due,
    Sent,
    Dead,

    /// <summary>Not told: muted, or overtaken by a younger message of its alert while quiet hours held it. The reason stands in <see cref="OutboxRow.LastError"/>.</summary>
    Suppressed,

    /// <summary>Waits for the end of quiet hours.</summary>
    Held,
}

/// <summary>One message to one sink. The message id is stable over retries and restarts: the receiver dedupes by it.</summary>
/// <param name="Attempts">Sendings that failed.</param>
/// <param name="LastError">Redacted.</param>
/// <param name="Confirmation">What was said about the chain's own view when it was sent.</param>
public sealed record OutboxRow(
    string MessageId, string Sink, OutboxStatus Status, int Attempts, DateTimeOffset NextAt, string? LastError, string? Confirmation, StoredTransition Stored)
{
    /// <summary>True when it was told before and is told once more because nobody acknowledged it.</summary>
    public bool IsRepeat { get; init; }
}

/// <param name="OldestDueAt">When the oldest waiting message was committed; null = none waits.</param>
public sealed record OutboxHealth(string Sink, int Due, int Dead, DateTimeOffset? OldestDueAt);

/// <param name="Seq">Of the transition that went out unconfirmed.</param>
public sealed record PendingConfirmation(long Seq, string AlertId, MarginAccountId Account, DateTimeOffset AskedAt);

/// <param name="Loop">The loop that owns the alert: commands about it are addressed to it.</param>
public sealed record AlertRow(AlertState State, string Loop, DateTimeOffset UpdatedAt, AlertTransition? Last);

/// <param name="Level">The open distance alert's level, None when none is open.</param>
/// <param name="Sigmas">Distance to the nearest trigger in daily standard deviations (Model); null = no trigger or unknown.</param>
public sealed record ReportRow(MarginReport Report, AlertLevel Level, double? Sigmas, DateTimeOffset At)
{
    /// <summary>Where its health factor may move without anything to tell; kept so that a start need not look at everybody in full.</summary>
    public CalmBand Calm { get; init; } = CalmBand.None;
}

/// <param name="IsWhole">False: of others there is more on disk.</param>
public sealed record StoredMemories(IReadOnlyList<AccountMemory> Memories, bool IsWhole);

/// <summary>The head of a stored report.</summary>
/// <param name="BlockTime">Second of the block that it is of.</param>
public readonly record struct FiledReport(MarginAccountId Account, AlertLevel Level, MarginStatus Status, double? Sigmas, ulong BlockTime)
{
    public CalmBand Calm { get; init; } = CalmBand.None;
}

/// <summary>A page and where the next one starts; null = this was the last.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <param name="Key">An alert subject's text (<c>Account:aave-v3/…</c>) or an owner's address.</param>
public sealed record Mute(string Key, DateTimeOffset Until);

/// <param name="Verb">ack, mute, unmute, repair, watch</param>
/// <param name="Args">JSON object.</param>
public sealed record NewCommand(string Loop, string Verb, string Args, DateTimeOffset CreatedAt);

public sealed record StoredCommand(long Id, string Loop, string Verb, string Args, DateTimeOffset CreatedAt, DateTimeOffset? AppliedAt, string? Result);

public sealed record AppliedCommand(long Id, string Result);
