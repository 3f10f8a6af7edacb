using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;

namespace DefiMonitor.Engine.Loops;

/// <summary>
/// A timer, because silence makes no events: chains that are late or blind, loops that are dead, figures that differ from the chain's, an outbox
/// that is stuck. Its alerts go the way of all others.
/// </summary>
public sealed class WatchLoop(WatchLoopParts parts) : IMonitorLoop
{
    /// <summary>Verb: a test message that goes the whole way. Argument <c>level</c>, default Warning.</summary>
    public const string TestVerb = "test";

    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(15);

    // Only a stuck outbox is looked into.
    private const ulong LookIntoAfterSeconds = 30;

    private readonly AlertBook book = new(0);
    private Fence? fence;
    private DateTimeOffset? beatAt;

    public string Name => LoopNames.Watch;

    public TimeSpan Interval => TimeSpan.FromSeconds(5);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        fence = await parts.Store.ClaimAsync(Name, cancellationToken);
        book.Load(await parts.Store.LatestAlertsAsync(Name, cancellationToken), [], new StoredMemories([], true));
        beatAt = null;
    }

    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        await ApplyCommandsAsync(cancellationToken);
        var now = parts.Time.GetUtcNow();
        var result = parts.Judge.JudgeWatch(new WatchInput
        {
            Now = (ulong)now.ToUnixTimeSeconds(),
            Chains = [.. parts.Chains.Select(static c => c())],
            Venues = parts.Venues?.Invoke(),
            Outbox = await OutboxAsync(now, cancellationToken),
            Alerts = book.States,
        });
        await CommitAsync(result, null, now, cancellationToken);
        return false;
    }

    public Task HintAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, parts.Time, cancellationToken);

    private async Task CommitAsync(JudgementResult result, AppliedCommand? command, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var beats = beatAt is not { } last || now - last >= BeatEvery;
        if (result.Changed.Count == 0 && result.Transitions.Count == 0 && command is null && !beats)
        {
            return;
        }

        await parts.Store.CommitAsync(
            fence!,
            new JudgementCommit
            {
                At = now,
                Alerts = result.Changed,
                Transitions = [.. result.Transitions.Select(t => new RoutedTransition(t, parts.Route(t)))],
                Commands = command is null ? [] : [command],
                Beat = new Heartbeat(now, null, null, null),
            },
            cancellationToken);
        beatAt = now;
        book.Take(result.Changed, []);
        foreach (var transition in result.Transitions)
        {
            parts.Metrics.Transition(transition);
        }

        foreach (var level in Enum.GetValues<AlertLevel>())
        {
            if (level != AlertLevel.None)
            {
                parts.Metrics.OpenAlerts(Name, level, book.OpenAt(level));
            }
        }

        if (result.Transitions.Count > 0)
        {
            parts.Told?.Invoke();
        }
    }

    private async Task<OutboxVitals> OutboxAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var waiting = 0;
        var dead = 0;
        DateTimeOffset? oldest = null;
        var urgent = false;
        var texts = new List<string>();
        foreach (var sink in await parts.Store.OutboxHealthAsync(cancellationToken))
        {
            waiting += sink.Due;
            dead += sink.Dead;
            oldest = sink.OldestDueAt is { } at && (oldest is null || at < oldest) ? at : oldest;
            if (sink.OldestDueAt is { } since && (now - since).TotalSeconds >= LookIntoAfterSeconds)
            {
                var rows = await parts.Store.DueAsync(sink.Sink, DateTimeOffset.MaxValue, 500, cancellationToken);
                urgent |= rows.Any(static r => r.Stored.Transition.Level >= AlertLevel.Critical);
                texts.Add($"{sink.Sink}: {rows.Select(static r => r.LastError).FirstOrDefault(static e => e is not null) ?? "no attempt has failed yet"}");
            }
        }

        return new OutboxVitals
        {
            Waiting = waiting,
            DeadLetters = dead,
            OldestWaitingSince = oldest is { } first ? (ulong)first.ToUnixTimeSeconds() : null,
            UrgentWaiting = urgent,
            Text = texts.Count == 0 ? null : string.Join("; ", texts),
        };
    }

    private async Task ApplyCommandsAsync(CancellationToken cancellationToken)
    {
        foreach (var command in await parts.Store.PendingCommandsAsync(Name, cancellationToken))
        {
            var now = parts.Time.GetUtcNow();
            var (result, answer) = Answer(command, now);
            await CommitAsync(result, new AppliedCommand(command.Id, answer), now, cancellationToken);
        }
    }

    private (JudgementResult Result, string Answer) Answer(StoredCommand command, DateTimeOffset now)
    {
        var nothing = new JudgementResult { Changed = [], Transitions = [] };
        switch (command.Verb)
        {
            case TestVerb:
                var level = Enum.TryParse<AlertLevel>(ChainCommands.Argument(command, "level"), ignoreCase: true, out var asked) && asked != AlertLevel.None ? asked : AlertLevel.Warning;
                var test = Judge.Test((ulong)now.ToUnixTimeSeconds(), level);
                return book.Find(test.Changed[0].AlertId) is null
                    ? (test, "the test is in the outbox")
                    : (nothing, "refused: one test a second is enough");
            case ChainCommands.Acknowledge when ChainCommands.Argument(command, "alertId") is { } id && book.Find(id) is { IsOpen: true } state:
                return (nothing with { Changed = [AlertMachine.Acknowledge(state)] }, "acknowledged");
            case ChainCommands.Acknowledge:
                return (nothing, "refused: there is no such open alert");
            default:
                return (nothing, "refused: this loop does not know the verb");
        }
    }
}

/// <summary>What the watch is put together from.</summary>
public sealed record WatchLoopParts
{
    /// <summary>How each chain stands: <see cref="ChainLoop.Vitals"/>.</summary>
    public required IReadOnlyList<Func<ChainVitals>> Chains { get; init; }

    /// <summary>How the loop that asks the venues stands: <see cref="VenueLoop.Vitals"/>; null = none is watched.</summary>
    public Func<VenueVitals>? Venues { get; init; }

    public required IMonitorStore Store { get; init; }

    public required Judge Judge { get; init; }

    /// <summary>The sinks that hear a transition.</summary>
    public required Func<AlertTransition, IReadOnlyList<string>> Route { get; init; }

    public required MonitorMetrics Metrics { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Called after a commit that told something.</summary>
    public Action? Told { get; init; }
}
