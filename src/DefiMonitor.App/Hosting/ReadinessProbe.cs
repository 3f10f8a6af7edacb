using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;

namespace DefiMonitor.App.Hosting;

/// <summary>Looks at everything that could make the figures old or keep a message from arriving. Asks the store and the loops, never a node.</summary>
public sealed class ReadinessProbe(
    IReadOnlyList<(ChainSettings Settings, CallPlan Plan)> chains, RuleBook rules, IMonitorStore store, MonitorMetrics metrics, Func<IReadOnlyList<LoopHealth>> loops, TimeProvider time)
{
    public async Task<Readiness> LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var checks = new List<ReadinessCheck>();
        try
        {
            var rows = await store.LoopsAsync(cancellationToken);
            foreach (var (chain, plan) in chains)
            {
                checks.Add(Head(chain, plan, rows.FirstOrDefault(r => r.Loop == LoopNames.Chain(chain.Chain))?.Beat, now));
                var gauges = metrics.Chain(chain.Chain.ToString());
                checks.Add(Unknown(chain, gauges));
                checks.Add(Drift(chain, gauges));
                checks.Add(Complete(chain, gauges));
            }

            foreach (var sink in await store.OutboxHealthAsync(cancellationToken))
            {
                checks.Add(Outbox(sink, now));
            }
        }
        catch (StoreException e)
        {
            checks.Add(new("store", "database", ReadinessStatus.Stale, null, null, e.Message));
        }

        foreach (var loop in loops())
        {
            checks.Add(Loop(loop, now));
        }

        return new Readiness(checks.Count == 0 ? ReadinessStatus.Ok : checks.Max(c => c.Status), now, checks);
    }

    // A loop that hangs breaks nothing and says nothing.
    private ReadinessCheck Loop(LoopHealth loop, DateTimeOffset now)
    {
        var hangs = loop.LastStepAt is { } at && (now - at).TotalSeconds > rules.LoopDeadAfterSeconds + loop.Interval.TotalSeconds
            ? $"its last step came to its end at {at:HH:mm:ss} UTC"
            : null;
        var wrong = loop.Unhealthy ?? hangs;
        return new("loop", loop.Loop, wrong is null ? ReadinessStatus.Ok : ReadinessStatus.Stale, loop.Restarts, null, wrong ?? "runs");
    }

    private static ReadinessCheck Unknown(ChainSettings chain, ChainGauges gauges)
    {
        var status = gauges.UnknownAccounts == 0 ? ReadinessStatus.Ok
            : gauges.UnknownAccounts >= gauges.Accounts ? ReadinessStatus.Stale
            : ReadinessStatus.Degraded;
        return new("unknown-accounts", chain.Chain.ToString(), status, gauges.UnknownAccounts, 0, $"{gauges.UnknownAccounts} of {gauges.Accounts} accounts can't be read");
    }

    private static ReadinessCheck Drift(ChainSettings chain, ChainGauges gauges) =>
        new("drift", chain.Chain.ToString(), gauges.DriftedAccounts == 0 ? ReadinessStatus.Ok : ReadinessStatus.Degraded, gauges.DriftedAccounts, 0, $"{gauges.DriftedAccounts} accounts differ from the chain's own figures");

    private static ReadinessCheck Complete(ChainSettings chain, ChainGauges gauges) =>
        new("complete", chain.Chain.ToString(), gauges.IncompleteMarkets == 0 ? ReadinessStatus.Ok : ReadinessStatus.Degraded, gauges.IncompleteMarkets, 0, $"{gauges.IncompleteMarkets} markets have debt outside the list of their borrowers");

    private ReadinessCheck Head(ChainSettings chain, CallPlan plan, Heartbeat? beat, DateTimeOffset now)
    {
        // On a stretched cadence a figure is as old as the pause between two looks, by intent; two of them are not.
        var limit = Math.Ceiling(Math.Max(rules.LateMinimumSeconds, Math.Max(rules.LateFactor * chain.NextBlockSeconds, 2 * plan.LookSeconds)));
        if (beat?.Judged is not { } judged)
        {
            return new("head-age", chain.Chain.ToString(), ReadinessStatus.Stale, null, limit, "no block has been judged yet");
        }

        // The age of what was judged, not of what the node calls its head: a loop that stands still must show.
        var age = Math.Max(0, now.ToUnixTimeSeconds() - (long)judged.Timestamp);
        return new("head-age", chain.Chain.ToString(), age <= limit ? ReadinessStatus.Ok : ReadinessStatus.Stale, age, limit, $"block {judged.Ref} is {age} s old");
    }

    private ReadinessCheck Outbox(OutboxHealth sink, DateTimeOffset now)
    {
        var age = sink.OldestDueAt is { } since ? Math.Max(0, (now - since).TotalSeconds) : 0;
        var status = age > rules.OutboxStuckAfterSeconds ? ReadinessStatus.Stale : sink.Dead > 0 ? ReadinessStatus.Degraded : ReadinessStatus.Ok;
        return new("outbox", sink.Sink, status, Math.Round(age, 1), rules.OutboxStuckAfterSeconds, $"{sink.Due} messages wait, {sink.Dead} are dead letters");
    }
}
