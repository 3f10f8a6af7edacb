using System.Collections.Immutable;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Tests.Engine.Storage;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Simulation;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>Two chains over one store: a fork on one, an outage on the other.</summary>
public sealed class SeveralChainsTests
{
    private const ulong Calm = 1_000_000;
    private const ulong Crash = 500_000;

    [Fact]
    public async Task A_fork_on_one_chain_and_an_outage_on_the_other_know_nothing_of_each_other()
    {
        await using var store = await Sample.MemoryAsync();
        await using var forked = await Side.StartAsync(store, 1);
        await using var dark = await Side.StartAsync(store, 2);
        await forked.MineAsync(Calm);
        await dark.MineAsync(Calm);
        forked.Loop.JudgedHead!.Hash.ShouldBe(forked.Head.Hash);
        dark.Loop.JudgedHead!.Hash.ShouldBe(dark.Head.Hash);

        // On both the price falls; then one loses its node, and the other the very block.
        await forked.MineAsync(Crash);
        await dark.MineAsync(Crash);
        (await forked.OpenAsync()).ShouldBeGreaterThan(0);
        var open = await dark.OpenAsync();
        open.ShouldBeGreaterThan(0);
        var before = dark.Loop.JudgedHead!;
        await dark.DownAsync(Calm);
        await forked.ForkAsync(Calm);

        forked.Loop.JudgedHead!.Hash.ShouldBe(forked.Head.Hash);
        forked.Loop.Vitals.BlindSince.ShouldBeNull();
        (await forked.OpenAsync()).ShouldBe(0, "the block of the fall is gone, and its alerts with it");
        forked.Loop.Tally.Reorgs.ShouldBe(1);
        dark.Loop.JudgedHead!.Hash.ShouldBe(before.Hash);
        dark.Loop.Vitals.BlindSince.ShouldNotBeNull();
        (await dark.OpenAsync()).ShouldBe(open, "what can't be read clears no alert");
        dark.Loop.Tally.Reorgs.ShouldBe(0);

        await dark.UpAsync();
        dark.Loop.JudgedHead!.Hash.ShouldBe(dark.Head.Hash);
        (await dark.OpenAsync()).ShouldBe(0);
    }

    private sealed class Side : IAsyncDisposable
    {
        private readonly SqlStore store;
        private readonly ToyNode node;
        private readonly SimulatedTime time = new(DateTimeOffset.FromUnixTimeSeconds((long)Toy.Born));
        private readonly MonitorMetrics metrics = new();
        private ToyState state;

        private Side(SqlStore store, ulong number)
        {
            this.store = store;
            var chain = new ChainId(number);
            state = new ToyState
            {
                Prices = ImmutableSortedDictionary<DefiMonitor.Core.Primitives.Address, ulong>.Empty.Add(Toy.Asset(0), Calm),
                Listed = [Toy.Asset(0)],
                Legs = Enumerable.Range(0, 3).ToImmutableSortedDictionary(static u => (Toy.User(u), Toy.Asset(0)), static _ => 1_000UL),
                Debts = Enumerable.Range(0, 3).ToImmutableSortedDictionary(Toy.User, static u => 800_000_000UL * 100 / (ulong)(180 + (10 * u))),
            };
            node = new ToyNode($"http://chain-{number}", state);
            var client = new EvmClient(node.Node);
            Loop = new ChainLoop(
                new ChainLoopOptions
                {
                    Chain = chain,
                    ChainName = $"chain-{number}",
                    Watch = [.. Enumerable.Range(0, 3).Select(static u => new WatchedOwner(Toy.User(u), $"owner {u}"))],
                },
                new ChainLoopParts
                {
                    Protocols = [new ToyProtocol(new DeploymentId("toy", chain, "market"))],
                    Client = client,
                    Follower = new ChainFollower(client, new ChainFollowerOptions { ChainName = $"chain-{number}" }, time),
                    Store = store,
                    Judge = new Judge(RuleBook.Default, AssetCatalog.Empty),
                    Route = static _ => [],
                    Metrics = metrics,
                    Time = time,
                    Logger = NullLogger.Instance,
                });
        }

        public ChainLoop Loop { get; }

        public BlockHeader Head => node.Node.Head;

        public static async Task<Side> StartAsync(SqlStore store, ulong number)
        {
            var side = new Side(store, number);
            await side.Loop.StartAsync(CancellationToken.None);
            return side;
        }

        public Task MineAsync(ulong price) => TakeAsync(0, Outage.None, price);

        /// <summary>The newest block gives way to two others.</summary>
        public Task ForkAsync(ulong price) => TakeAsync(1, Outage.None, price, price);

        /// <summary>Nobody answers, and the chain goes on.</summary>
        public Task DownAsync(ulong price) => TakeAsync(0, Outage.Everything, price);

        public async Task UpAsync()
        {
            node.Outage = Outage.None;
            await StepAsync();
        }

        public async Task<int> OpenAsync() => (await store.LatestAlertsAsync(Loop.Name)).Count(static a => a is { Rule: Rules.Distance, IsOpen: true });

        public ValueTask DisposeAsync()
        {
            metrics.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task TakeAsync(int undo, Outage outage, params ulong[] prices)
        {
            var blocks = prices.Select(p => new ToyBlock(12, [], state = state with { Prices = state.Prices.SetItem(Toy.Asset(0), p) })).ToList();
            node.Take(new ToyTick(undo, blocks, Math.Min(8, Head.Number - 100 + (ulong)blocks.Count - (ulong)undo), outage));
            await StepAsync();
        }

        private async Task StepAsync()
        {
            for (var i = 0; i < 4; i++)
            {
                var now = DateTimeOffset.FromUnixTimeSeconds((long)Head.Timestamp + 2);
                time.Advance(now > time.GetUtcNow() ? now - time.GetUtcNow() : TimeSpan.FromSeconds(1));
                await Loop.StepAsync(CancellationToken.None);
            }
        }
    }
}
