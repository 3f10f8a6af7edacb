using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Tests.Ethereum;

public sealed class PinnedCallTests
{
    private static readonly Address Contract = Address.Parse("0x00000000000000000000000000000000000000aa");

    private readonly FakeNode node = new() { OnCall = (call, block) => new CallResult(true, Hash32.FromUInt256(block.Number * 1_000 + call.Data.Span[0]).ToArray()) };

    [Fact]
    public async Task Any_number_of_calls_is_one_request_at_the_block_asked_for()
    {
        node.MineMany(5);
        var at = node.Canonical[^3].Header;
        var results = await Client().CallAsync(Calls(200), at, CancellationToken.None);
        results.Pin.ShouldBe(Pin.Strong);
        Values(results).ShouldBe(Expected(200, at));
        node.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Calls_run_in_the_order_asked_each_where_it_stands_first_however_they_are_cut()
    {
        node.MineMany(1);
        var answer = node.OnCall;
        var ran = new List<Call>();
        node.OnCall = (call, block) =>
        {
            ran.Add(call);
            return answer(call, block);
        };
        var calls = Calls(100);
        calls.Reverse();
        var client = Client();
        await client.CallAsync([.. calls, .. Calls(100)], node.Head, CancellationToken.None);
        ran.ShouldBe(calls);

        node.MaxCallsPerMulticall = 60;
        ran.Clear();
        await client.CallAsync([.. calls, .. Calls(100)], node.Head, CancellationToken.None);
        ran.TakeLast(100).ShouldBe(calls);
    }

    [Fact]
    public async Task A_node_that_ignores_the_hash_is_found_out_and_called_by_number()
    {
        node.MineMany(5);
        node.IgnoresBlockHash = true;
        var at = node.Canonical[^3].Header;
        var results = await Client().CallAsync(Calls(3), at, CancellationToken.None);
        results.Pin.ShouldBe(Pin.Weak);
        Values(results).ShouldBe(Expected(3, at));
    }

    [Fact]
    public async Task A_node_without_block_hashes_is_called_by_number_between_two_looks_at_the_header()
    {
        node.MineMany(5);
        node.RefusesBlockHash = true;
        var at = node.Canonical[^3].Header;
        var client = Client();
        (await client.CallAsync(Calls(3), at, CancellationToken.None)).Pin.ShouldBe(Pin.Weak);
        node.Requests.Clear();
        var results = await client.CallAsync(Calls(3), at, CancellationToken.None);
        results.Pin.ShouldBe(Pin.Weak);
        Values(results).ShouldBe(Expected(3, at));
        node.Requests.Select(r => r.Method).ShouldBe(["eth_getBlockByNumber", "eth_call", "eth_getBlockByNumber"]);
    }

    [Fact]
    public async Task One_call_without_proof_is_made_by_number_and_the_next_by_hash_again()
    {
        node.MineMany(5);
        var at = node.Canonical[^3].Header;
        var client = Client();
        for (var i = 0; i < 3; i++)
        {
            // As long as a good one lies between them, bad ones are each a moment.
            node.IgnoresBlockHash = true;
            (await client.CallAsync(Calls(3), at, CancellationToken.None)).Pin.ShouldBe(Pin.Weak);
            node.IgnoresBlockHash = false;
            node.Requests.Clear();
            (await client.CallAsync(Calls(3), at, CancellationToken.None)).Pin.ShouldBe(Pin.Strong);
            node.Requests.Select(static r => r.Method).ShouldBe(["eth_call"]);
        }
    }

    [Fact]
    public async Task After_three_calls_without_proof_in_a_row_the_node_is_asked_by_number()
    {
        node.MineMany(5);
        node.IgnoresBlockHash = true;
        var at = node.Canonical[^3].Header;
        var client = Client();
        for (var i = 0; i < 3; i++)
        {
            node.Requests.Clear();
            (await client.CallAsync(Calls(3), at, CancellationToken.None)).Pin.ShouldBe(Pin.Weak);
            node.Requests.Count.ShouldBe(4, "by hash first");
        }

        node.Requests.Clear();
        (await client.CallAsync(Calls(3), at, CancellationToken.None)).Pin.ShouldBe(Pin.Weak);
        node.Requests.Select(static r => r.Method).ShouldBe(["eth_getBlockByNumber", "eth_call", "eth_getBlockByNumber"]);
    }

    [Fact]
    public async Task A_node_that_ignores_the_number_too_is_refused()
    {
        node.MineMany(5);
        node.IgnoresBlockHash = node.IgnoresBlockNumber = true;
        var e = await Should.ThrowAsync<RpcException>(() => Client().CallAsync(Calls(3), node.Canonical[^3].Header, CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.Refused);
        e.Message.ShouldContain("the state of another block");
    }

    [Fact]
    public async Task A_sibling_of_the_same_number_and_time_is_told_apart_by_its_parent()
    {
        node.MineMany(3);
        var old = node.Head;
        node.Reorg(2, 2);
        old.Timestamp.ShouldBe(node.Head.Timestamp);
        node.IgnoresBlockHash = true;
        var e = await Should.ThrowAsync<RpcException>(() => Client().CallAsync(Calls(1), old, CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.UnknownBlock);
    }

    [Fact]
    public async Task An_orphaned_block_is_an_unknown_block()
    {
        node.MineMany(3);
        var old = node.Head;
        node.Reorg(1, 2);
        (await Should.ThrowAsync<RpcException>(() => Client().CallAsync(Calls(1), old, CancellationToken.None))).Kind.ShouldBe(RpcFailure.UnknownBlock);
    }

    [Fact]
    public async Task Without_a_multicall_a_batch_proves_its_block_by_a_probe()
    {
        node.Multicall = null;
        node.MineMany(2);
        var at = node.Canonical[^2].Header;
        var client = Client();
        var results = await client.CallAsync(Calls(3), at, CancellationToken.None);
        results.Pin.ShouldBe(Pin.Strong);
        Values(results).ShouldBe(Expected(3, at));
        node.Requests.Clear();
        await client.CallAsync(Calls(3), at, CancellationToken.None);
        node.Requests.Count.ShouldBe(4);
        node.IgnoresBlockHash = true;
        (await client.CallAsync(Calls(3), at, CancellationToken.None)).Pin.ShouldBe(Pin.Weak);
    }

    [Fact]
    public async Task Without_multicall_and_probe_the_pin_is_weak()
    {
        node.Multicall = null;
        node.RefusesProbe = true;
        node.MineMany(2);
        var results = await Client().CallAsync(Calls(3), node.Head, CancellationToken.None);
        results.Pin.ShouldBe(Pin.Weak);
        Values(results).ShouldBe(Expected(3, node.Head));
    }

    [Fact]
    public async Task A_gas_cap_is_found_by_halving_and_then_kept_to()
    {
        node.MaxCallsPerMulticall = 60;
        var client = Client();
        Values(await client.CallAsync(Calls(200), node.Head, CancellationToken.None)).ShouldBe(Expected(200, node.Head));
        var tries = new List<int>();
        for (var i = 0; i < 60; i++)
        {
            var before = node.Requests.Count;
            Values(await client.CallAsync(Calls(200), node.Head, CancellationToken.None)).ShouldBe(Expected(200, node.Head));
            tries.Add(node.Requests.Count - before);
        }

        // It settles: the last rounds fail nowhere and use parts close to the cap.
        tries.TakeLast(5).ShouldAllBe(n => n == 4);
    }

    [Fact]
    public async Task A_call_starved_by_its_neighbours_is_asked_again_and_a_true_revert_only_once()
    {
        var starved = Calls(10)[7];
        var reverting = Calls(10)[2];
        var asked = 0;
        node.OnCall = (call, block) =>
        {
            // The seventh runs out of gas when nine others are before it: then the node answers a failure without data.
            asked++;
            var together = node.Requests[^1].Params[0].GetProperty("data").GetString()!.Length > 4_000;
            return call.Equals(reverting) || (call.Equals(starved) && together)
                ? new CallResult(false, default)
                : new CallResult(true, Hash32.FromUInt256(block.Number).ToArray());
        };
        var client = Client();
        var results = (await client.CallAsync(Calls(10), node.Head, CancellationToken.None)).Results;
        results.TryGet(starved, out var fine).ShouldBeTrue();
        fine.Success.ShouldBeTrue();
        results.TryGet(reverting, out var reverted).ShouldBeTrue();
        reverted.Success.ShouldBeFalse();

        // What reverts alone is known from now on.
        node.Requests.Clear();
        await client.CallAsync([reverting, Calls(10)[3]], node.Head, CancellationToken.None);
        node.Requests.Count.ShouldBe(1);
        asked.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task Revert_data_are_kept()
    {
        node.OnCall = (_, _) => new CallResult(false, new byte[] { 1, 2, 3, 4 });
        foreach (var multicall in new Address?[] { EvmClientOptions.UsualMulticall, null })
        {
            node.Multicall = multicall;
            var results = await Client().CallAsync(Calls(2), node.Head, CancellationToken.None);
            results.Results.TryGet(Calls(1)[0], out var result).ShouldBeTrue();
            result.Success.ShouldBeFalse();
            result.Data.ToArray().ShouldBe([1, 2, 3, 4]);
        }
    }

    [Fact]
    public async Task No_calls_cost_nothing()
    {
        (await Client().CallAsync([], node.Head, CancellationToken.None)).Results.Count.ShouldBe(0);
        node.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("0x")]
    [InlineData("0x00")]
    [InlineData("0xzz")]
    [InlineData("nonsense")]
    [InlineData("0x0000000000000000000000000000000000000000000000000000000000000020ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public async Task A_garbled_answer_is_malformed_and_never_a_crash(string answer)
    {
        var client = new EvmClient(new AnswerAll(RpcReply.Of((object)answer)), new EvmClientOptions());
        var e = await Should.ThrowAsync<RpcException>(() => client.CallAsync(Calls(2), node.Head, CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.Malformed);
    }

    private static List<Call> Calls(int count) => [.. Enumerable.Range(0, count).Select(i => new Call(Contract, new[] { (byte)i, (byte)(i >> 8), (byte)1, (byte)2 }))];

    private static IEnumerable<UInt256> Expected(int count, BlockHeader at) => Enumerable.Range(0, count).Select(i => (UInt256)((at.Number * 1_000) + (byte)i));

    private static IEnumerable<UInt256> Values(PinnedResults results) => Calls(results.Results.Count).Select(c =>
    {
        results.Results.TryGet(c, out var result).ShouldBeTrue();
        result.Success.ShouldBeTrue();
        return UInt256.FromBigEndian(result.Data.Span);
    });

    private EvmClient Client() => new(node);

    private sealed class AnswerAll(RpcReply reply) : IRpcTransport
    {
        public string Name => "http://liar";

        public Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<RpcReply>>([.. batch.Select(_ => reply)]);
    }
}
