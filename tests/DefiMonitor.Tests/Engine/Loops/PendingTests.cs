using System.Diagnostics.Metrics;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Feeds;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Feeds;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using DefiMonitor.Tests.Simulation;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>A transmission in the node's pool, through the loop: a provisional alert that clears nothing and goes with what raised it.</summary>
public sealed class PendingTests
{
    private static readonly Address Aggregator = FakeAddress.Of(0xfe, 40);

    /// <summary>Null = as the feed says.</summary>
    private ulong? market;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_told_between_two_blocks_and_the_block_tells_what_landed(bool asBlock)
    {
        await using var bench = await StartAsync(asBlock: asBlock);
        Offer(bench, [Price(700_000)], asBlock);
        var head = bench.Head;
        await bench.StepAsync();
        var early = Of(bench).ShouldHaveSingleItem();
        early.Block.ShouldBe(head, "no block came since");
        early.Rule.ShouldBe(Rules.NextPrice);
        early.Pin.ShouldBe("pending");
        early.Level.ShouldBe(AlertLevel.Warning);
        early.WakesPeople.ShouldBeFalse("anybody can send what looks like a transmission");
        early.Lines.ShouldContain(static l => l.Contains("in a pending transaction, not confirmed", StringComparison.Ordinal));
        early.Report!.IsBelowEdge.ShouldBeFalse("the verdict is the block's");

        // Seen again, at the same block and at the next: nothing is said twice.
        var judged = bench.Judged.Count;
        await bench.StepAsync();
        bench.Judged.Count.ShouldBe(judged);
        await bench.BlockAsync();
        Of(bench).ShouldBeEmpty();

        Offer(bench, [], asBlock);
        await bench.BlockAsync(LoopBench.Price(700_000));
        var landed = Of(bench).ShouldHaveSingleItem();
        (landed.Rule, landed.Level, landed.Pin).ShouldBe((Rules.Distance, AlertLevel.Liquidatable, "hash"));
    }

