using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Tests.Engine.Storage;
using DefiMonitor.Tests.Ethereum;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.Tests.Protocols;

/// <summary>The chain's loop over a fake market: what is told when its governors do something.</summary>
internal sealed class MarketBench : IAsyncDisposable
{
    private readonly IFakeMarket market;
    private readonly FakeNode node;
    private readonly SimulatedTime time;
    private readonly SqlStore store;
    private readonly MonitorMetrics metrics = new(meterName: $"MarketBench.{Guid.NewGuid():N}");
    private readonly ChainLoop loop;

    private MarketBench(IFakeMarket market, SqlStore store, IReadOnlyList<Address> watch)
    {
        this.market = market;
        this.store = store;
        Protocol = market.NewProtocol();
        var chain = Protocol.Id.Chain;
        node = new FakeNode(market.Header.Number, market.Header.Timestamp) { ChainId = chain.Value, OnCall = (call, _) => market.Answer(call) };
        time = new SimulatedTime(DateTimeOffset.FromUnixTimeSeconds((long)market.Header.Timestamp));
        var client = new EvmClient(node, time: time);
        loop = new ChainLoop(
            new ChainLoopOptions { Chain = chain, ChainName = "fake", Discover = new HashSet<DeploymentId>(), Watch = [.. watch.Select(static (a, i) => new WatchedOwner(a, $"owner {i}"))] },
            new ChainLoopParts
            {
                Protocols = [Protocol],
                Client = client,
                Follower = new ChainFollower(client, new ChainFollowerOptions { ChainName = "fake" }, time),
                Store = store,
                Judge = new Judge(RuleBook.Default, AssetCatalog.Empty),
                Route = static _ => [],
                Metrics = metrics,
                Time = time,
                Logger = NullLogger.Instance,
                Judged = block => Judged.Add(block),
            });
    }

    public IProtocol Protocol { get; }

    public List<JudgedBlock> Judged { get; } = [];

    public static async Task<MarketBench> CreateAsync(IFakeMarket market, params IReadOnlyList<Address> watch)
    {
        var bench = new MarketBench(market, await Sample.MemoryAsync(), watch);
        await bench.loop.StartAsync(CancellationToken.None);
        return bench;
    }

    /// <summary>Takes in the market's newest block and returns what was told of it.</summary>
    public async Task<IReadOnlyList<AlertTransition>> TakeAsync()
    {
        var before = Judged.Count;
        node.MineAfter(market.Header.Timestamp - node.Head.Timestamp, [.. market.Logs]);
        time.Advance(DateTimeOffset.FromUnixTimeSeconds((long)market.Header.Timestamp + 2) - time.GetUtcNow());
        await loop.StepAsync(CancellationToken.None);
        Judged.Count.ShouldBeGreaterThan(before, $"the block was not judged: {loop.Vitals.BlindReason}");
        return Judged[^1].Transitions;
    }

    /// <summary>As the verb does: the chain's tables are dropped, and what people were told stays.</summary>
    public async Task RepairAsync()
    {
        await store.DropStateAsync(await store.ClaimAsync(LoopNames.Chain(Protocol.Id.Chain)), Protocol.Id.Chain);
        await loop.StartAsync(CancellationToken.None);
    }

    /// <summary>The one alert about parameters that the newest block told.</summary>
    public async Task<AlertTransition> ToldAsync() => (await TakeAsync()).Where(static t => t.Rule == Rules.Parameters).ShouldHaveSingleItem();

    public UInt256? Health(Address user)
    {
        var block = node.Head;
        return Protocol.Evaluate(Protocol.Capture(Protocol.AccountOf(user), block), new Instant(block.Timestamp), Shock.None).HealthFactor;
    }

    public ParameterImpact ImpactOn(AlertTransition told, Address user) => told.Impacts.Where(i => i.Account == Protocol.AccountOf(user)).ShouldHaveSingleItem();

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        metrics.Dispose();
    }
}
