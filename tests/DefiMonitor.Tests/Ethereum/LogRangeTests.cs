using System.Text.Json;
using System.Text.Json.Nodes;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Ranges;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Tests.Ethereum;

public sealed class LogRangeTests
{
    private static readonly Address Pool = Address.Parse("0x00000000000000000000000000000000000000aa");
    private static readonly Hash32 Borrow = Keccak256.HashUtf8("Borrow()");
    private static readonly LogFilter Filter = new([Pool], [Borrow]);

    private readonly SimulatedTime time = new() { AutoAdvance = true };

    public static TheoryData<ulong, string> Limits => new()
    {
        { 5, "eth_getLogs is limited to a 5 range" },
        { 500, "exceed maximum block range: 500" },
        { 500, "block range is too wide" },
        { 10, "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range. Based on your parameters, this block range should work: [0x64, 0x6d]" },
        { 2_000, "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the response size, or you can request any block range with a cap of 10K logs in the response." },
        { 2_048, "requested too many blocks from 100 to 10099, maximum is set to 2048" },
        { 800, "Max range: 800" },
        { 3_000, "query returned more than 10000 results. Try with this block range [0x64, 0x200]." },
        { 10_000, "eth_getLogs and eth_newFilter are limited to a 10,000 blocks range" },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_range_is_read_whole_whatever_the_limit(ulong limit, string words)
    {
        var node = Chain(12_000);
        node.MaxLogRange = limit;
        node.LogRangeWords = _ => words;
        (await ReadAsync(node, node)).ShouldBeEmpty();

        // Pages stay near what the node allows: not one request a block. Each costs its logs and a header.
        node.Requests.Count(r => r.Method == "eth_getLogs").ShouldBeLessThan((int)(12_001 / Math.Max(1, limit / 4)) + 60);
    }

    [Fact]
    public async Task Pages_come_in_order_though_answers_do_not_and_no_more_than_asked_for_are_in_flight()
    {
        var node = Chain(3_000);
        var slow = new Shuffled(node, new Random(1));
        (await ReadAsync(slow, node, new LogRangeOptions { FirstBlocks = 50, MostBlocks = 50, InFlight = 5 })).ShouldBeEmpty();
        slow.MostAtOnce.ShouldBe(5);
    }

    [Fact]
    public async Task Where_logs_lie_dense_a_page_shrinks_to_what_is_wanted()
    {
        var node = Chain(2_000, n => n < 1_000 ? 0 : 30);
        var sizes = new List<int>();
        await foreach (var page in Reader(node, new LogRangeOptions { LogsPerPage = 300, InFlight = 1 }).ReadAsync([Filter], 100, node.Head.Number, CancellationToken.None))
        {
            sizes.Add(page.Logs.Count);
        }

        sizes.Sum().ShouldBe(node.Canonical.Sum(b => b.Logs.Count));
        sizes.Count(s => s > 300).ShouldBe(1, "the one that met the dense part unprepared");
        sizes.Count.ShouldBeLessThan(120);
    }

    [Fact]
    public async Task Pruned_history_is_one_gap_that_ends_at_the_first_block_served_and_costs_few_requests()
    {
        var node = Chain(9_000);
        node.PrunedBelow = 7_123;
        var gap = (await ReadAsync(node, node)).ShouldHaveSingleItem();
        (gap.From, gap.To).ShouldBe((100UL, 7_122UL));
        gap.Unserved!.ShouldContain("http://fake answers eth_getLogs with error 4444: pruned history unavailable");
        node.Requests.Count.ShouldBeLessThan(150);
    }

    [Fact]
    public async Task A_history_that_is_pruned_to_the_end_is_one_gap()
    {
        var node = Chain(9_000);
        node.PrunedBelow = 1_000_000;
        (await ReadAsync(node, node)).Select(g => (g.From, g.To)).ShouldBe([(100UL, node.Head.Number)]);
    }

    [Fact]
    public async Task One_block_that_is_refused_is_a_gap_of_one_block()
    {
        var node = Chain(5_000);
        node.Broken = 3_333;
        (await ReadAsync(node, node)).Select(g => (g.From, g.To)).ShouldBe([(3_333UL, 3_333UL)]);
    }

    [Fact]
    public async Task What_one_endpoint_can_not_serve_another_is_asked_for()
    {
        var pruned = Chain(4_000, name: "http://pruned");
        var archive = Chain(4_000, name: "http://archive");
        pruned.PrunedBelow = 3_000;
        archive.Broken = 1_500;
        var gap = (await ReadAsync(PoolOf(pruned, archive), pruned)).ShouldHaveSingleItem();
        (gap.From, gap.To).ShouldBe((1_500UL, 1_500UL));
        gap.Unserved!.ShouldContain("http://pruned");
        gap.Unserved!.ShouldContain("http://archive");
    }

    [Fact]
    public async Task Each_endpoint_keeps_a_page_size_of_its_own()
    {
        var small = Chain(4_000, name: "http://small");
        var large = Chain(4_000, name: "http://large");
        small.MaxLogRange = 100;
        var down = false;
        small.Fault = _ => down ? NodeFault.Fail : NodeFault.None;
        var sizes = new List<ulong>();
        await foreach (var page in Reader(PoolOf(small, large), new LogRangeOptions { InFlight = 1 }).ReadAsync([Filter], 100, 4_100, CancellationToken.None))
        {
            sizes.Add(page.To - page.From + 1);
            down = page.To > 1_000;
        }

        sizes[..5].ShouldAllBe(s => s <= 100);
        sizes.Max().ShouldBeGreaterThan(400UL);
    }

    [Fact]
    public async Task An_endpoint_that_has_not_come_as_far_does_not_pass_for_one_without_logs()
    {
        var late = Chain(2_000, name: "http://late");
        var there = Chain(3_000, name: "http://there");
        (await ReadAsync(PoolOf(late, there), there)).ShouldBeEmpty();

        var gap = (await ReadAsync(late, late, to: 2_500)).ShouldHaveSingleItem();
        (gap.From, gap.To).ShouldBe((2_101UL, 2_500UL));
        gap.Unserved!.ShouldContain("does not have block");
    }

    public static TheoryData<string, string> Lies => new()
    {
        { "twice", "two logs of index" },
        { "hash", "whose header has the hash" },
        { "fork", "105" },
        { "outside", "when asked for blocks" },
        { "removed", "removed" },
        { "header", "when asked for" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_lie_is_not_believed_and_asked_again(string lie, string words)
    {
        var node = Chain(600);
        var left = 2;
        (await ReadAsync(new Liar(node, lie, () => left-- > 0), node)).ShouldBeEmpty();
        left.ShouldBeLessThan(0);

        var gaps = await ReadAsync(new Liar(node, lie, static () => true), node);
        gaps.ShouldNotBeEmpty();
        gaps[0].Unserved!.ShouldContain(words);
    }

    [Fact]
    public async Task A_cap_that_the_node_does_not_tell_of_loses_no_log()
    {
        var node = Chain(900, _ => 7);
        (await ReadAsync(new Liar(node, "cap", static () => true), node)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_that_is_away_for_a_while_is_waited_for()
    {
        var node = Chain(3_000);
        var asked = 0;
        node.Fault = _ => ++asked is > 4 and < 16 ? NodeFault.RateLimit : NodeFault.None;
        (await ReadAsync(PoolOf(node), node, new LogRangeOptions { FirstBlocks = 100, MostBlocks = 100 })).ShouldBeEmpty();
    }

    [Fact]
    public async Task When_no_endpoint_answers_the_pages_before_hold_and_the_failure_is_told()
    {
        var node = Chain(3_000);
        var asked = 0;
        node.Fault = _ => ++asked > 12 ? NodeFault.Fail : NodeFault.None;
        var last = 99UL;
        var e = await Should.ThrowAsync<RpcException>(async () =>
        {
            await foreach (var page in Reader(node, new LogRangeOptions { FirstBlocks = 100, MostBlocks = 100 }).ReadAsync([Filter], 100, node.Head.Number, CancellationToken.None))
            {
                page.From.ShouldBe(last + 1);
                page.Unserved.ShouldBeNull();
                last = page.To;
            }
        });
        e.Kind.ShouldBe(RpcFailure.Unreachable);
        last.ShouldBe(1_299UL);
    }

    [Fact]
    public async Task Filters_that_ask_for_nothing_are_refused()
    {
        var node = Chain(10);
        await Should.ThrowAsync<ArgumentException>(async () =>
        {
            await foreach (var _ in Reader(node, new LogRangeOptions()).ReadAsync([], 100, 110, CancellationToken.None))
            {
            }
        });
        node.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_trial_tells_how_many_blocks_a_page_can_span()
    {
        var node = Chain(20_000, static _ => 0);
        node.MaxLogRange = 3_000;
        (await Reader(node, new LogRangeOptions()).TryAsync([Filter], 100, node.Head.Number, CancellationToken.None))!.BlocksPerPage.ShouldBe(3_000UL);

        var dense = Chain(2_000, static _ => 20);
        var trial = await Reader(dense, new LogRangeOptions { LogsPerPage = 400 }).TryAsync([Filter], 100, dense.Head.Number, CancellationToken.None);
        trial!.BlocksPerPage.ShouldBe(20UL);
        trial.Logs.ShouldBe((long)trial.Blocks * 20);

        dense.PrunedBelow = 1_000_000;
        (await Reader(dense, new LogRangeOptions()).TryAsync([Filter], 100, dense.Head.Number, CancellationToken.None)).ShouldBeNull();
    }

    /// <summary>Whatever endpoints do: the pages cover the range without hole or overlap, and what is not called unserved is the chain's.</summary>
    [Fact]
    public async Task Under_any_faults_the_pages_are_the_range_and_their_logs_the_chain()
    {
        var told = 0;
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var nodes = Enumerable.Range(0, random.Next(1, 4)).Select(i => Chain(random.Next(600, 601), n => (int)(n * 7 % 5), $"http://node{i}")).ToList();
            foreach (var node in nodes)
            {
                node.MaxLogRange = random.Next(3) == 0 ? (ulong)random.Next(1, 200) : null;
                node.LogRangeWords = random.Next(2) == 0 ? static _ => "too many results" : static limit => $"exceed maximum block range: {limit}";
                node.PrunedBelow = random.Next(4) == 0 ? (ulong)random.Next(100, 650) : 0;
                node.Broken = random.Next(4) == 0 ? (ulong)random.Next(100, 650) : null;
                var bad = random.Next(0, 30);
                var faults = new Random(random.Next());
                node.Fault = _ =>
                {
                    lock (faults)
                    {
                        return faults.Next(100) < bad ? (NodeFault)faults.Next(1, 8) : NodeFault.None;
                    }
                };
            }

            var options = new LogRangeOptions { FirstBlocks = (ulong)random.Next(1, 300), LogsPerPage = random.Next(5, 500), InFlight = random.Next(1, 6), Patience = TimeSpan.FromHours(1) };
            try
            {
                await ReadAsync(PoolOf([.. nodes.Select(n => new Shuffled(n, random))]), nodes[0], options);
            }
            catch (RpcException e) when (e.Kind == RpcFailure.Timeout)
            {
                // One that hangs on a single block, again and again, ends the reading in words.
                told++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}", e);
            }
        }

        told.ShouldBeLessThan(15);
    }

    private static FakeNode Chain(int blocks, Func<ulong, int>? logs = null, string name = "http://fake")
    {
        logs ??= static n => n % 7 == 0 ? 1 : 0;
        var node = new FakeNode(name: name) { LogsOf = n => [.. Enumerable.Range(0, logs(n)).Select(i => FakeNode.LogOf(Pool, Borrow, (uint)i, BitConverter.GetBytes(n)))] };
        node.MineMany(blocks);
        return node;
    }

    private EndpointPool PoolOf(params IRpcTransport[] nodes) => new(nodes, null, new EndpointPoolOptions { Patience = TimeSpan.FromMinutes(1) }, time);

    private LogRangeReader Reader(IRpcTransport transport, LogRangeOptions options) => new(transport, options, time);

    /// <summary>Reads everything, holds it against the chain, and gives the gaps.</summary>
    private async Task<List<LogPage>> ReadAsync(IRpcTransport transport, FakeNode truth, LogRangeOptions? options = null, ulong? to = null)
    {
        var gaps = new List<LogPage>();
        var next = 100UL;
        var end = to ?? truth.Head.Number;
        await foreach (var page in Reader(transport, options ?? new LogRangeOptions()).ReadAsync([Filter], 100, end, CancellationToken.None))
        {
            page.From.ShouldBe(next);
            page.To.ShouldBeGreaterThanOrEqualTo(page.From);
            next = page.To + 1;
            if (page.Unserved is not null)
            {
                page.Logs.ShouldBeEmpty();
                gaps.Add(page);
                continue;
            }

            page.Logs.Select(l => (l.Block, l.Log.LogIndex)).ShouldBe(truth.Canonical
                .Where(b => b.Header.Number >= page.From && b.Header.Number <= page.To)
                .SelectMany(b => b.Logs.Select(l => (b.Header.Ref, l.LogIndex))));
        }

        next.ShouldBe(end + 1);
        return gaps;
    }

    /// <summary>Answers in any order.</summary>
    private sealed class Shuffled(IRpcTransport inner, Random random) : IRpcTransport
    {
        private int now;

        public int MostAtOnce { get; private set; }

        public string Name => inner.Name;

        public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
        {
            int rounds;
            lock (random)
            {
                MostAtOnce = Math.Max(MostAtOnce, ++now);
                rounds = random.Next(0, 20);
            }

            for (var i = 0; i < rounds; i++)
            {
                await Task.Yield();
            }

            try
            {
                return await inner.SendAsync(batch, cancellationToken);
            }
            finally
            {
                lock (random)
                {
                    now--;
                }
            }
        }
    }

    /// <summary>Twists answers about logs, or the header beside them.</summary>
    private sealed class Liar(IRpcTransport inner, string lie, Func<bool> when) : IRpcTransport
    {
        private static readonly string Other = Keccak256.HashUtf8("other").ToString();

        public string Name => inner.Name;

        public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
        {
            var replies = (await inner.SendAsync(batch, cancellationToken)).ToArray();
            if (JsonSerializer.SerializeToNode(replies[0].Result) is not JsonArray { Count: > 0 } logs || !when())
            {
                return replies;
            }

            switch (lie)
            {
                case "twice":
                    logs.Add(logs[0]!.DeepClone());
                    break;
                case "hash":
                    var last = logs[^1]!.DeepClone();
                    last["blockNumber"] = batch[^1].Params[0].GetString();
                    last["blockHash"] = Other;
                    logs.Add(last);
                    break;
                case "fork":
                    var twin = logs[0]!.DeepClone();
                    twin["blockHash"] = Other;
                    twin["logIndex"] = "0x7";
                    logs.Add(twin);
                    break;
                case "outside":
                    logs[0]!["blockNumber"] = "0xffffff";
                    break;
                case "removed":
                    logs[0]!["removed"] = true;
                    break;
                case "header":
                    var header = JsonSerializer.SerializeToNode(replies[^1].Result)!;
                    header["number"] = "0x1";
                    replies[^1] = RpcReply.Of(header);
                    break;
                case "cap":
                    while (logs.Count > 1_000)
                    {
                        logs.RemoveAt(logs.Count - 1);
                    }

                    break;
            }

            replies[0] = RpcReply.Of(logs);
            return replies;
        }
    }
}
