using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Feeds;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// One chain: every block is folded, only the newest is read and judged. Memory is the head, disk is the finalized block, the journal is the difference;
/// a crash at any point is a restart from the checkpoint, in silence up to the head, where everybody and every open alert is judged again.
/// </summary>
public sealed partial class ChainLoop : IMonitorLoop
{
    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(5);

    private readonly ChainLoopOptions options;
    private readonly ChainLoopParts parts;
    private readonly IReadOnlyList<IProtocol> protocols;
    private readonly IMonitorStore store;
    private readonly TimeProvider time;
    private readonly MonitorMetrics metrics;
    private readonly string network;
    private readonly ILogger logger;

    private readonly StateJournal journal;
    private readonly BlockFolder folder;
    private readonly Census census;
    private readonly HeadReader reader;
    private readonly Reconciler reconciler;
    private readonly CompletenessCheck completeness;
    private readonly FeedReads feeds;
    private readonly PendingWatch? mempool;
    private readonly AlertBook book;
    private readonly ParameterWatch watch;
    private readonly CanonicalRing ring = new();
    private readonly Whom whom;
    private readonly HeadInputs headInputs;
    private readonly FinalWriter final;
    private readonly BlockClock clock;

    private readonly HashSet<MarginAccountId> carried = [];
    private readonly Dictionary<DeploymentId, BlockHeader> reads = [];

    private Fence? fence;
    private BlockHeader? judged;
    private BlockHeader? freshHead;
    private long? lookedAt;

    /// <summary>Newest block of the process before this one; null once we are level with it.</summary>
    private BlockHeader? lastHead;
    private DateTimeOffset startedAt;
    private bool begun;

    /// <summary>True when blocks were undone since the last whole judgement, or nothing was judged since the start: whoever has an alert open is looked at again.</summary>
    private bool forked = true;
    private bool headPending;

    /// <summary>True when the last judgement kept something to itself because the whole chain was told to be blind.</summary>
    private bool heldBack;
    private bool unreadCounted;
    private ulong? blindSince;
    private string? blindReason;
    private DateTimeOffset? judgedAt;
    private DateTimeOffset? beatAt;
    private ulong? headGap;

    public ChainLoop(ChainLoopOptions options, ChainLoopParts parts)
    {
        this.options = options;
        this.parts = parts;
        protocols = parts.Protocols;
        store = parts.Store;
        time = parts.Time;
        metrics = parts.Metrics;
        logger = parts.Logger;
        network = options.Chain.ToString();
        Name = LoopNames.Chain(options.Chain);
        book = new AlertBook(options.MemoriesAtHand);
        journal = new StateJournal(protocols);
        census = new Census(protocols);
        folder = new BlockFolder(protocols, census, options.Discover, parts.Client);
        clock = new BlockClock(parts.Client, time, metrics, network);
        reader = new HeadReader(protocols, census, parts.Client, clock);
        reconciler = new Reconciler(protocols, census, options.ComparePerBlock);
        completeness = new CompletenessCheck(protocols, census, options, parts.Time);
        feeds = new FeedReads(options.Chain, options.Feeds, options.NextBlockSeconds, options.Pending);
        mempool = options.Pending && options.Feeds.Count > 0 ? new PendingWatch(time, options.PendingEvery) : null;
        watch = new ParameterWatch(protocols, census, journal, store, options.MaxReadAgeBlocks);
        whom = new Whom(protocols, census, book, options);
        filings = new Filings(census);
        headInputs = new HeadInputs(protocols, census, book, whom, options, store, reads, number => filings.TryGet(number, out _));
        final = new FinalWriter(options, store, journal, ring, () => Hanging, watch.FirstUntold, metrics, time);
    }

    public string Name { get; }

    /// <summary>The follower waits by itself; this only bounds it.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(1);

    public ChainId Chain => options.Chain;

    /// <summary>Newest block folded.</summary>
    public BlockHeader? Head => journal.Top?.Header ?? final.Checkpoint;

    /// <summary>Newest block that was read whole and judged, also by the process before this one.</summary>
    public BlockHeader? JudgedHead => judged;

    /// <summary>True when the newest block folded was read whole and judged since the start.</summary>
    public bool IsSettled => journal.Top is not null && !headPending && backlog.Count == 0;

    public ChainTally Tally { get; private set; } = new(0, 0, 0, 0, 0, 0);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        fence = await store.ClaimAsync(Name, cancellationToken);
        Forget();
        startedAt = time.GetUtcNow();
        await RepairIfAskedAsync(cancellationToken);
        var checkpoint = options.FreshEvery is null ? await store.CheckpointAsync(options.Chain, cancellationToken) : null;
        final.Begin(checkpoint);

        // Who is followed, and what was said of them, on one thread; what they hold on another. Neither touches what the other fills.
        var others = Task.Run(() => LoadPeopleAsync(checkpoint, cancellationToken), CancellationToken.None);
        try
        {
            if (checkpoint is not null)
            {
                foreach (var protocol in protocols)
                {
                    await LoadAsync(protocol, cancellationToken);
                }

                ring.Begin(checkpoint);
            }
        }
        finally
        {
            await others;
        }

