using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Tests.Alerts;
using DefiMonitor.Tests.Engine.Storage;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Feeds;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.Tests.Engine;

/// <summary>The real loop over the real Aave adapter, on a fake market that lives; what it asks the node is counted.</summary>
internal sealed class CountedChain : IAsyncDisposable
{
    // Aave 3.7, the newest.
    private const ulong Revision = 11;

    private readonly FakeAave market;
    private readonly FakeNode node;
    private readonly SimulatedTime time;
    private readonly SqlStore store;
    private readonly MonitorMetrics metrics = new();
    private readonly ChainFollower follower;
    private readonly IProtocol protocol;
    private readonly ChainLoop loop;
    private readonly List<AlertTransition> told = [];
    private JudgedBlock? judged;

    private CountedChain(int people, SqlStore store, bool feeds)
    {
        this.store = store;
        market = new FakeAave(Revision, seed: 7, isEmpty: true, people: people);
        for (var i = 0; i < people; i++)
        {
            // Every twentieth is near the edge: the others are what bulk judging leaves out of the full pass.
            market.Supply(market.Owners[i], market.Reserves[i % 2], 20_000);
            market.Borrow(market.Owners[i], market.Reserves[2], i % 20 == 0 ? 12_000u : 4_000u);
        }

        node = new FakeNode(market.Header.Number, market.Header.Timestamp) { ChainId = 31337, OnCall = (call, _) => Feed(call) ?? market.Answer(call), Finalized = market.Header.Number };
        time = new SimulatedTime(DateTimeOffset.FromUnixTimeSeconds((long)market.Header.Timestamp));
        protocol = market.NewProtocol();
        var client = new EvmClient(node);
        follower = new ChainFollower(client, new ChainFollowerOptions(), time);
        loop = new ChainLoop(
            new ChainLoopOptions
            {
                Chain = protocol.Id.Chain,
                ChainName = "fake",
                EnterPerBlock = people,
                Discover = new HashSet<DeploymentId> { protocol.Id },
                Feeds = feeds ? [FeedSamples.Watch(null, market.Reserves[0].Asset)] : [],
                Watch = [.. market.Owners.Select(static owner => new WatchedOwner(owner, null))],
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
                Time = time,
                Logger = NullLogger.Instance,
                Judged = block => judged = block,
            });
    }

    public ChainVitals Vitals => loop.Vitals;

    /// <summary>When the node was asked what is final, in seconds, in order.</summary>
    public List<ulong> FinalityAskedAt { get; } = [];

    /// <summary>What was told under the rule, so far.</summary>
    public int Told(string rule) => told.Count(t => t.Rule == rule);

    /// <param name="feeds">True to follow a feed whose market stands two fifths below it.</param>
    public static async Task<CountedChain> StartAsync(int people, bool feeds = false)
    {
        var chain = new CountedChain(people, await Sample.MemoryAsync(), feeds);
        await chain.loop.StartAsync(CancellationToken.None);
        return chain;
    }

    /// <summary>Everybody comes in at once, and one more block settles what that left open.</summary>
    public async Task EnterAllAsync()
    {
        await JudgeNextAsync(everyPrice: true);
        await JudgeNextAsync(everyPrice: true);
        market.Owners.ShouldAllBe(owner => protocol.HasEntered(protocol.AccountOf(owner)));
    }

    /// <summary>One more block, in which prices move and a few people do something, through to its judgement.</summary>
    /// <param name="everyPrice">False: only that of a reserve which few hold.</param>
    /// <returns>The methods of its JSON-RPC calls, the requests of a batch one by one; without those about finality.</returns>
    /// <param name="lost">Logs that the node leaves out.</param>
    public async Task<IReadOnlyList<string>> JudgeNextAsync(bool everyPrice, Predicate<Log>? lost = null)
    {
        market.Mine(everyPrice ? market.Reserves : [market.Reserves[3]]);
        var head = node.MineAfter(market.Header.Timestamp - node.Head.Timestamp, [.. market.Logs.Where(log => lost?.Invoke(log) != true)]);
        node.Finalized = Math.Max(node.Finalized!.Value, head.Number - 8);
        time.Advance(DateTimeOffset.FromUnixTimeSeconds((long)head.Timestamp) - time.GetUtcNow());
        node.Requests.Clear();
        judged = null;
        await loop.StepAsync(CancellationToken.None);
        judged.ShouldNotBeNull(loop.Vitals.BlindReason).Head.ShouldBe(head);
        judged.Unread.ShouldBeEmpty();
        told.AddRange(judged.Transitions);
        FinalityAskedAt.AddRange(node.Requests.Where(IsAboutFinality).Select(_ => head.Timestamp));
        return [.. node.Requests.Where(static r => !IsAboutFinality(r)).Select(static r => r.Method)];
    }

    public async ValueTask DisposeAsync()
    {
        await follower.DisposeAsync();
        await store.DisposeAsync();
        metrics.Dispose();
    }

    private CallResult? Feed(Call call) =>
        call.Equals(FeedSamples.Round(FeedSamples.Feed)) ? FeedSamples.RoundOf(2_500_00000000u, market.Header.Timestamp - 60)
        : call.Equals(FeedSamples.Round(FeedSamples.Second)) ? FeedSamples.RoundOf(1_500_00000000u, market.Header.Timestamp)
        : null;

    private static bool IsAboutFinality(RpcRequest request) =>
        request.Method == "eth_getBlockByNumber" && request.Params[0].GetString() == "finalized";
}
