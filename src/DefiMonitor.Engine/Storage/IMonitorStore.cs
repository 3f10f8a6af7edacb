using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;

namespace DefiMonitor.Engine.Storage;

/// <summary>
/// What is kept. Every method that takes a <see cref="Fence"/> is one transaction and throws <see cref="FencedException"/> when a newer
/// owner has claimed the loop; nothing of it is then written. Anything the database cannot do is a <see cref="StoreException"/> with one sentence.
/// </summary>
public interface IMonitorStore : IAsyncDisposable
{
    // ---- loops: who may write ----

    /// <summary>Raises the loop's epoch by one and returns it: every older holder is fenced off from now on.</summary>
    Task<Fence> ClaimAsync(string loop, CancellationToken cancellationToken = default);

    /// <summary>Says that the loop lives and where it stands.</summary>
    Task BeatAsync(Fence fence, Heartbeat beat, CancellationToken cancellationToken = default);

    Task<LoopRow?> LoopAsync(string loop, CancellationToken cancellationToken = default);

    Task<IReadOnlyList<LoopRow>> LoopsAsync(CancellationToken cancellationToken = default);

    // ---- chain state: memory is the head, disk is the finalized block ----

    /// <summary>The finalized block that the stored rows stand at; null where nothing was stored yet.</summary>
    Task<BlockHeader?> CheckpointAsync(ChainId chain, CancellationToken cancellationToken = default);

    /// <summary>Hands every stored row of the deployment to <paramref name="row"/>, table by table, in the order of the keys.</summary>
    Task LoadRowsAsync(DeploymentId deployment, StoredRow row, CancellationToken cancellationToken = default);

    Task CommitFinalizedAsync(Fence fence, FinalizedCommit commit, CancellationToken cancellationToken = default);

    /// <summary>Drops the chain's checkpoint, rows and raw logs, never its candidates or alerts: the accounts enter again by snapshot.</summary>
    Task DropStateAsync(Fence fence, ChainId chain, CancellationToken cancellationToken = default);

    /// <summary>Deletes raw logs of blocks below the number.</summary>
    Task<int> TrimLogsAsync(ChainId chain, ulong belowBlock, CancellationToken cancellationToken = default);

