using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using DefiMonitor.Core.Alerts;

namespace DefiMonitor.Engine.Telemetry;

/// <summary>
/// Every figure the monitor publishes about itself, on one meter. Instruments carry their Prometheus names, so an exporter maps nothing.
/// No series is per wallet: cardinality stays with the number of chains, sinks and loops.
/// </summary>
public sealed class MonitorMetrics : IDisposable
{
    public const string MeterName = "DefiMonitor";

    private static readonly string[] StageNames = [.. Enum.GetNames<BlockStage>().Select(static n => n.ToLowerInvariant())];
    private static readonly string[] DeliveryStageNames = [.. Enum.GetNames<DeliveryStage>().Select(static n => n.ToLowerInvariant())];

    private readonly Meter meter;
    private readonly ConcurrentDictionary<string, ChainGauges> chains = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SinkGauges> sinks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> loops = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Loop, AlertLevel Level), int> openAlerts = new();
    private readonly Counter<long> reorgs;
    private readonly Histogram<long> reorgDepth;
    private readonly Counter<long> reconciled;
    private readonly Counter<long> drifts;
    private readonly Counter<long> transitions;
    private readonly Counter<long> messages;
    private readonly Counter<long> restarts;
    private readonly Counter<long> judgedBlocks;
    private readonly Counter<long> unreadBlocks;
    private readonly Counter<long> malformedPending;
    private readonly Histogram<double> stage;
    private readonly Histogram<double> node;
    private readonly Histogram<double> headToDecision;
    private readonly Histogram<double> blockToDecision;
    private readonly Histogram<double> finalized;
    private readonly Histogram<double> decisionToDelivered;
    private readonly Histogram<double> delivery;

    /// <param name="meterName">Another one where two monitors of one process must not be added up.</param>
    public MonitorMetrics(string version = "0", string meterName = MeterName)
    {
        meter = new Meter(meterName);
        reorgs = meter.CreateCounter<long>("defimonitor_reorgs_detected_total", description: "Forks followed");
        reorgDepth = meter.CreateHistogram<long>("defimonitor_reorg_depth", "blocks", "Blocks undone by one fork");
        reconciled = meter.CreateCounter<long>("defimonitor_reconciled_total", description: "Accounts compared with the chain's own view");
        drifts = meter.CreateCounter<long>("defimonitor_drift_total", description: "Comparisons that disagreed");
        transitions = meter.CreateCounter<long>("defimonitor_alert_transitions_total", description: "Alert transitions committed");
        messages = meter.CreateCounter<long>("defimonitor_stream_messages_total", description: "Messages by sink and status: sent, retry, dead");
        restarts = meter.CreateCounter<long>("defimonitor_loop_restarts_total", description: "Loops restarted after an unexpected failure");
        judgedBlocks = meter.CreateCounter<long>("defimonitor_judged_blocks_total", description: "Blocks whose reads came in and whose accounts were judged");
        malformedPending = meter.CreateCounter<long>("defimonitor_pending_malformed_total", description: "Pending transactions to a followed feed that it would not take");
        unreadBlocks = meter.CreateCounter<long>("defimonitor_unread_blocks_total", description: "Head blocks of which a deployment could not be read");
        stage = meter.CreateHistogram<double>("defimonitor_block_stage_seconds", "s", "Our own time for one head by stage: follow, fold, enter, read, judge, commit");
        node = meter.CreateHistogram<double>("defimonitor_block_node_seconds", "s", "Wait for the node for one head, in the stages in which it was asked");
        headToDecision = meter.CreateHistogram<double>("defimonitor_head_to_decision_seconds", "s", "From the node's announcement of a head, or its answer where it announces none, to the committed judgement");
        blockToDecision = meter.CreateHistogram<double>("defimonitor_block_to_decision_seconds", "s", "From the block's own time to its committed judgement");
        finalized = meter.CreateHistogram<double>("defimonitor_finalized_commit_seconds", "s", "Writing what became final to the disk; the next head waits meanwhile");
        decisionToDelivered = meter.CreateHistogram<double>("defimonitor_decision_to_delivered_seconds", "s", "From commit to the sink's acceptance, without what quiet hours held and repeats");
        delivery = meter.CreateHistogram<double>("defimonitor_delivery_stage_seconds", "s", "Time of one delivered message by stage: queued, confirm, send");

        PerChain("defimonitor_head_age_seconds", "s", static g => g.HeadAgeSeconds);
        PerChain("defimonitor_blocks_behind", "blocks", static g => g.BlocksBehind);
        PerChain("defimonitor_block_checkpoint_lag", "blocks", static g => g.CheckpointLag);
        PerChain("defimonitor_accounts", "accounts", static g => g.Accounts);
        PerChain("defimonitor_unknown_accounts", "accounts", static g => g.UnknownAccounts);
        PerChain("defimonitor_waiting_accounts", "accounts", static g => g.WaitingAccounts);
        PerChain("defimonitor_oldest_read_blocks", "blocks", static g => g.OldestReadBlocks);
        PerChain("defimonitor_drifted_accounts", "accounts", static g => g.DriftedAccounts);
        PerChain("defimonitor_unchecked_markets", "markets", static g => g.UncheckedMarkets);
        PerChain("defimonitor_incomplete_markets", "markets", static g => g.IncompleteMarkets);
        PerChain("defimonitor_reconcile_coverage_ratio", "1", static g => g.CoverageRatio);
        PerSink("defimonitor_outbox_due", static g => g.Due);
        PerSink("defimonitor_outbox_dead", static g => g.Dead);
        PerSink("defimonitor_outbox_oldest_due_seconds", static g => g.OldestDueSeconds);
        meter.CreateObservableGauge("defimonitor_loop_healthy", () => loops.Select(static l => new Measurement<int>(l.Value ? 1 : 0, Tag("loop", l.Key))));
        meter.CreateObservableGauge("defimonitor_open_alerts", () => openAlerts.Select(static a =>
            new Measurement<int>(a.Value, Tag("loop", a.Key.Loop), Tag("level", a.Key.Level.ToString()))));
        meter.CreateObservableGauge("defimonitor_build_info", () => new Measurement<int>(1, Tag("version", version)));
    }

    public ChainGauges Chain(string chain) => chains.GetOrAdd(chain, static _ => new ChainGauges());

    /// <summary>The sinks of which something was said.</summary>
    public ICollection<string> Sinks => sinks.Keys;

    public SinkGauges Sink(string sink) => sinks.GetOrAdd(sink, static _ => new SinkGauges());

    public void Reorg(string chain, int depth)
    {
        reorgs.Add(1, Tag("network", chain));
        reorgDepth.Record(depth, Tag("network", chain));
    }

    public void Reconciled(string chain, int equal, int different)
    {
        reconciled.Add(equal + different, Tag("network", chain));
        drifts.Add(different, Tag("network", chain));
    }

    public void Judged(string chain, double? blockToDecisionSeconds)
    {
        judgedBlocks.Add(1, Tag("network", chain));
        if (blockToDecisionSeconds is { } seconds)
        {
            blockToDecision.Record(seconds, Tag("network", chain));
        }
    }

    /// <summary>The first judgement of a head is on disk.</summary>
    public void Decided(string chain, TimeSpan sinceAnnounced) => headToDecision.Record(sinceAnnounced.TotalSeconds, Tag("network", chain));

    /// <summary>One stage of that head.</summary>
    /// <param name="waited">For the node; zero = it was not asked.</param>
    public void Stage(string chain, BlockStage name, TimeSpan ours, TimeSpan waited)
    {
        var of = Tag("stage", StageNames[(int)name]);
        stage.Record(ours.TotalSeconds, Tag("network", chain), of);
        if (waited > TimeSpan.Zero)
        {
            node.Record(waited.TotalSeconds, Tag("network", chain), of);
        }
    }

    public void Finalized(string chain, TimeSpan took) => finalized.Record(took.TotalSeconds, Tag("network", chain));

    public void MalformedPending(string chain, long count) => malformedPending.Add(count, Tag("network", chain));

    public void Unread(string chain, string deployment) => unreadBlocks.Add(1, Tag("network", chain), Tag("deployment", deployment));

    public void Transition(AlertTransition transition) =>
        transitions.Add(1, Tag("rule", transition.Rule), Tag("kind", transition.Kind.ToString()), Tag("level", transition.Level.ToString()));

    public void OpenAlerts(string loop, AlertLevel level, int count) => openAlerts[(loop, level)] = count;

    /// <param name="status">sent, retry, dead</param>
    public void Message(string sink, string status) => messages.Add(1, Tag("sink", sink), Tag("status", status));

    /// <param name="confirm">Spent waiting for the chain's own view.</param>
    /// <param name="send">Spent waiting for the sink. What is left of the whole it was queued.</param>
    public void Delivered(string sink, TimeSpan sinceCommit, TimeSpan confirm, TimeSpan send)
    {
        // Between two processes goes the wall clock, which people set; within one the parts are right.
        var queued = sinceCommit - confirm - send;
        queued = queued > TimeSpan.Zero ? queued : TimeSpan.Zero;
        decisionToDelivered.Record((queued + confirm + send).TotalSeconds, Tag("sink", sink));
        Delivery(sink, DeliveryStage.Queued, queued);
        Delivery(sink, DeliveryStage.Confirm, confirm);
        Delivery(sink, DeliveryStage.Send, send);
    }

    public void LoopHealthy(string loop, bool healthy) => loops[loop] = healthy;

    public void LoopRestarted(string loop) => restarts.Add(1, Tag("loop", loop));

    public void Dispose() => meter.Dispose();

    private void Delivery(string sink, DeliveryStage name, TimeSpan took) =>
        delivery.Record(took.TotalSeconds, Tag("sink", sink), Tag("stage", DeliveryStageNames[(int)name]));

    private static KeyValuePair<string, object?> Tag(string key, object? value) => new(key, value);

    private void PerChain(string name, string unit, Func<ChainGauges, double> value) =>
        meter.CreateObservableGauge(name, () => chains.Select(c => new Measurement<double>(value(c.Value), Tag("network", c.Key))), unit);

    private void PerSink(string name, Func<SinkGauges, double> value) =>
        meter.CreateObservableGauge(name, () => sinks.Select(s => new Measurement<double>(value(s.Value), Tag("sink", s.Key))));
}