    [Fact]
    public async Task What_does_not_land_is_withdrawn_after_a_few_blocks_and_not_told_again()
    {
        await using var bench = await StartAsync();
        Offer(bench, [Price(700_000)]);
        await bench.StepAsync();
        Of(bench).ShouldHaveSingleItem();
        for (var i = 0UL; i < PendingWatch.MostBlocks; i++)
        {
            await bench.BlockAsync();
            Of(bench).ShouldBeEmpty();
        }

        await bench.BlockAsync();
        var withdrawn = Of(bench).ShouldHaveSingleItem();
        withdrawn.Kind.ShouldBe(TransitionKind.Resolved);
        withdrawn.Lines[0].ShouldContain("did not land within 5 blocks");
        for (var i = 0; i < 8; i++)
        {
            await bench.BlockAsync();
            Of(bench).ShouldBeEmpty();
        }

        // The same with another fee is none; another answer is.
        Offer(bench, [Price(700_000, salt: 2)]);
        await bench.StepAsync();
        await bench.BlockAsync();
        Of(bench).ShouldBeEmpty();
        Offer(bench, [Price(700_000, salt: 2), Price(690_000, salt: 3)]);
        await bench.StepAsync();
        Of(bench).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Opened);
    }

    [Fact]
    public async Task What_leaves_the_pool_is_withdrawn_with_the_next_block()
    {
        await using var bench = await StartAsync();
        Offer(bench, [Price(700_000)]);
        await bench.StepAsync();
        Offer(bench, []);
        await bench.StepAsync();
        (await bench.AlertAsync(0, Rules.NextPrice))!.IsOpen.ShouldBeTrue("only a block can say more");
        await bench.BlockAsync();
        var withdrawn = Of(bench).ShouldHaveSingleItem();
        withdrawn.Kind.ShouldBe(TransitionKind.Resolved);
        withdrawn.Lines[0].ShouldContain("is no longer pending");
    }

    [Fact]
    public async Task A_crash_neither_doubles_it_nor_lets_it_go()
    {
        await using var bench = await StartAsync();
        Offer(bench, [Price(700_000)]);
        await bench.StepAsync();
        await bench.RestartAsync();
        bench.Judged.Clear();
        await bench.StepAsync();
        await bench.BlockAsync();
        bench.Judged.SelectMany(static b => b.Transitions).ShouldBeEmpty();
        (await bench.AlertAsync(0, Rules.NextPrice))!.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public async Task A_pool_that_can_not_be_read_ends_nothing_and_stops_nothing()
    {
        await using var bench = await StartAsync();
        Offer(bench, [Price(700_000)]);
        await bench.StepAsync();
        bench.Node.Node.Fault = static batch => IsAboutPending(batch[0]) ? NodeFault.Fail : NodeFault.None;
        for (var i = 0UL; i < PendingWatch.MostBlocks; i++)
        {
            await bench.BlockAsync();
            Of(bench).ShouldBeEmpty();
        }

        // What was there is too old by now to be believed, were it there still.
        (await bench.AlertAsync(0, Rules.NextPrice))!.IsOpen.ShouldBeTrue();
        await bench.BlockAsync();
        var withdrawn = Of(bench).ShouldHaveSingleItem();
        withdrawn.Kind.ShouldBe(TransitionKind.Resolved);
        withdrawn.Lines[0].ShouldContain("the pool can't be read");
        await bench.BlockAsync(LoopBench.Price(700_000));
        Of(bench).ShouldHaveSingleItem().Level.ShouldBe(AlertLevel.Liquidatable);
    }

    [Fact]
    public async Task A_pool_that_can_never_be_read_keeps_nothing_open_that_the_market_opened()
    {
        await using var bench = await StartAsync();
        bench.Node.Node.Fault = static batch => IsAboutPending(batch[0]) ? NodeFault.Fail : NodeFault.None;
        await bench.RestartAsync();
        market = 700_000;
        await bench.BlockAsync();
        Of(bench).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Opened);
        market = null;
        for (var i = 0UL; i < PendingWatch.MostBlocks; i++)
        {
            await bench.BlockAsync();
            Of(bench).ShouldBeEmpty();
        }

        await bench.BlockAsync();
        Of(bench).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Resolved);
    }

    [Fact]
    public async Task A_pool_larger_than_is_read_is_left_for_the_block_that_the_node_would_build()
    {
        await using var bench = await StartAsync();
        bench.Node.Node.Fault = static batch => batch[0].Method == "txpool_content" ? throw new RpcException(RpcFailure.TooMuch, "larger than is read") : NodeFault.None;
        bench.Node.Node.PendingBlock = [Price(700_000)];
        await bench.StepAsync();
        Of(bench).ShouldHaveSingleItem().Pin.ShouldBe("pending");
        var asked = bench.Node.Node.Requests.Count(static r => r.Method == "txpool_content");
        await bench.BlockAsync();
        await bench.BlockAsync();
        bench.Node.Node.Requests.Count(static r => r.Method == "txpool_content").ShouldBe(asked, "not so soon again");
    }

    [Fact]
    public async Task A_pool_that_fails_is_asked_ever_less_often()
    {
        await using var bench = await StartAsync();
        bench.Node.Node.Fault = static batch => IsAboutPending(batch[0]) ? NodeFault.Fail : NodeFault.None;
        var before = bench.Node.Node.Requests.Count(IsAboutPending);
        for (var second = 0; second < 75; second++)
        {
            await bench.StepAsync();
        }

        // At once, after 10, 20 and 40 s.
        (bench.Node.Node.Requests.Count(IsAboutPending) - before).ShouldBe(4);
        bench.Node.Node.Fault = static _ => NodeFault.None;
        bench.Time.Advance(TimeSpan.FromMinutes(5));
        Offer(bench, [Price(700_000)]);
        await bench.StepAsync();
        Of(bench).ShouldHaveSingleItem().Rule.ShouldBe(Rules.NextPrice);
    }

    /// <summary>Anybody can send what looks like a transmission.</summary>
    [Theory]
    [InlineData(1_200_000)]
    [InlineData(1)]
    [InlineData(999_999_999)]
    public async Task What_is_made_up_hides_nothing_that_is_due(uint madeUp)
    {
        await using var bench = await StartAsync();
        market = 700_000;
        Offer(bench, [Price(madeUp + 1)]);
        await bench.BlockAsync();
        var told = Of(bench).ShouldHaveSingleItem();
        (told.Rule, told.Pin).ShouldBe((Rules.NextPrice, "hash"));
        told.Outlook!.Feeds.ShouldHaveSingleItem().Due.ShouldBe(FeedDue.Deviation);
        told.Outlook.IsUnknown.ShouldBeFalse();
    }

    [Fact]
    public async Task What_hangs_on_the_pool_alone_is_a_warning_until_the_market_proves_it()
    {
        await using var bench = await StartAsync();
        Offer(bench, [Price(700_000)]);
        await bench.StepAsync();
        Of(bench).ShouldHaveSingleItem().Level.ShouldBe(AlertLevel.Warning);
        market = 710_000;
        await bench.BlockAsync();
        var proven = Of(bench).ShouldHaveSingleItem();
        (proven.Kind, proven.Level, proven.Pin, proven.WakesPeople).ShouldBe((TransitionKind.Escalated, AlertLevel.Critical, "hash", true));
        proven.Outlook!.Feeds.ShouldHaveSingleItem().Due.ShouldBe(FeedDue.Deviation);

        // And again: the market has turned, the pool has not.
        market = null;
        await bench.BlockAsync();
        var eased = Of(bench).ShouldHaveSingleItem();
        (eased.Kind, eased.Level, eased.Pin).ShouldBe((TransitionKind.Eased, AlertLevel.Warning, "pending"));
        eased.Title.ShouldContain("only by a pending transaction, not confirmed");
    }

    [Fact]
    public async Task A_pool_that_can_not_be_read_eases_nothing()
    {
        await using var bench = await StartAsync();
        market = 700_000;
        Offer(bench, [Price(700_000)]);
        await bench.BlockAsync();
        Of(bench).ShouldHaveSingleItem().Level.ShouldBe(AlertLevel.Critical);
        bench.Node.Node.Fault = static batch => IsAboutPending(batch[0]) ? NodeFault.Fail : NodeFault.None;
        market = null;
        await bench.BlockAsync();
        Of(bench).ShouldBeEmpty();
        (await bench.AlertAsync(0, Rules.NextPrice))!.Level.ShouldBe(AlertLevel.Critical);
    }

    /// <summary>Whatever their order by hash.</summary>
    [Theory]
    [InlineData(1_200_000, 1, 2)]
    [InlineData(1_200_000, 2, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(2, 2, 1)]
    public async Task What_is_made_up_does_not_hide_what_is_pending_beside_it(uint madeUp, ulong salt, ulong other)
    {
        await using var bench = await StartAsync();
        Offer(bench, [Price(madeUp, salt), Price(700_000, other)]);
        await bench.StepAsync();
        var told = Of(bench).ShouldHaveSingleItem();
        (told.Rule, told.Pin).ShouldBe((Rules.NextPrice, "pending"));
        told.Outlook!.Feeds.ShouldHaveSingleItem().Next.ShouldBe((UInt256)700_000u);
    }

    [Fact]
    public async Task A_price_that_would_save_an_account_clears_nothing()
    {
        await using var bench = await StartAsync();
        await bench.BlockAsync(LoopBench.Price(700_000));
        Of(bench).Single(static t => t.Rule == Rules.Distance).Level.ShouldBe(AlertLevel.Liquidatable);
        Offer(bench, [Price(1_000_000)]);
        await bench.StepAsync();
        bench.Judged[^1].Transitions.ShouldNotContain(static t => t.Kind == TransitionKind.Eased || t.Kind == TransitionKind.Resolved);
        (await bench.AlertAsync(0))!.Level.ShouldBe(AlertLevel.Liquidatable);
    }

    [Fact]
    public async Task What_nobody_would_take_raises_nothing()
    {
        await using var bench = await StartAsync();
        var counted = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == bench.MeterName && instrument.Name == "defimonitor_pending_malformed_total")
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => counted += count);
        listener.Start();
        Offer(bench, [Reports.Sent(Aggregator, Reports.Ocr2(900_000u, 700_000u), salt: 1), Reports.Sent(Aggregator, Reports.Ocr2(1u), salt: 2), Reports.Sent(FakeAddress.Of(0xfe, 41), Reports.Ocr2(700_000u), salt: 3)]);
        await bench.StepAsync();
        await bench.BlockAsync();
        counted.ShouldBe(1, "the unsorted one, once");
        bench.Judged.SelectMany(static b => b.Transitions).ShouldNotContain(static t => t.Rule == Rules.NextPrice);
    }

    [Fact]
    public async Task A_node_that_offers_none_is_asked_again_only_after_some_minutes()
    {
        await using var bench = await StartAsync(offers: false);
        bench.Node.Node.Requests.Count(IsAboutPending).ShouldBe(2, "the pool, and the pending block");
        await bench.BlockAsync();
        await bench.StepAsync();
        bench.Node.Node.Requests.Count(IsAboutPending).ShouldBe(2);
        bench.Time.Advance(TimeSpan.FromMinutes(10));
        Offer(bench, [Price(700_000)]);
        await bench.StepAsync();
        Of(bench).ShouldHaveSingleItem().Rule.ShouldBe(Rules.NextPrice);
    }

    [Fact]
    public async Task The_end_of_the_offer_ends_no_alert_before_what_was_offered_is_too_old()
    {
        await using var bench = await StartAsync();
        Offer(bench, [Price(700_000)]);
        await bench.StepAsync();
        bench.Node.Node.Pool = null;
        for (var i = 0UL; i < PendingWatch.MostBlocks; i++)
        {
            await bench.BlockAsync();
            Of(bench).ShouldBeEmpty();
        }

        (await bench.AlertAsync(0, Rules.NextPrice))!.IsOpen.ShouldBeTrue();
        await bench.BlockAsync();
        Of(bench).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Resolved);
    }

    public static TheoryData<RpcReply> NoOffersEnd => [RpcReply.Failed(-32000, "header not found"), RpcReply.Failed(-32000, "not today"), RpcReply.Of((object?)null)];

    [Theory]
    [MemberData(nameof(NoOffersEnd))]
    public async Task Only_a_node_that_knows_no_such_method_offers_none(RpcReply reply)
    {
        await using var bench = await StartAsync(asBlock: true);
        Offer(bench, [Price(700_000)], asBlock: true);
        await bench.StepAsync();
        bench.Node.Node.PendingReply = reply;
        Offer(bench, [], asBlock: true);
        await bench.BlockAsync();
        (await bench.AlertAsync(0, Rules.NextPrice))!.IsOpen.ShouldBeTrue();

        // Asked again after seconds, not minutes.
        bench.Node.Node.PendingReply = null;
        await bench.BlockAsync();
        Of(bench).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Resolved);
    }

    private static bool IsAboutPending(RpcRequest request) =>
        request.Method == "txpool_content" || (request.Method == "eth_getBlockByNumber" && request.Params[0].GetString() == "pending");

    private static IEnumerable<AlertTransition> Of(LoopBench bench) => bench.Judged[^1].Transitions.Where(t => t.Report?.Account == bench.Account(0));

    private static PendingTransaction Price(uint price, ulong salt = 1) =>
        Reports.Sent(FakeAddress.Of(0xfe, 42), Reports.Forward(Aggregator, Reports.Ocr2(price - 1, price, price + 1)), salt);

    private static void Offer(LoopBench bench, IReadOnlyList<PendingTransaction> pool, bool asBlock = false)
    {
        bench.Node.Node.Pool = asBlock ? null : pool;
        bench.Node.Node.PendingBlock = asBlock ? pool : null;
    }

    private async Task<LoopBench> StartAsync(bool offers = true, bool asBlock = false)
    {
        var aggregator = new Core.Chain.Call(FeedSamples.Feed, AbiSelector.Of("aggregator()"));
        var watch = FeedSamples.Watch(null, Toy.Asset(0)) with { Chain = LoopBench.Chain, Decimals = 0, Market = new SecondFeed(FeedSamples.Second, 0) { MaxAgeSeconds = 90_000 } };
        var bench = await LoopBench.CreateAsync(o => o with { Feeds = [watch], Pending = true });
        var rest = bench.Node.Node.OnCall!;
        bench.Node.Node.OnCall = (call, at) =>
            call.Equals(aggregator) ? AbiWords.Answer(Aggregator)
            : call.Equals(FeedSamples.Round(FeedSamples.Feed)) ? FeedSamples.RoundOf(bench.Node.StateAt(at).Prices[Toy.Asset(0)], at.Timestamp - 60)
            : call.Equals(FeedSamples.Round(FeedSamples.Second)) ? FeedSamples.RoundOf(market ?? bench.Node.StateAt(at).Prices[Toy.Asset(0)], at.Timestamp - 60)
            : rest(call, at);
        if (offers)
        {
            Offer(bench, [], asBlock);
        }

        for (var i = 0; i < 15; i++)
        {
            await bench.BlockAsync();
        }

        return bench;
    }
}
