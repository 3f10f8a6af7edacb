using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Tests.Feeds;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using DefiMonitor.Tests.Simulation;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>A price that has not landed, through the loop: told before it lands, once, and never in the way of anything else.</summary>
public sealed class NextPriceTests
{
    private static readonly FeedWatch Watch =
        FeedSamples.Watch(null, Toy.Asset(0)) with { Chain = LoopBench.Chain, Decimals = 0, Market = new SecondFeed(FeedSamples.Second, 0) { MaxAgeSeconds = 90_000 } };

    private ulong? market = 1_000_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_told_before_the_price_lands_and_then_what_landed(bool bulk)
    {
        await using var bench = await StartAsync(bulk);
        bench.Judged.Clear();
        market = 700_000;
        await bench.BlockAsync();
        var early = bench.Judged[^1].Transitions.ShouldHaveSingleItem();
        early.Rule.ShouldBe(Rules.NextPrice);
        early.Report!.Account.ShouldBe(bench.Account(0));
        early.Outlook!.IsBelowEdge.ShouldBeTrue();
        (await bench.AlertAsync(0, Rules.NextPrice)).ShouldNotBeNull().Level.ShouldBe(AlertLevel.Critical);
        await bench.BlockAsync();
        bench.Judged[^1].Transitions.ShouldBeEmpty();

        await bench.BlockAsync(LoopBench.Price(700_000));
        var landed = Of(bench).ShouldHaveSingleItem();
        landed.Rule.ShouldBe(Rules.Distance);
        landed.Level.ShouldBe(AlertLevel.Liquidatable);
        landed.Report!.HealthFactor.ShouldNotBeNull().ShouldBeLessThanOrEqualTo(early.Outlook.HealthFactor!.Value, "interest since");

        market = 1_000_000;
        await bench.BlockAsync(LoopBench.Price(1_000_000));
        Of(bench).Select(static t => (t.Rule, t.Kind)).ShouldBe([(Rules.Distance, TransitionKind.Eased), (Rules.NextPrice, TransitionKind.Resolved)]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_crash_neither_doubles_nor_forgets_it(bool bulk)
    {
        await using var bench = await StartAsync(bulk);
        market = 700_000;
        await bench.BlockAsync();
        var opened = (await bench.AlertAsync(0, Rules.NextPrice))!;
        await bench.RestartAsync();
        bench.Judged.Clear();
        await bench.StepAsync();
        await bench.BlockAsync();
        bench.Judged.SelectMany(static b => b.Transitions).ShouldBeEmpty();
        market = null;
        await bench.BlockAsync();
        (await bench.AlertAsync(0, Rules.NextPrice))!.IsOpen.ShouldBeTrue("what can't be read ends nothing");
        market = 1_000_000;
        await bench.BlockAsync();
        var over = bench.Judged.SelectMany(static b => b.Transitions).ShouldHaveSingleItem();
        over.Kind.ShouldBe(TransitionKind.Resolved);
        over.AlertId.ShouldBe(opened.AlertId);
        over.Number.ShouldBe(2);
    }

    [Fact]
    public async Task A_reorg_that_undoes_it_takes_it_back()
    {
        await using var bench = await StartAsync(bulk: false);
        market = 700_000;
        await bench.BlockAsync();
        (await bench.AlertAsync(0, Rules.NextPrice))!.IsOpen.ShouldBeTrue();
        market = 1_000_000;
        bench.Judged.Clear();
        var state = bench.Node.StateAt(bench.Head);
        bench.Node.Take(new ToyTick(1, [new ToyBlock(12, [], state), new ToyBlock(12, [], state)], Math.Min(8, bench.Head.Number + 1 - 100), Outage.None));
        await bench.StepAsync();
        bench.Judged.SelectMany(static b => b.Transitions).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Retracted);
    }

    [Fact]
    public async Task A_feed_of_another_chain_is_not_asked_here()
    {
        await using var bench = await LoopBench.CreateAsync(static o => o with { Feeds = [Watch with { Chain = new ChainId(999) }] });
        var asked = 0;
        var rest = bench.Node.Node.OnCall!;
        bench.Node.Node.OnCall = (call, at) =>
        {
            asked += call.To == FeedSamples.Feed || call.To == FeedSamples.Second ? 1 : 0;
            return rest(call, at);
        };
        await bench.BlockAsync();
        await bench.BlockAsync();
        asked.ShouldBe(0);
    }

    private static IEnumerable<AlertTransition> Of(LoopBench bench) => bench.Judged[^1].Transitions.Where(t => t.Report?.Account == bench.Account(0));

    private async Task<LoopBench> StartAsync(bool bulk)
    {
        var bench = await LoopBench.CreateAsync(o => (bulk ? InBulk(o) : o) with { Feeds = [Watch] });
        var rest = bench.Node.Node.OnCall!;
        bench.Node.Node.OnCall = (call, at) =>
            call.Equals(FeedSamples.Round(FeedSamples.Feed)) ? FeedSamples.RoundOf(bench.Node.StateAt(at).Prices[Toy.Asset(0)], at.Timestamp - 60)
            : call.Equals(FeedSamples.Round(FeedSamples.Second)) ? market is { } price ? FeedSamples.RoundOf(price, at.Timestamp) : AbiWords.Reverted
            : rest(call, at);

        // Who entered above the final block would enter again after a restart.
        for (var i = 0; i < 15; i++)
        {
            await bench.BlockAsync();
        }

        bench.Judged.SelectMany(static b => b.Transitions).ShouldNotContain(static t => t.Rule == Rules.NextPrice);
        return bench;
    }

    private static ChainLoopOptions InBulk(ChainLoopOptions options) => options with { FullPassAccounts = 0, FarPerBlock = 0, MemoriesAtHand = 0 };
}
