using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;

namespace DefiMonitor.Engine.Outbox;

/// <summary>
/// Due messages -> the chain's own view (bounded wait) -> sink -> sent, later, or dead letter. At least once: a crash between sending and marking sends the
/// message again, with the same id. Single-threaded but for the sends themselves, which run side by side, one per sink.
/// </summary>
public sealed class OutboxLoop : IMonitorLoop
{
    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(5);

    private readonly IOutboxStore store;
    private readonly TimeProvider time;
    private readonly MonitorMetrics metrics;
    private readonly Func<ConfirmationDesk> newDesk;
    private readonly Func<ConfirmationDesk, IEnumerable<SinkLane>> newLanes;
    private readonly Escalation escalation;
    private readonly SemaphoreSlim nudged = new(0, 1);

    private Fence? fence;
    private List<SinkLane> lanes = [];
    private CancellationTokenSource? life;
    private DateTimeOffset nextBeat = DateTimeOffset.MinValue;

    public OutboxLoop(
        IOutboxStore store, IReadOnlyList<IAlertSink> sinks, IConfirmer confirmer, AlertEncoder encode, OutboxOptions options, TimeProvider time, MonitorMetrics metrics)
    {
        this.store = store;
        this.time = time;
        this.metrics = metrics;
        escalation = new Escalation(options.Escalation, store, time);
        var random = options.Seed is { } seed ? new Random(seed) : new Random();
        var retries = new RetryPlan(random);
        newDesk = () => new ConfirmationDesk(confirmer, store, time, TimeSpan.FromSeconds(options.Delivery.ConfirmSeconds));
        newLanes = desk => sinks.Select(sink => new SinkLane(sink, store, desk, encode, options, retries, time, metrics));
    }

    public string Name => LoopNames.Outbox;

    public TimeSpan Interval => TimeSpan.FromSeconds(1);

    /// <summary>Says that something was committed: the next step need not wait for the timer.</summary>
    public void Nudge()
    {
        if (nudged.CurrentCount == 0)
        {
            try
            {
                nudged.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else nudged in between: that is as good.
                return;
            }
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await EndLanesAsync();
        fence = await store.ClaimAsync(Name, cancellationToken);
        life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lanes = [.. newLanes(newDesk())];
        nextBeat = DateTimeOffset.MinValue;
        await BuryOrphansAsync(fence, cancellationToken);
    }

    /// <summary>Lets every idle lane work and returns when the first of the busy ones has done its part.</summary>
    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var mine = fence ?? throw new InvalidOperationException("The outbox was not started.");
        await ApplyCommandsAsync(mine, cancellationToken);
        await escalation.StepAsync(mine, cancellationToken);
        await BeatAsync(mine, cancellationToken);
        var now = time.GetUtcNow();
        foreach (var lane in lanes)
        {
            if (lane.Running is null && lane.NotBefore <= now)
            {
                lane.Running = lane.RunAsync(mine, life!.Token);
            }
        }

        var busy = lanes.Where(l => l.Running is not null).ToList();
        if (busy.Count == 0)
        {
            return false;
        }

        await Task.WhenAny(busy.Select(l => l.Running!)).WaitAsync(cancellationToken);
        var more = false;
        foreach (var lane in busy.Where(l => l.Running!.IsCompleted))
        {
            var run = lane.Running!;
            lane.Running = null;
            more |= await run;
        }

        return more;
    }

    /// <summary>Steps until nothing is due and no lane is busy; what waits for a later time waits.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (await StepAsync(cancellationToken) || lanes.Any(l => l.Running is not null))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public Task HintAsync(CancellationToken cancellationToken) => nudged.WaitAsync(cancellationToken);

    // Messages to a sink that the configuration no longer names would wait for ever and look like an outbox that is stuck.
    private async Task BuryOrphansAsync(Fence mine, CancellationToken cancellationToken)
    {
        foreach (var health in await store.OutboxHealthAsync(cancellationToken))
        {
            while (health.Due > 0 && lanes.TrueForAll(l => l.Name != health.Sink)
                && await store.DueAsync(health.Sink, time.GetUtcNow() + TimeSpan.FromDays(365), 500, cancellationToken) is { Count: > 0 } orphans)
            {
                foreach (var row in orphans)
                {
                    await store.MarkDeadAsync(mine, row.MessageId, time.GetUtcNow(), "sinks.json no longer names this sink", cancellationToken);
                }
            }
        }
    }

    private async Task EndLanesAsync()
    {
        if (life is null)
        {
            return;
        }

        await life.CancelAsync();
        foreach (var lane in lanes)
        {
            if (lane.Running is { } run)
            {
                // Its failure was told when the loop broke, or is our own cancelling.
                await run.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }

        life.Dispose();
        life = null;
        lanes = [];
    }

    private async Task BeatAsync(Fence mine, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now < nextBeat)
        {
            return;
        }

        nextBeat = now + BeatEvery;
        await store.BeatAsync(mine, new Heartbeat(now, null, null, null), cancellationToken);
        var rows = (await store.OutboxHealthAsync(cancellationToken)).ToDictionary(static row => row.Sink);
        foreach (var sink in metrics.Sinks.Union(rows.Keys))
        {
            // Where nothing waits there is no row: then the figures are 0, and not those of before.
            var (gauges, health) = (metrics.Sink(sink), rows.GetValueOrDefault(sink));
            gauges.Due = health?.Due ?? 0;
            gauges.Dead = health?.Dead ?? 0;
            gauges.OldestDueSeconds = health?.OldestDueAt is { } since ? (now - since).TotalSeconds : 0;
        }
    }

    // Mutes of everything belong to no chain's loop, so they are the outbox's own.
    private async Task ApplyCommandsAsync(Fence mine, CancellationToken cancellationToken)
    {
        var commands = await store.PendingCommandsAsync(Name, cancellationToken);
        foreach (var command in commands)
        {
            var (mute, result) = Read(command);
            await store.CommitAsync(
                mine,
                new JudgementCommit { At = time.GetUtcNow(), Commands = [new AppliedCommand(command.Id, result)], Mutes = mute is null ? [] : [mute] },
                cancellationToken);
        }
    }

    private static (Mute? Mute, string Result) Read(StoredCommand command) => (command.Verb, AlertCommands.Read(command)) switch
    {
        (AlertCommands.Mute, { Key: { } key, Until: { } until }) => (new Mute(key, until), $"muted until {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC"),
        (AlertCommands.Unmute, { Key: { } key }) => (new Mute(key, command.CreatedAt), "no longer muted"),
        _ => (null, $"refused: the outbox does not know '{HostileText.OneLine(command.Verb, 20)}' with these arguments"),
    };
}
