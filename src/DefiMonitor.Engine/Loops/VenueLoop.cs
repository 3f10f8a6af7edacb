using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Engine.Loops;

/// <summary>Asks the venues that speak through an API in rounds, and tells what they say of the accounts. Its alerts go the way of all others.</summary>
public sealed partial class VenueLoop(VenueLoopParts parts) : IMonitorLoop
{
    // A round takes a minute or so at the most; what came before that is of another time.
    private const ulong MostAgeSeconds = 120;

    private readonly AlertBook book = new(0);

    /// <summary>Kept through restarts of the loop: one that breaks each minute would never say for how long nothing is known.</summary>
    private readonly Dictionary<VenueAccountId, ulong> unknownSince = [];

    /// <summary>A round may be of some accounts alone; of the others counts what was read before, while it is young.</summary>
    private readonly Dictionary<VenueAccountId, VenueReport> last = [];
    private volatile VenueVitals? vitals;
    private Fence? fence;
    private ulong? beatAt;
    private ulong? roundAt;
    private string? stopped;

    public string Name => LoopNames.Venues;

    public static TimeSpan UsualInterval { get; } = TimeSpan.FromSeconds(15);

    public TimeSpan Interval => UsualInterval;

    /// <summary>How the loop stands; safe to be read by other loops.</summary>
    public VenueVitals Vitals => vitals ?? new VenueVitals { Accounts = parts.Owners.Count };

    private ulong Now => (ulong)parts.Time.GetUtcNow().ToUnixTimeSeconds();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        beatAt = Now;
        roundAt ??= beatAt;
        Publish();
        fence = await parts.Store.ClaimAsync(Name, cancellationToken);
        book.Load(await parts.Store.LatestAlertsAsync(Name, cancellationToken), [], new StoredMemories([], true));
    }

    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        beatAt = Now;
        Publish();
        foreach (var command in await parts.Store.PendingCommandsAsync(Name, cancellationToken))
        {
            var (state, answer) = Answer(command);
            await CommitAsync(new JudgementResult { Changed = state is null ? [] : [state], Transitions = [] }, new AppliedCommand(command.Id, answer), cancellationToken);
        }

        foreach (var report in await parts.Read(cancellationToken))
        {
            last[report.Account] = report;
        }

        var now = Now;
        List<VenueSight> sights = [.. parts.Owners.Select(watched => See(watched.Key, watched.Value, last.GetValueOrDefault(watched.Key), now))];
        await CommitAsync(parts.Judge.JudgeVenues(new VenueInput { Now = now, Sights = sights, Alerts = book.States }), null, cancellationToken);

        // Only now: what was not committed was told to nobody.
        foreach (var sight in sights.Where(static sight => sight.UnknownSince is null))
        {
            unknownSince.Remove(sight.Report.Account);
        }

        beatAt = roundAt = Now;
        stopped = null;
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
                await parts.Store.BeatAsync(fence, new Heartbeat(parts.Time.GetUtcNow(), null, null, why), cancellationToken);
            }
        }
        catch (StoreException e)
        {
            LogCannotSay(parts.Logger, Name, e.Message);
        }
    }

    public Task HintAsync(CancellationToken cancellationToken) => parts.Hint?.Invoke(cancellationToken) ?? Task.Delay(Timeout.InfiniteTimeSpan, parts.Time, cancellationToken);

    private VenueSight See(VenueAccountId account, string owner, VenueReport? told, ulong now)
    {
        var report = told ?? new VenueReport { Account = account, Status = MarginStatus.Unknown, UnknownReason = "Nothing was read of it yet.", ReadAt = now };
        if (report.Status != MarginStatus.Unknown && now > report.ReadAt + MostAgeSeconds)
        {
            report = report with { Status = MarginStatus.Unknown, UnknownReason = $"It was read {now - report.ReadAt} s ago; beyond {MostAgeSeconds} s that is not believed." };
        }

        if (report.Status != MarginStatus.Unknown)
        {
            return new VenueSight(report, owner, null);
        }

        unknownSince.TryAdd(account, Math.Min(report.ReadAt, now));
        return new VenueSight(report, owner, unknownSince[account]);
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

    private void Publish() => vitals = new VenueVitals
    {
        LoopBeatAt = beatAt,
        LoopStopped = stopped,
        RoundAt = roundAt,
        Accounts = parts.Owners.Count,
        Flagged = book.OpenUnder(Rules.VenueMargin).Count(),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Loop {Loop} can't even say that it broke: {Why}")]
    private static partial void LogCannotSay(ILogger logger, string loop, string why);
}

/// <summary>What the loop is put together from.</summary>
public sealed record VenueLoopParts
{
    /// <summary>One round: what each venue says of each account, or of those that can't wait. What went wrong is in the reports.</summary>
    public required Func<CancellationToken, Task<IReadOnlyList<VenueReport>>> Read { get; init; }

    /// <summary>Completes when a round is due before its time; null = never.</summary>
    public Func<CancellationToken, Task>? Hint { get; init; }

    /// <summary>The accounts that are watched, each with a name of owners.json. What stands open of others is closed.</summary>
    public required IReadOnlyDictionary<VenueAccountId, string> Owners { get; init; }

    public required IMonitorStore Store { get; init; }

    public required Judge Judge { get; init; }

    /// <summary>The sinks that hear a transition.</summary>
    public required Func<AlertTransition, IReadOnlyList<string>> Route { get; init; }

    public required MonitorMetrics Metrics { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Called after a commit that told something.</summary>
    public Action? Told { get; init; }
}