        folder.Refresh();
        census.ReviewAll();
        if ((await store.LoopAsync(Name, cancellationToken))?.Beat is { } beat)
        {
            blindSince = beat.BlindSince;
            blindReason = beat.BlindSince is null ? null : beat.Unhealthy;
            judged = beat.Judged;
            lastHead = beat.Head;
            judgedAt ??= judged is null ? null : DateTimeOffset.FromUnixTimeSeconds((long)judged.Timestamp);
            foreach (var mark in beat.Reads)
            {
                reads[mark.Deployment] = mark.Block;
            }
        }

        watch.Learn(checkpoint, judged);
        parts.Follower.Start(checkpoint);
        begun = checkpoint is not null;
        Publish();
    }

    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        beatAt = time.GetUtcNow();
        await ApplyCommandsAsync(cancellationToken);
        if (options.FreshEvery is { } calm)
        {
            // Steps come more often than looks: commands and signs of life cost no calls.
            if (UntilLook(calm) == TimeSpan.Zero)
            {
                await LookAfreshAsync(cancellationToken);
            }
        }
        else if (await FollowAsync(cancellationToken))
        {
            // What the chain's "blind" alert stood for is told of each account as soon as that one is over, not at the next block.
            headPending |= heldBack && journal.Top is not null && !await IsToldBlindAsync(cancellationToken);
            headPending |= await SeesPendingAsync(cancellationToken);
            if (headPending)
            {
                await JudgeHeadAsync(cancellationToken);
            }
        }

        await final.WriteAsync(fence!, cancellationToken);

        // A start alone is no recovery: what stopped the loop may lie in the very next block.
        beatChanged |= stopped is not null;
        stopped = null;
        await BeatIfDueAsync(cancellationToken);
        Publish();
        return false;
    }

    public async Task BrokenAsync(string why, CancellationToken cancellationToken)
    {
        stopped = why;
        Publish();
        try
        {
            if (fence is not null)
            {
                await store.BeatAsync(fence, Beat() with { Unhealthy = why }, cancellationToken);
            }
        }
        catch (StoreException e)
        {
            LogCannotSay(Name, e.Message);
        }
    }

    public async Task HintAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> waits = [WaitForChainAsync(either.Token), WaitForCommandAsync(either.Token)];
        if (mempool is { IsOffered: true })
        {
            waits.Add(Task.Delay(options.PendingEvery, time, either.Token));
        }

        await Task.WhenAny(waits);
        await either.CancelAsync();
        try
        {
            await Task.WhenAll(waits);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The other of the two came first.
            return;
        }
    }

    private async Task WaitForChainAsync(CancellationToken cancellationToken)
    {
        if (options.FreshEvery is { } calm)
        {
            await Task.Delay(UntilLook(calm), time, cancellationToken);
            return;
        }

        if (headPending || backlog.Count > 0)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var head = parts.Follower.WaitForHeadAsync(TimeSpan.Zero, either.Token);
            await Task.WhenAny(head, Task.Delay(options.RetryEvery, time, either.Token));
            await either.CancelAsync();
            await head.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return;
        }

        await parts.Follower.WaitForHeadAsync(options.JudgeEvery, cancellationToken);
    }

    private IEnumerable<BlockRef> Hanging => book.Hanging.Concat(watch.Hanging);

    private void Forget()
    {
        journal.Clear();
        folder.Clear();
        census.Clear();
        reconciler.Clear();
        completeness.Clear();
        watch.Clear();
        mempool?.Clear();
        ring.Clear();
        whom.Clear();
        clock.Clear();
        backlog.Clear();
        carried.Clear();
        reads.Clear();
        headInputs.Clear();
        final.Begin(null);
        filings = new Filings(census);
        forked = true;
        nearest = [];
        unjudged = [];
        judged = null;
        freshHead = null;
        lookedAt = null;
        lastHead = null;
        begun = false;
        judgedAt = null;
        beatStored = null;
        beatChanged = false;
        blindSince = null;
        blindReason = null;
        headPending = false;
        heldBack = false;
        unreadCounted = false;
        depth = 0;
        headGap = null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Chain {Chain}: the node can't be read: {Why}")]
    private partial void LogBlind(string chain, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Chain {Chain}: the node can be read again")]
    private partial void LogSeeing(string chain);

    [LoggerMessage(Level = LogLevel.Error, Message = "Chain {Chain}: {Why}; its market is opened anew and every account of it read again")]
    private partial void LogDistrusted(string chain, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "Loop {Loop} can't even say that it broke: {Why}")]
    private partial void LogCannotSay(string loop, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Deployment} could not be read at block {Block}: {Why}")]
    private partial void LogUnread(DeploymentId deployment, ulong block, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Account} differs from the chain's own view at block {Block}: {Text}")]
    private partial void LogDrift(MarginAccountId account, ulong block, string text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Command {Id} {Verb}: {Result}")]
    private partial void LogCommand(long id, string verb, string result);
}
