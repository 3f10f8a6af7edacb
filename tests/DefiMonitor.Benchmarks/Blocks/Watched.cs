using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Tests.Alerts;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.Benchmarks.Blocks;

/// <summary>A market of which everybody is watched, by one process after another.</summary>
internal sealed class Watched(FakeAave market, IRpcTransport node, MonitorMetrics metrics)
{
    private readonly WatchedOwner[] owners = [.. market.Owners.Select(static owner => new WatchedOwner(owner, null))];

    /// <summary>True: whoever borrows is followed, instead of a list of people.</summary>
    public bool Discovering { get; init; }

    /// <param name="judged">Told of every judged block.</param>
    public WatchedRun Over(SqlStore store, Action<JudgedBlock>? judged = null)
    {
        var protocol = market.NewProtocol();
        var client = new EvmClient(node);
        var follower = new ChainFollower(client, new ChainFollowerOptions(), TimeProvider.System);
        var run = new WatchedRun(protocol, follower, judged);
        run.Loop = new ChainLoop(
            new ChainLoopOptions
            {
                Chain = protocol.Id.Chain,
                ChainName = "fake",
                EnterPerBlock = owners.Length,
                Watch = Discovering ? [] : owners,
                Discover = Discovering ? new HashSet<DeploymentId> { protocol.Id } : [],
            },
            new ChainLoopParts
            {
                Protocols = [protocol],
                Client = client,
                Follower = follower,
                Store = store,
                Judge = new Judge(RuleBook.Default, Samples.Shipped),
                Route = static _ => ["console"],
                Metrics = metrics,
                Time = TimeProvider.System,
                Logger = NullLogger.Instance,
                Judged = run.Take,
            });
        return run;
    }
}

/// <summary>One process's loop, and what it came to.</summary>
internal sealed class WatchedRun(IProtocol protocol, ChainFollower follower, Action<JudgedBlock>? judged) : IAsyncDisposable
{
    public ChainLoop Loop { get; set; } = null!;

    public IProtocol Protocol => protocol;

    /// <summary>Blocks judged.</summary>
    public int Judged { get; set; }

    /// <summary>Alert transitions.</summary>
    public int Told { get; set; }

    public void Take(JudgedBlock block)
    {
        if (block.Unread.Count > 0)
        {
            throw new InvalidOperationException($"Block {block.Head.Ref} could not be read, so the figures would say nothing: {block.Unread[0].Reason}");
        }

        Judged++;
        Told += block.Transitions.Count;
        judged?.Invoke(block);
    }

    public ValueTask DisposeAsync() => follower.DisposeAsync();
}
