using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.App.Hosting;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>The real loop of a chain over the real adapters, stepped by hand. It compares nothing with the chain and so mends nothing.</summary>
internal sealed class FollowedChain : IAsyncDisposable
{
    private const int Tries = 20;

    private readonly ChainFollower follower;
    private readonly MonitorMetrics metrics = new();
    private readonly SqlStore memory;
    private readonly ChainLoop loop;

    private FollowedChain(MonitorSettings settings, EvmClient client, IEnumerable<WatchedOwner> watch, SqlStore store, Func<ChainLoopOptions, ChainLoopOptions>? change)
    {
        memory = store;
        var chain = settings.Followed.Single();
        Client = client;
        Protocols = [.. settings.DeploymentsOn(chain.Chain).Select(d => new CountingProtocol(ProtocolFamilies.Create(d, chain)))];
        follower = new ChainFollower(Client, new ChainFollowerOptions { ChainName = chain.Name }, TimeProvider.System);
        loop = new ChainLoop(
            (change ?? (static o => o))(new ChainLoopOptions
            {
                Chain = chain.Chain,
                ChainName = chain.Name,
                NextBlockSeconds = chain.NextBlockSeconds,
                ComparePerBlock = 0,
                FullPassAccounts = 0,
                Watch = [.. watch],
            }),
            new ChainLoopParts
            {
                Protocols = Protocols,
                Client = Client,
                Follower = follower,
                Store = store,
                Judge = new Judge(settings.Rules, settings.Assets),
                Route = static _ => [],
                Metrics = metrics,
                Time = TimeProvider.System,
                Logger = NullLogger.Instance,
                Judged = block => Told.AddRange(block.Transitions),
            });
    }

    public EvmClient Client { get; }

    public IReadOnlyList<CountingProtocol> Protocols { get; }

    /// <summary>Everything that was told, in order.</summary>
    public List<AlertTransition> Told { get; } = [];

    public BlockHeader Head => loop.Head!;

    public ChainTally Tally => loop.Tally;

    public static Task<FollowedChain> StartAsync(Devnet devnet, Func<ChainLoopOptions, ChainLoopOptions>? change = null) =>
        StartAsync(devnet.Settings, devnet.Client, devnet.Accounts.Select(static a => new WatchedOwner(a.Address, a.Name)), change);

    public static async Task<FollowedChain> StartAsync(MonitorSettings settings, EvmClient client, IEnumerable<WatchedOwner> watch, Func<ChainLoopOptions, ChainLoopOptions>? change = null)
    {
        var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = $"devnet-{Guid.NewGuid():n}", InMemory = true, Durable = false });
        var chain = new FollowedChain(settings, client, watch, store, change);
        await chain.loop.StartAsync(CancellationToken.None);
        return chain;
    }

    /// <summary>Steps until the block is folded, read and judged.</summary>
    public async Task FollowToAsync(DevnetBlock block)
    {
        for (var i = 0; i < Tries; i++)
        {
            var judged = loop.Tally.Judged;
            await loop.StepAsync(CancellationToken.None);
            if (loop.Head?.Hash == block.Hash && loop.Tally.Judged > judged && loop.Vitals.BlindSince is null)
            {
                return;
            }
        }

        throw new InvalidOperationException($"The loop stands at {loop.Head?.Ref.ToString() ?? "no block"} after {Tries} steps, the chain at {block.Number} {block.Hash.Short}: {loop.Vitals.BlindReason ?? "it does not say why"}.");
    }

    public Task StepAsync() => loop.StepAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await follower.DisposeAsync();
        await memory.DisposeAsync();
        metrics.Dispose();
    }
}
