using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;

namespace DefiMonitor.Engine.Loops;

/// <summary>Asks the venues that speak through an API in rounds, and tells what they say of the accounts. Its alerts go the way of all others.</summary>
public sealed class VenueLoop(VenueLoopParts parts) : IMonitorLoop
{
    private readonly AlertBook book = new(0);
    private readonly Dictionary<VenueAccountId, ulong> unknownSince = [];
    private Fence? fence;

    public string Name => LoopNames.Venues;

    public static TimeSpan UsualInterval { get; } = TimeSpan.FromSeconds(15);

    public TimeSpan Interval => UsualInterval;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        fence = await parts.Store.ClaimAsync(Name, cancellationToken);
        book.Load(await parts.Store.LatestAlertsAsync(Name, cancellationToken), [], new StoredMemories([], true));
        unknownSince.Clear();
    }

    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        foreach (var command in await parts.Store.PendingCommandsAsync(Name, cancellationToken))
        {
            var (state, answer) = Answer(command);
            await CommitAsync(new JudgementResult { Changed = state is null ? [] : [state], Transitions = [] }, new AppliedCommand(command.Id, answer), cancellationToken);
        }

        var reports = await parts.Read(cancellationToken);
        var now = (ulong)parts.Time.GetUtcNow().ToUnixTimeSeconds();
        await CommitAsync(
            parts.Judge.JudgeVenues(new VenueInput { Now = now, Sights = [.. reports.Select(report => See(report, now))], Alerts = book.States }), null, cancellationToken);
        return false;
    }

    public Task HintAsync(CancellationToken cancellationToken) => parts.Hint?.Invoke(cancellationToken) ?? Task.Delay(Timeout.InfiniteTimeSpan, parts.Time, cancellationToken);

    private VenueSight See(VenueReport report, ulong now)
    {
        if (report.Status != MarginStatus.Unknown)
        {
            unknownSince.Remove(report.Account);
            return new VenueSight(report, parts.OwnerOf(report.Account), null);
        }

        unknownSince.TryAdd(report.Account, Math.Min(report.ReadAt, now));
        return new VenueSight(report, parts.OwnerOf(report.Account), unknownSince[report.Account]);
    }

    private (AlertState? State, string Answer) Answer(StoredCommand command) =>
        command.Verb != ChainCommands.Acknowledge ? (null, "refused: this loop does not know the verb")
        : ChainCommands.Argument(command, "alertId") is { } id && book.Find(id) is { IsOpen: true } state ? (AlertMachine.Acknowledge(state), "acknowledged")
        : (null, "refused: there is no such open alert");

    private async Task CommitAsync(JudgementResult result, AppliedCommand? command, CancellationToken cancellationToken)
    {
        var now = parts.Time.GetUtcNow();
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
        book.Take(result.Changed, []);
        foreach (var transition in result.Transitions)
        {
            parts.Metrics.Transition(transition);
        }

        if (result.Transitions.Count > 0)
        {
            parts.Told?.Invoke();
        }
    }
}

/// <summary>What the loop is put together from.</summary>
public sealed record VenueLoopParts
{
    /// <summary>One round: what each venue says of each account. What went wrong is in the reports.</summary>
    public required Func<CancellationToken, Task<IReadOnlyList<VenueReport>>> Read { get; init; }

    /// <summary>Completes when a round is due before its time; null = never.</summary>
    public Func<CancellationToken, Task>? Hint { get; init; }

    /// <summary>By a name of owners.json.</summary>
    public required Func<VenueAccountId, string> OwnerOf { get; init; }

    public required IMonitorStore Store { get; init; }

    public required Judge Judge { get; init; }

    /// <summary>The sinks that hear a transition.</summary>
    public required Func<AlertTransition, IReadOnlyList<string>> Route { get; init; }

    public required MonitorMetrics Metrics { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Called after a commit that told something.</summary>
    public Action? Told { get; init; }
}
