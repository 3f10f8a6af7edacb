using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Tests.Ethereum;

public sealed class ChainFollowerTests
{
    private static readonly Address Pool = Address.Parse("0x00000000000000000000000000000000000000aa");
    private static readonly Address Oracle = Address.Parse("0x00000000000000000000000000000000000000bb");
    private static readonly Hash32 Supply = Keccak256.HashUtf8("Supply()");

    private readonly FakeNode node = new();
    private readonly SimulatedTime time = new();

    [Fact]
    public async Task A_start_without_checkpoint_begins_at_the_head()
    {
        node.MineMany(5);
        var follower = Follow();
        var events = await PollAsync(follower);
        events.ShouldHaveSingleItem().ShouldBeOfType<BlockAdded>().ShouldSatisfyAllConditions(
            b => b.Header.ShouldBe(node.Head),
            b => b.IsHead.ShouldBeTrue());
        (await PollAsync(follower)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_start_with_checkpoint_goes_on_right_after_it_and_marks_only_the_newest_block_as_head()
    {
        var checkpoint = node.Head;
        node.MineMany(200);
        var follower = Follow();
        follower.Start(checkpoint);
        var added = (await PollAsync(follower)).OfType<BlockAdded>().ToList();
        added.Select(b => b.Header).ShouldBe(node.Canonical.Skip(1).Select(b => b.Header));
        added.Count(b => b.IsHead).ShouldBe(1);
        added[^1].IsHead.ShouldBeTrue();
    }

    [Fact]
    public async Task A_new_block_costs_two_calls()
    {
        var follower = Follow();
        await PollAsync(follower);
        node.Mine();
        node.Requests.Clear();
        await PollAsync(follower);
        node.Requests.Select(r => r.Method).ShouldBe(["eth_getBlockByNumber", "eth_getLogs"]);
    }

    [Fact]
    public async Task A_fork_is_undone_newest_first_and_told_anew_oldest_first()
    {
        var follower = Follow();
        await PollAsync(follower);
        node.MineMany(5);
        await PollAsync(follower);
        var old = node.Canonical.TakeLast(3).Select(b => b.Header).Reverse().ToList();
        node.Reorg(3, 4);
        var events = await PollAsync(follower);
        events.OfType<BlockReverted>().Select(b => b.Header).ShouldBe(old);
        events.OfType<BlockAdded>().Select(b => b.Header).ShouldBe(node.Canonical.TakeLast(4).Select(b => b.Header));
        events.TakeWhile(e => e is BlockReverted).Count().ShouldBe(3);
    }

    [Fact]
    public async Task A_fork_of_equal_height_is_followed()
    {
        var follower = Follow();
        await PollAsync(follower);
        node.MineMany(2);
        await PollAsync(follower);
        node.Reorg(2, 2);
        var events = await PollAsync(follower);
        events.OfType<BlockReverted>().Count().ShouldBe(2);
        follower.Head.ShouldBe(node.Head);
    }

    [Fact]
    public async Task A_fork_below_the_first_block_told_begins_again_on_the_other_branch()
    {
        node.MineMany(10);
        var follower = Follow();
        await PollAsync(follower);
        var first = node.Head;
        node.Reorg(4, 6);
        var events = await PollAsync(follower);
        events[0].ShouldBe(new BlockReverted(first));
        events.OfType<BlockAdded>().Select(b => b.Header.Number).ShouldBe([first.Number, first.Number + 1, first.Number + 2]);
        follower.Head.ShouldBe(node.Head);
    }

    [Fact]
    public async Task A_head_that_is_behind_undoes_nothing_and_is_remembered()
    {
        var follower = Follow();
        node.MineMany(3);
        await PollAsync(follower);
        var ours = node.Head;
        node.Reorg(2, 0);
        (await PollAsync(follower)).ShouldBeEmpty();
        follower.Head.ShouldBe(ours);
        follower.NodeHead.ShouldBe(node.Head);
        follower.BehindSince.ShouldBe(time.GetUtcNow());
        node.MineMany(3);
        await PollAsync(follower);
        follower.BehindSince.ShouldBeNull();
        follower.Head.ShouldBe(node.Head);
    }

    [Fact]
    public async Task A_fork_below_finality_stops_with_the_way_back()
    {
        node.Finalized = node.Head.Number;
        var follower = Follow();
        await PollAsync(follower);
        node.MineMany(10);
        node.Finalized = node.Head.Number - 2;
        time.Advance(TimeSpan.FromSeconds(12));
        (await PollAsync(follower)).ShouldContain(e => e is BlockFinalized);
        node.Reorg(5, 8);
        var e = await Should.ThrowAsync<ForkBelowFinalityException>(() => PollAsync(follower));
        e.Message.ShouldContain("repair --chain testnet");
        e.Finalized.Number.ShouldBe(follower.Finalized!.Value.Number);
    }

    [Fact]
    public async Task A_checkpoint_of_another_branch_is_a_fork_below_finality()
    {
        node.MineMany(3);
        var checkpoint = node.Head;
        node.Reorg(2, 5);
        var follower = Follow();
        follower.Start(checkpoint);
        await Should.ThrowAsync<ForkBelowFinalityException>(() => PollAsync(follower));
    }

    [Fact]
    public async Task Finality_is_asked_at_most_every_twelve_seconds()
    {
        node.Finalized = node.Head.Number;
        var follower = Follow();
        await PollAsync(follower);
        node.Requests.Clear();
        for (var i = 0; i < 5; i++)
        {
            node.Mine();
            await PollAsync(follower);
        }

        node.Requests.ShouldNotContain(r => r.Method == "eth_getBlockByNumber" && r.Params[0].ValueEquals("finalized"));
        node.Finalized = node.Head.Number - 1;
        time.Advance(TimeSpan.FromSeconds(12));
        (await PollAsync(follower)).ShouldBe([new BlockFinalized(node.Canonical[^2].Header.Ref)]);
    }

    [Fact]
    public async Task Without_the_finalized_tag_depth_stands_in()
    {
        var follower = Follow(new ChainFollowerOptions { UsualFinalityDepth = 4 });
        await PollAsync(follower);
        node.MineMany(10);
        time.Advance(TimeSpan.FromSeconds(12));
        var events = await PollAsync(follower);
        events[^1].ShouldBe(new BlockFinalized(node.Canonical[^5].Header.Ref));
    }

    [Fact]
    public async Task A_long_way_is_finalized_while_it_is_caught_up()
    {
        var checkpoint = node.Head;
        node.MineMany(500);
        node.Finalized = node.Head.Number - 20;
        var follower = Follow();
        follower.Start(checkpoint);
        var events = await PollAsync(follower);
        var finals = events.OfType<BlockFinalized>().Select(f => f.Block.Number).ToList();
        finals.Count.ShouldBeGreaterThan(5);
        finals.ShouldBe(finals.Order());
        finals[^1].ShouldBe(node.Finalized.Value);
    }

    [Fact]
    public async Task Stalled_finality_is_capped_and_told()
    {
        node.Finalized = node.Head.Number;
        var follower = Follow(new ChainFollowerOptions { MaxUnfinalized = 10 });
        await PollAsync(follower);
        for (var i = 0; i < 15; i++)
        {
            node.Mine();
            await PollAsync(follower);
        }

        follower.FinalityStalled.ShouldBeTrue();
        follower.Finalized!.Value.Number.ShouldBe(node.Head.Number - 10);
    }

    [Fact]
    public async Task A_failure_in_the_middle_skips_nothing()
    {
        var follower = Follow(new ChainFollowerOptions { BlocksAtOnce = 4 });
        await PollAsync(follower);
        node.MineMany(30);
        var logQueries = 0;
        node.Fault = batch => batch[0].Method == "eth_getLogs" && ++logQueries == 3 ? NodeFault.Fail : NodeFault.None;
        var told = new List<ChainEvent>();
        await Should.ThrowAsync<RpcException>(async () =>
        {
            await foreach (var e in follower.PollAsync(Filters, CancellationToken.None))
            {
                told.Add(e);
            }
        });
        told.Count.ShouldBeGreaterThan(0);
        node.Fault = _ => NodeFault.None;
        told.AddRange(await PollAsync(follower));
        told.OfType<BlockAdded>().Select(b => b.Header).ShouldBe(node.Canonical.Skip(1).Select(b => b.Header));
    }

    [Fact]
    public async Task Filters_that_grow_while_blocks_are_told_are_in_the_logs_of_the_next_block()
    {
        var follower = Follow();
        await PollAsync(follower);
        for (var i = 0u; i < 3; i++)
        {
            node.Mine(FakeNode.LogOf(Pool, Supply, 0), FakeNode.LogOf(Oracle, Supply, 1));
        }

        List<LogFilter> filters = [new LogFilter([Pool], [Supply])];
        var counts = new List<int>();
        await foreach (var e in follower.PollAsync(() => filters, CancellationToken.None))
        {
            counts.Add(((BlockAdded)e).Logs.Count);
            if (counts.Count == 1)
            {
                filters = [new LogFilter([Pool, Oracle], [Supply])];
                var grown = await follower.RefetchLogsAsync(((BlockAdded)e).Header, filters, CancellationToken.None);
                grown.Count.ShouldBe(2);
            }
        }

        counts.ShouldBe([1, 2, 2]);
    }

    [Fact]
    public async Task Headers_that_do_not_fit_are_blamed_on_the_node_after_three_tries()
    {
        var follower = Follow();
        await PollAsync(follower);
        node.MineMany(5);
        node.Fault = batch => batch.Count > 1 ? NodeFault.Lie : NodeFault.None;
        var e = await Should.ThrowAsync<RpcException>(() => PollAsync(follower));
        e.Kind.ShouldBe(RpcFailure.Malformed);
        follower.Head!.Number.ShouldBe(100ul);
        node.Fault = _ => NodeFault.None;
        await PollAsync(follower);
        follower.Head.ShouldBe(node.Head);
    }

    [Fact]
    public async Task Without_a_subscription_the_wait_is_the_polling_interval()
    {
        var follower = Follow(new ChainFollowerOptions { PollEvery = TimeSpan.FromSeconds(5) });
        await PollAsync(follower);
        var wait = follower.WaitForHeadAsync(TimeSpan.Zero, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(4.9));
        wait.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(0.1));
        await wait;
    }

    [Fact]
    public async Task A_wait_is_never_shorter_than_the_cadence_allows()
    {
        var follower = Follow(new ChainFollowerOptions { PollEvery = TimeSpan.FromSeconds(5) });
        await PollAsync(follower);
        var wait = follower.WaitForHeadAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(59));
        wait.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        await wait;
    }