    /// <summary>Deletes what was done before the instant: messages sent, confirmations answered, commands applied, mutes ended. Alerts and transitions stay.</summary>
    Task<int> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken = default);

    // ---- candidates ----

    /// <summary>Stores who asks to enter; those already there are left as they are. Returns how many were new.</summary>
    Task<int> AddCandidatesAsync(Fence fence, IReadOnlyList<Candidate> candidates, CancellationToken cancellationToken = default);

    /// <summary>Hands out every candidate of the chain, in order of the account's text: there may be a million.</summary>
    Task LoadCandidatesAsync(ChainId chain, Action<Candidate> candidate, CancellationToken cancellationToken = default);

    // ---- judgements ----

    /// <summary>
    /// The urgent commit: alert states, transitions and their outbox rows, reports, commands applied, all or nothing, flushed to the disk before it returns.
    /// A transition already on file (same alert, same number) is a bug of the caller and throws. Returns the sequence number of each transition, in order.
    /// </summary>
    Task<IReadOnlyList<long>> CommitAsync(Fence fence, JudgementCommit commit, CancellationToken cancellationToken = default);

    /// <summary>The newest alert of every subject and rule that the loop owns, open or closed.</summary>
    Task<IReadOnlyList<AlertState>> LatestAlertsAsync(string loop, CancellationToken cancellationToken = default);

    /// <summary>Every alert of the chain under one rule that was opened above the block, open or closed, oldest first.</summary>
    Task<IReadOnlyList<AlertState>> AlertsAboveAsync(ChainId chain, string rule, ulong block, CancellationToken cancellationToken = default);

    /// <summary>What the judge remembers of a chain's accounts: of all where they are at most so many, else only of those that can't be read.</summary>
    Task<StoredMemories> MemoriesAsync(ChainId chain, int atMost, CancellationToken cancellationToken = default);

    /// <summary>What the judge remembers of these accounts; those of which it remembers nothing are left out.</summary>
    Task<IReadOnlyDictionary<MarginAccountId, AccountMemory>> MemoriesOfAsync(IReadOnlyCollection<MarginAccountId> accounts, CancellationToken cancellationToken = default);

    /// <summary>The parameters of a chain's markets as people know them.</summary>
    Task<IReadOnlyList<MarketMemory>> MarketsAsync(ChainId chain, CancellationToken cancellationToken = default);

    // ---- events and outbox ----

    /// <summary>Transitions with a higher sequence number, oldest first, at most <paramref name="limit"/> (500 or fewer).</summary>
    Task<IReadOnlyList<StoredTransition>> TransitionsAfterAsync(long seq, int limit, CancellationToken cancellationToken = default);

    Task<IReadOnlyList<StoredTransition>> TransitionsOfAsync(string alertId, CancellationToken cancellationToken = default);

    Task<long> LastSeqAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Rows of one sink whose time has come: the alert with the most urgent waiting row first, then in seq order. A row never overtakes an older one of the same alert: while that one waits for its retry,
    /// the younger ones wait too. Of one alert only the oldest undelivered row is returned.
    /// </summary>
    Task<IReadOnlyList<OutboxRow>> DueAsync(string sink, DateTimeOffset now, int limit, CancellationToken cancellationToken = default);

    Task MarkSentAsync(Fence fence, string messageId, DateTimeOffset at, string? confirmation, CancellationToken cancellationToken = default);

    /// <summary>Adds one attempt and sets when to try again. The error must already be redacted.</summary>
    Task MarkRetryAsync(Fence fence, string messageId, DateTimeOffset nextAt, string error, CancellationToken cancellationToken = default);

    Task MarkDeadAsync(Fence fence, string messageId, DateTimeOffset at, string error, CancellationToken cancellationToken = default);

    /// <summary>Dead letters, oldest first.</summary>
    Task<IReadOnlyList<OutboxRow>> DeadLettersAsync(int limit, CancellationToken cancellationToken = default);

    /// <summary>Makes a dead letter (null = all of them) due again with its attempts forgotten. Returns how many.</summary>
    Task<int> RequeueAsync(string? messageId, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>One row per sink: how many wait, since when, how many are dead.</summary>
    Task<IReadOnlyList<OutboxHealth>> OutboxHealthAsync(CancellationToken cancellationToken = default);

    // ---- confirmations: asked for by the outbox, answered by the chain's loop ----

    /// <summary>Remembers that a transition went out unconfirmed, so that its chain's loop tells the chain's own view later.</summary>
    Task AskConfirmationAsync(Fence fence, PendingConfirmation pending, CancellationToken cancellationToken = default);

    /// <summary>Unanswered ones of the chain, oldest first.</summary>
    Task<IReadOnlyList<PendingConfirmation>> PendingConfirmationsAsync(ChainId chain, CancellationToken cancellationToken = default);

    // ---- questions of API and CLI ----

    /// <summary>Newest first. <paramref name="cursor"/> is the <see cref="Page{T}.Next"/> of the page before; limit at most 500.</summary>
    Task<Page<AlertRow>> AlertsAsync(bool openOnly, string? cursor, int limit, CancellationToken cancellationToken = default);

    Task<AlertRow?> AlertAsync(string alertId, CancellationToken cancellationToken = default);

    /// <summary>The last stored report of each account, in order of the account's text.</summary>
    Task<Page<ReportRow>> ReportsAsync(string? cursor, int limit, CancellationToken cancellationToken = default);

    Task<ReportRow?> ReportAsync(MarginAccountId account, CancellationToken cancellationToken = default);

    /// <summary>Hands out the heads of the chain's stored reports, without their bodies, in order of the account's text.</summary>
    Task LoadFiledAsync(ChainId chain, Action<FiledReport> filed, CancellationToken cancellationToken = default);

    /// <summary>Mutes that have not ended.</summary>
    Task<IReadOnlyList<Mute>> MutesAsync(DateTimeOffset now, CancellationToken cancellationToken = default);

    // ---- commands ----

    /// <summary>Leaves a command for the loop that owns the matter; it is applied in one of that loop's own commits.</summary>
    Task<long> AddCommandAsync(NewCommand command, CancellationToken cancellationToken = default);

    /// <summary>Commands of one loop not yet applied, oldest first.</summary>
    Task<IReadOnlyList<StoredCommand>> PendingCommandsAsync(string loop, CancellationToken cancellationToken = default);

    Task<StoredCommand?> CommandAsync(long id, CancellationToken cancellationToken = default);
}
