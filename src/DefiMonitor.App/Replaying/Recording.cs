using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Ethereum.Tape;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.App.Replaying;

/// <summary>Runs a chain's loop over a recorder, and has the chain's own verdict on every account put on the tape at every block.</summary>
internal sealed class Recording : IAsyncDisposable
{
    private readonly TapeRecorder recorder;
    private readonly RecordingClock clock = new();
    private readonly EvmClient client;
    private readonly ChainFollower follower;
    private readonly MonitorMetrics metrics = new();
    private readonly IReadOnlyList<IProtocol> protocols;
    private readonly ChainLoop loop;
    private readonly List<MarginAccountId> accounts;
    private readonly Queue<BlockHeader> unwitnessed = new();
    private ulong? first;
    private bool down;

    public Recording(IRpcTransport node, TapeHeader header, ChainSettings chain, MonitorSettings settings, IReadOnlyList<IProtocol> protocols, IMonitorStore store, bool allLogs)
    {
        this.protocols = protocols;
        recorder = new TapeRecorder(node, header, allLogs);
        client = new EvmClient(recorder, new EvmClientOptions { Multicall = header.Multicall });
        follower = new ChainFollower(client, new ChainFollowerOptions { ChainName = chain.Name, FinalityDepth = chain.FinalityDepth }, clock);
        var owners = settings.Owners.SelectMany(o => o.AddressesOn(chain.Chain).Select(a => new WatchedOwner(a, o.Name))).ToList();
        accounts = [.. protocols.SelectMany(p => owners.Select(o => p.AccountOf(o.Address)))];
        loop = new ChainLoop(
            new ChainLoopOptions
            {
                Chain = chain.Chain,
                ChainName = chain.Name,
                NextBlockSeconds = chain.NextBlockSeconds,
                MaxReadAgeBlocks = chain.MaxReadAgeBlocks,
                Feeds = [.. settings.Assets.Feeds.Where(f => f.Chain == chain.Chain)],
                Watch = owners,
            },
            new ChainLoopParts
            {
                Protocols = protocols,
                Client = client,
                Follower = follower,
                Store = store,
                Judge = new Judge(settings.Rules, settings.Assets),
                Route = static _ => [],
                Metrics = metrics,
                Time = clock,
                Logger = NullLogger.Instance,
                Judged = block => Told?.Invoke(block.Transitions),
            });
    }

    /// <summary>A block and everything asked of it is on the tape.</summary>
    public Action<BlockHeader>? Recorded { get; init; }

    /// <summary>Alerts of the loop, before their block is called recorded.</summary>
    public Action<IReadOnlyList<AlertTransition>>? Told { get; init; }

    /// <summary>The node does not answer; said once for each outage.</summary>
    public Action? Unreachable { get; init; }

    public Task StartAsync(CancellationToken cancellationToken) => loop.StartAsync(cancellationToken);

    public async Task StepAsync(CancellationToken cancellationToken)
    {
        await loop.StepAsync(cancellationToken);
        if (loop.Head is { } head)
        {
            first ??= head.Number;
            clock.MoveTo(head.Timestamp);
        }

        foreach (var block in recorder.TakeFresh().Where(b => b.Number >= first))
        {
            unwitnessed.Enqueue(block);
        }

        if (loop.Vitals.BlindSince is not null)
        {
            if (!down)
            {
                down = true;
                Unreachable?.Invoke();
            }

            return;
        }

        down = false;
        await WitnessAsync(cancellationToken);
    }

    public Task SaveAsync(string path, CancellationToken cancellationToken) => recorder.SaveAsync(path, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await follower.DisposeAsync();
        metrics.Dispose();
    }

    private async Task WitnessAsync(CancellationToken cancellationToken)
    {
        while (unwitnessed.TryPeek(out var block))
        {
            var calls = accounts
                .SelectMany(account => protocols.Where(p => p.Id == account.Deployment && p.HasEntered(account)).SelectMany(p => p.Confirm(account)))
                .ToList();
            if (calls.Count > 0)
            {
                try
                {
                    await recorder.RecordAsync(block, calls, cancellationToken);
                }
                catch (RpcException e) when (e.Kind is RpcFailure.UnknownBlock)
                {
                    // Orphaned before it was asked: a tape cannot know what the node does not.
                    unwitnessed.Dequeue();
                    continue;
                }
                catch (RpcException e) when (e.IsTransient)
                {
                    return;
                }
            }

            unwitnessed.Dequeue();
            Recorded?.Invoke(block);
        }
    }
}
