using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Tests.Ethereum;

namespace DefiMonitor.Tests.Simulation;

/// <summary>The process dies here. Whatever was in memory is gone.</summary>
internal sealed class CrashException(string where) : Exception($"crash {where}");

/// <summary>When the process dies: asked before and after every commit.</summary>
internal sealed class CrashPlan
{
    private int count;

    public Func<int, bool> Dies { get; set; } = static _ => false;

    /// <summary>Points passed so far: two for every commit.</summary>
    public int Passed => count;

    public void Point(string where)
    {
        if (Dies(count++))
        {
            throw new CrashException(where);
        }
    }
}

/// <summary>A store in front of which, and behind which, the process may die.</summary>
internal sealed class CrashingStore(IMonitorStore inner, CrashPlan plan) : IMonitorStore
{
    public Task<Fence> ClaimAsync(string loop, CancellationToken cancellationToken = default) => Around("claim", () => inner.ClaimAsync(loop, cancellationToken));

    public Task BeatAsync(Fence fence, Heartbeat beat, CancellationToken cancellationToken = default) => Around("beat", () => inner.BeatAsync(fence, beat, cancellationToken));

    public Task CommitFinalizedAsync(Fence fence, FinalizedCommit commit, CancellationToken cancellationToken = default) =>
        Around("finalize", () => inner.CommitFinalizedAsync(fence, commit, cancellationToken));

    public Task DropStateAsync(Fence fence, ChainId chain, CancellationToken cancellationToken = default) => Around("drop", () => inner.DropStateAsync(fence, chain, cancellationToken));

    public Task<int> TrimLogsAsync(ChainId chain, ulong belowBlock, CancellationToken cancellationToken = default) => Around("trim", () => inner.TrimLogsAsync(chain, belowBlock, cancellationToken));

    public Task<int> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => Around("trim", () => inner.TrimAsync(before, cancellationToken));

    public Task<int> AddCandidatesAsync(Fence fence, IReadOnlyList<Candidate> candidates, CancellationToken cancellationToken = default) =>
        Around("candidates", () => inner.AddCandidatesAsync(fence, candidates, cancellationToken));

    public Task<IReadOnlyList<long>> CommitAsync(Fence fence, JudgementCommit commit, CancellationToken cancellationToken = default) =>
        Around("commit", () => inner.CommitAsync(fence, commit, cancellationToken));

    public Task MarkSentAsync(Fence fence, string messageId, DateTimeOffset at, string? confirmation, CancellationToken cancellationToken = default) =>
        Around("sent", () => inner.MarkSentAsync(fence, messageId, at, confirmation, cancellationToken));

    public Task MarkRetryAsync(Fence fence, string messageId, DateTimeOffset nextAt, string error, CancellationToken cancellationToken = default) =>
        Around("retry", () => inner.MarkRetryAsync(fence, messageId, nextAt, error, cancellationToken));

    public Task MarkDeadAsync(Fence fence, string messageId, DateTimeOffset at, string error, CancellationToken cancellationToken = default) =>
        Around("dead", () => inner.MarkDeadAsync(fence, messageId, at, error, cancellationToken));

    public Task<int> RequeueAsync(string? messageId, DateTimeOffset now, CancellationToken cancellationToken = default) => Around("requeue", () => inner.RequeueAsync(messageId, now, cancellationToken));

    public Task AskConfirmationAsync(Fence fence, PendingConfirmation pending, CancellationToken cancellationToken = default) =>
        Around("ask", () => inner.AskConfirmationAsync(fence, pending, cancellationToken));

    public Task<long> AddCommandAsync(NewCommand command, CancellationToken cancellationToken = default) => Around("command", () => inner.AddCommandAsync(command, cancellationToken));

    public Task<LoopRow?> LoopAsync(string loop, CancellationToken cancellationToken = default) => inner.LoopAsync(loop, cancellationToken);

    public Task<IReadOnlyList<LoopRow>> LoopsAsync(CancellationToken cancellationToken = default) => inner.LoopsAsync(cancellationToken);

    public Task<BlockHeader?> CheckpointAsync(ChainId chain, CancellationToken cancellationToken = default) => inner.CheckpointAsync(chain, cancellationToken);

    public Task LoadRowsAsync(DeploymentId deployment, StoredRow row, CancellationToken cancellationToken = default) => inner.LoadRowsAsync(deployment, row, cancellationToken);

    public Task LoadCandidatesAsync(ChainId chain, Action<Candidate> candidate, CancellationToken cancellationToken = default) => inner.LoadCandidatesAsync(chain, candidate, cancellationToken);

    public Task<IReadOnlyList<Core.Alerts.AlertState>> LatestAlertsAsync(string loop, CancellationToken cancellationToken = default) => inner.LatestAlertsAsync(loop, cancellationToken);

    public Task<StoredMemories> MemoriesAsync(ChainId chain, int atMost, CancellationToken cancellationToken = default) => inner.MemoriesAsync(chain, atMost, cancellationToken);

    public Task<IReadOnlyDictionary<MarginAccountId, AccountMemory>> MemoriesOfAsync(IReadOnlyCollection<MarginAccountId> accounts, CancellationToken cancellationToken = default) => inner.MemoriesOfAsync(accounts, cancellationToken);