    [Fact]
    public async Task A_hint_ends_the_wait_and_a_mute_subscription_does_not_prolong_it()
    {
        var heads = System.Threading.Channels.Channel.CreateUnbounded<HeadHint>();
        var client = new EvmClient(new HintingTransport(node, heads.Reader.ReadAllAsync()));
        var options = new ChainFollowerOptions { PollEvery = TimeSpan.FromSeconds(5), MuteAfter = TimeSpan.FromSeconds(30) };
        await using var follower = new ChainFollower(client, options, time);
        await PollAsync(follower);
        var wait = follower.WaitForHeadAsync(TimeSpan.Zero, CancellationToken.None);
        var next = node.Mine();
        await heads.Writer.WriteAsync(new HeadHint(next.Number, next.Hash));
        await wait;
        await PollAsync(follower);

        // It talks, so the next look comes at its word or when it is mute.
        wait = follower.WaitForHeadAsync(TimeSpan.Zero, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(29));
        wait.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        await wait;
        await PollAsync(follower);

        // Mute now: back to polling.
        wait = follower.WaitForHeadAsync(TimeSpan.Zero, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(5));
        await wait;
    }

    [Fact]
    public async Task A_head_counts_from_its_announcement_however_late_it_is_looked_at()
    {
        var heads = System.Threading.Channels.Channel.CreateUnbounded<HeadHint>();
        var client = new EvmClient(new HintingTransport(node, heads.Reader.ReadAllAsync()), time: time);
        await using var follower = new ChainFollower(client, new ChainFollowerOptions { PollEvery = TimeSpan.FromSeconds(5), MuteAfter = TimeSpan.FromSeconds(30) }, time);
        await PollAsync(follower);
        follower.Announced.ShouldBe(new HeadAnnouncement(node.Head.Hash, time.GetTimestamp(), client.Waited), "nobody announced it: the answer does");
        var wait = follower.WaitForHeadAsync(TimeSpan.Zero, CancellationToken.None);

        // Two blocks come while nobody waits; the first of them ends the wait, the second is what the node shows by then.
        await AnnounceAsync();
        await wait;
        time.Advance(TimeSpan.FromSeconds(1));
        var second = await AnnounceAsync();
        time.Advance(TimeSpan.FromSeconds(3));
        await PollAsync(follower);
        follower.Announced.ShouldNotBeNull().ShouldBe(new HeadAnnouncement(node.Head.Hash, second, client.Waited));

        // What was heard on the way is not waited for again, and what comes next is not lost by it.
        wait = follower.WaitForHeadAsync(TimeSpan.Zero, CancellationToken.None);
        await Task.Delay(50);
        wait.IsCompleted.ShouldBeFalse();
        await AnnounceAsync();
        await wait;

        async Task<long> AnnounceAsync()
        {
            var next = node.Mine();
            var at = time.GetTimestamp();
            await heads.Writer.WriteAsync(new HeadHint(next.Number, next.Hash) { ArrivedAt = at });
            return at;
        }
    }

