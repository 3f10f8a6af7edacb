using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Feeds;
using DefiMonitor.Ethereum;
using DefiMonitor.Tests.Alerts;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Feeds;

/// <summary>What is believed of a pool that anybody can write into.</summary>
public sealed class PendingWatchTests
{
    private static readonly Address Aggregator = FakeAddress.Of(0xfe, 50);
    private static readonly FeedWatch Followed = FeedSamples.Watch(null, Samples.Token("WETH"));

    private readonly FakeNode node = new();
    private readonly SimulatedTime time = new();
    private readonly PendingWatch watch;
    private readonly EvmClient client;

    public PendingWatchTests()
    {
        client = new EvmClient(node);
        watch = new PendingWatch(time, TimeSpan.Zero);
    }

    [Fact]
    public async Task The_lowest_and_the_highest_are_believed_and_what_is_far_off_is_not()
    {
        (await LookAsync(100, Sent(900, 1), Sent(1_100, 2), Sent(1_000, 3), Sent(249, 4), Sent(4_004, 5))).ShouldBeTrue();
        watch.Coming(Followed.Feed, 100).ShouldBe(((UInt256)900u, (UInt256)1_100u));
        watch.Coming(FeedSamples.Second, 100).ShouldBeNull();

        // That is all that was there: what is far off neither comes nor goes.
        (await LookAsync(101, Sent(900, 1), Sent(1_100, 2), Sent(1_000, 3))).ShouldBeFalse();
        watch.TakeWithdrawn().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_higher_fee_makes_no_new_answer()
    {
        (await LookAsync(100, Sent(900, 1))).ShouldBeTrue();
        for (var block = 101UL; block <= 100 + PendingWatch.MostBlocks; block++)
        {
            (await LookAsync(block, Sent(900, block))).ShouldBeFalse();
            watch.Coming(Followed.Feed, block).ShouldNotBeNull();
            watch.TakeWithdrawn().ShouldBeEmpty("it is still on its way");
        }

        // Old all the same, and another that is younger is not.
        (await LookAsync(106, Sent(900, 106), Sent(950, 7))).ShouldBeTrue();
        watch.Coming(Followed.Feed, 106).ShouldBe(((UInt256)950u, (UInt256)950u));
        watch.TakeWithdrawn().ShouldHaveSingleItem().ShouldContain("did not land within 5 blocks");

        // Two with the same answer: one may go.
        await LookAsync(107, Sent(950, 8), Sent(950, 7));
        watch.TakeWithdrawn().ShouldHaveSingleItem().ShouldContain("is no longer pending");
        await LookAsync(107, Sent(950, 8));
        watch.TakeWithdrawn().ShouldBeEmpty();
        await LookAsync(108);
        watch.TakeWithdrawn().ShouldHaveSingleItem().ShouldContain("is no longer pending");
        watch.Coming(Followed.Feed, 108).ShouldBeNull();
    }

    [Fact]
    public async Task A_flood_is_bounded_and_what_is_stuck_takes_no_place()
    {
        var flood = Enumerable.Range(0, PendingWatch.MostAnswers).Select(static i => Sent(1_000 + (uint)i, (ulong)i)).ToList();
        await LookAsync(100, [.. flood]);
        (await LookAsync(101, [.. flood, Sent(900, 900)])).ShouldBeFalse();
        watch.TakeWithdrawn().ShouldBeEmpty();
        (await LookAsync(106, [.. flood, Sent(900, 900)])).ShouldBeTrue();
        watch.Coming(Followed.Feed, 106).ShouldBe(((UInt256)900u, (UInt256)900u));
    }

    [Fact]
    public async Task An_unread_pool_grows_old_too()
    {
        await LookAsync(100, Sent(900, 1));
        node.Fault = static _ => NodeFault.Fail;
        await LookAsync(106, Sent(900, 1));
        watch.Unread.ShouldNotBeNull();
        watch.Coming(Followed.Feed, 106).ShouldBeNull();
        watch.TakeWithdrawn().ShouldHaveSingleItem().ShouldContain("the pool can't be read");
        await LookAsync(107, Sent(900, 1));
        watch.TakeWithdrawn().ShouldBeEmpty("said once");
    }

    [Fact]
    public async Task What_an_unread_pool_may_hide_is_feared_no_longer_than_it_would_have_been_believed()
    {
        node.Fault = static _ => NodeFault.Fail;
        await LookAsync(100);
        watch.IsUnreadAt(100 + PendingWatch.MostBlocks).ShouldBeTrue("since the first look that failed");
        watch.IsUnreadAt(101 + PendingWatch.MostBlocks).ShouldBeFalse();

        node.Fault = static _ => NodeFault.None;
        time.Advance(TimeSpan.FromMinutes(5));
        await LookAsync(110);
        watch.IsUnreadAt(110).ShouldBeFalse("it was read");
        node.Fault = static _ => NodeFault.Fail;
        await LookAsync(112);
        watch.IsUnreadAt(110 + PendingWatch.MostBlocks).ShouldBeTrue("since the last look that showed it");
        watch.IsUnreadAt(111 + PendingWatch.MostBlocks).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(7, 7)]
    public async Task It_is_looked_at_no_oftener_than_its_pace_and_than_the_node_is_quick(int slow, int pause)
    {
        var paced = new PendingWatch(time, TimeSpan.FromSeconds(1));
        node.Fault = _ =>
        {
            time.Advance(TimeSpan.FromSeconds(slow));
            return NodeFault.None;
        };
        var feeds = new Dictionary<Address, FollowedFeed> { [Aggregator] = new(Followed, 1_000u) };
        node.Pool = [];
        await paced.LookAsync(client, feeds, 100, CancellationToken.None);
        var asked = node.Requests.Count;
        for (var second = 0; second < pause - 1; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await paced.LookAsync(client, feeds, 100, CancellationToken.None);
        }

        await paced.LookAsync(client, feeds, 101, CancellationToken.None);
        node.Requests.Count.ShouldBe(asked, "not even for a new block");
        time.Advance(TimeSpan.FromSeconds(1));
        await paced.LookAsync(client, feeds, 101, CancellationToken.None);
        node.Requests.Count.ShouldBeGreaterThan(asked);
    }

    /// <summary>Who owes what the feed prices falls when it rises.</summary>
    [Fact]
    public async Task The_worse_of_both_ends_is_judged()
    {
        var reads = new FeedReads(FeedSamples.Chain, [Followed], 12, pending: true);
        var block = new BlockHeader(100, default, default, 1_700_000_000);
        var answers = new CallResults();
        foreach (var feed in (Address[])[FeedSamples.Feed, FeedSamples.Second])
        {
            answers.Set(FeedSamples.Round(feed), FeedSamples.RoundOf(1_000u, block.Timestamp - 60));
        }

        await LookAsync(100, Sent(900, 1), Sent(1_100, 2));
        var next = reads.Of(block, answers, watch);
        next.Pending.Count.ShouldBe(2);
        var report = Samples.EthUsdc("2000", 100);
        foreach (var (worse, isFall) in ((uint, bool)[])[(900, true), (1_100, false)])
        {
            var outlook = next.OutlookOf(report, shock => report with
            {
                Status = shock.Factors.Values.Any(f => f.Numerator < f.Denominator == isFall) ? MarginStatus.Liquidatable : MarginStatus.Healthy,
            })!;
            outlook.HangsOnPending.ShouldBeTrue();
            outlook.Feeds.ShouldHaveSingleItem().Next.ShouldBe((UInt256)worse);
        }
    }

    private async Task<bool> LookAsync(ulong head, params PendingTransaction[] pool)
    {
        node.Pool = pool;
        return await watch.LookAsync(client, new Dictionary<Address, FollowedFeed> { [Aggregator] = new(Followed, 1_000u) }, head, CancellationToken.None);
    }

    private static PendingTransaction Sent(uint answer, ulong salt) => Reports.Sent(Aggregator, Reports.Ocr2(answer), salt);
}