    public Task<IReadOnlyList<MarketMemory>> MarketsAsync(ChainId chain, CancellationToken cancellationToken = default) => inner.MarketsAsync(chain, cancellationToken);

    public Task<IReadOnlyList<StoredTransition>> TransitionsAfterAsync(long seq, int limit, CancellationToken cancellationToken = default) => inner.TransitionsAfterAsync(seq, limit, cancellationToken);

    public Task<IReadOnlyList<StoredTransition>> TransitionsOfAsync(string alertId, CancellationToken cancellationToken = default) => inner.TransitionsOfAsync(alertId, cancellationToken);

    public Task<IReadOnlyList<Core.Alerts.AlertState>> AlertsAboveAsync(ChainId chain, string rule, ulong block, CancellationToken cancellationToken = default) => inner.AlertsAboveAsync(chain, rule, block, cancellationToken);

    public Task<long> LastSeqAsync(CancellationToken cancellationToken = default) => inner.LastSeqAsync(cancellationToken);

    public Task<IReadOnlyList<OutboxRow>> DueAsync(string sink, DateTimeOffset now, int limit, CancellationToken cancellationToken = default) => inner.DueAsync(sink, now, limit, cancellationToken);

    public Task<IReadOnlyList<OutboxRow>> DeadLettersAsync(int limit, CancellationToken cancellationToken = default) => inner.DeadLettersAsync(limit, cancellationToken);

    public Task<IReadOnlyList<OutboxHealth>> OutboxHealthAsync(CancellationToken cancellationToken = default) => inner.OutboxHealthAsync(cancellationToken);

    public Task<IReadOnlyList<PendingConfirmation>> PendingConfirmationsAsync(ChainId chain, CancellationToken cancellationToken = default) => inner.PendingConfirmationsAsync(chain, cancellationToken);

    public Task<Page<AlertRow>> AlertsAsync(bool openOnly, string? cursor, int limit, CancellationToken cancellationToken = default) => inner.AlertsAsync(openOnly, cursor, limit, cancellationToken);

    public Task<AlertRow?> AlertAsync(string alertId, CancellationToken cancellationToken = default) => inner.AlertAsync(alertId, cancellationToken);

    public Task<Page<ReportRow>> ReportsAsync(string? cursor, int limit, CancellationToken cancellationToken = default) => inner.ReportsAsync(cursor, limit, cancellationToken);

    public Task<ReportRow?> ReportAsync(MarginAccountId account, CancellationToken cancellationToken = default) => inner.ReportAsync(account, cancellationToken);

    public Task LoadFiledAsync(ChainId chain, Action<FiledReport> filed, CancellationToken cancellationToken = default) => inner.LoadFiledAsync(chain, filed, cancellationToken);

    public Task<IReadOnlyList<Mute>> MutesAsync(DateTimeOffset now, CancellationToken cancellationToken = default) => inner.MutesAsync(now, cancellationToken);

    public Task<IReadOnlyList<StoredCommand>> PendingCommandsAsync(string loop, CancellationToken cancellationToken = default) => inner.PendingCommandsAsync(loop, cancellationToken);

    public Task<StoredCommand?> CommandAsync(long id, CancellationToken cancellationToken = default) => inner.CommandAsync(id, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<T> Around<T>(string what, Func<Task<T>> commit)
    {
        plan.Point("before " + what);
        var result = await commit();
        plan.Point("after " + what);
        return result;
    }

    private async Task Around(string what, Func<Task> commit)
    {
        plan.Point("before " + what);
        await commit();
        plan.Point("after " + what);
    }
}

/// <summary>A node of the toy chain that misbehaves on demand: for everybody in an outage, at random in a storm.</summary>
internal sealed class ToyNode
{
    private readonly Dictionary<Core.Primitives.Hash32, ToyState> states = [];
    private ulong finalized = 100;

    public ToyNode(string name, ToyState genesis)
    {
        Node = new FakeNode(firstTimestamp: Toy.Born, name: name) { Finalized = 100 };
        states[Node.Head.Hash] = genesis;
        Node.OnCall = (call, block) => states[block.Hash].Answer(call, block);
        Node.Fault = Faulty;
    }

    public FakeNode Node { get; }

    public Outage Outage { get; set; }

    /// <summary>Drawn before every batch.</summary>
    public Func<NodeFault> Weather { get; set; } = static () => NodeFault.None;

    public ToyState StateAt(BlockHeader block) => states[block.Hash];

    /// <summary>A frozen node knows no newer finality either.</summary>
    public void Freeze(bool frozen)
    {
        Node.Frozen = frozen;
        Node.Finalized = frozen ? Node.Finalized : finalized;
    }

    public void Take(ToyTick tick)
    {
        Node.Reorg(tick.Undo, 0);
        foreach (var block in tick.Blocks)
        {
            states[Node.MineAfter(block.Seconds, block.Logs).Hash] = block.State;
        }

        finalized = Node.Head.Number - tick.Finality;
        Node.Finalized = Node.Frozen ? Node.Finalized : finalized;
        Outage = tick.Outage;
    }

    private NodeFault Faulty(IReadOnlyList<RpcRequest> batch) => Outage switch
    {
        Outage.Everything => NodeFault.Fail,
        Outage.Calls when batch.Any(static r => r.Method == "eth_call") => NodeFault.Fail,
        _ => Weather(),
    };
}