    [Fact]
    public async Task An_announcement_that_is_heard_during_a_look_at_an_older_head_ends_the_next_wait()
    {
        var heads = System.Threading.Channels.Channel.CreateUnbounded<HeadHint>();
        await using var follower = new ChainFollower(
            new EvmClient(new HintingTransport(node, heads.Reader.ReadAllAsync()), time: time), new ChainFollowerOptions { MuteAfter = TimeSpan.FromSeconds(30) }, time);
        await PollAsync(follower);
        var wait = follower.WaitForHeadAsync(TimeSpan.Zero, CancellationToken.None);
        await heads.Writer.WriteAsync(new HeadHint(node.Mine().Number, node.Head.Hash));
        await wait;

        // The node tells of a head that it does not show yet.
        var next = new HeadHint(node.Head.Number + 1, Hash32.FromBytes(new byte[32]));
        await heads.Writer.WriteAsync(next);
        await PollAsync(follower);
        await follower.WaitForHeadAsync(TimeSpan.Zero, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static IReadOnlyCollection<LogFilter> Filters() => [new LogFilter([Pool], [Supply])];

    private static async Task<List<ChainEvent>> PollAsync(ChainFollower follower)
    {
        var events = new List<ChainEvent>();
        await foreach (var e in follower.PollAsync(Filters, CancellationToken.None))
        {
            events.Add(e);
        }

        return events;
    }

    private ChainFollower Follow(ChainFollowerOptions? options = null) =>
        new(new EvmClient(node), (options ?? new ChainFollowerOptions()) with { ChainName = "testnet" }, time);

    private sealed class HintingTransport(IRpcTransport inner, IAsyncEnumerable<HeadHint> heads) : IRpcTransport
    {
        public string Name => inner.Name;

        public Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken) => inner.SendAsync(batch, cancellationToken);

        public IAsyncEnumerable<HeadHint>? SubscribeHeads(CancellationToken cancellationToken) => heads;
    }
}
