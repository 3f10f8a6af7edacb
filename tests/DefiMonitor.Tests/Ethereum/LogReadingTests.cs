using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Tests.Ethereum;

public sealed class LogReadingTests
{
    private static readonly Address Pool = Address.Parse("0x00000000000000000000000000000000000000aa");
    private static readonly Address Other = Address.Parse("0x00000000000000000000000000000000000000bb");
    private static readonly Hash32 Supply = Keccak256.HashUtf8("Supply()");
    private static readonly Hash32 Borrow = Keccak256.HashUtf8("Borrow()");
    private static readonly LogFilter Filter = new([Pool], [Supply]);

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
        var node = new FakeNode { MaxLogRange = limit, LogRangeWords = _ => words, LogsOf = n => n % 7 == 0 ? [FakeNode.LogOf(Pool, Supply, 0)] : [] };
        node.MineMany(12_000);
        var found = new List<ulong>();
        var next = 100UL;
        await foreach (var page in new EvmClient(node).GetLogsAsync([Filter], 100, node.Head.Number, CancellationToken.None))
        {
            page.From.ShouldBe(next);
            next = page.To + 1;
            found.AddRange(page.Logs.Select(l => l.Block.Number));
        }

        next.ShouldBe(node.Head.Number + 1);
        found.ShouldBe(node.Canonical.Select(b => b.Header.Number).Where(n => n % 7 == 0 && n > 100));

        // Pages stay near what the node allows: not one request a block.
        node.Requests.Count.ShouldBeLessThan((int)(12_001 / Math.Max(1, limit / 4)) + 40);
    }

    [Fact]
    public async Task All_filters_together_are_one_request_and_nothing_in_excess_comes_back()
    {
        var node = new FakeNode();
        node.Mine(FakeNode.LogOf(Pool, Supply, 0), FakeNode.LogOf(Pool, Borrow, 1), FakeNode.LogOf(Other, Supply, 2), FakeNode.LogOf(Other, Borrow, 3));
        var logs = await new EvmClient(node).GetLogsAsync([Filter, new LogFilter([Other], [Borrow])], node.Head, CancellationToken.None);
        logs.Select(l => l.LogIndex).ShouldBe([0u, 3u]);
        node.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task No_filter_asks_nothing()
    {
        var node = new FakeNode();
        (await new EvmClient(node).GetLogsAsync([], node.Head, CancellationToken.None)).ShouldBeEmpty();
        node.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task More_addresses_than_a_filter_takes_are_split()
    {
        var node = new FakeNode();
        var addresses = Enumerable.Range(1, 25).Select(i => Address.FromWord(Hash32.FromUInt256((ulong)i))).ToList();
        node.Mine([.. addresses.Select((a, i) => FakeNode.LogOf(a, Supply, (uint)i))]);
        var client = new EvmClient(node, new EvmClientOptions { MaxAddressesPerFilter = 10 });
        (await client.GetLogsAsync([new LogFilter(addresses, [Supply])], node.Head, CancellationToken.None)).Select(l => l.LogIndex).ShouldBe(Enumerable.Range(0, 25).Select(i => (uint)i));
        node.Requests.Count.ShouldBe(3);
    }

    public static TheoryData<string, string> Broken => new()
    {
        { """[{"address":"0x00000000000000000000000000000000000000aa"}]""", "without 'topics'" },
        { """{"a":1}""", "a object where a list was expected" },
        { """["x"]""", "a string where an object was expected" },
        { Log("""["0x00"]"""), "a topic of 1 bytes instead of 32" },
        { Log("[]", number: "0xffffffffffffffffff"), "no hex number of 64 bits" },
        { Log("[]", number: "0xffffffffffffffff"), "absurd" },
        { Log("[]", hash: "0x" + new string('1', 64)), "when asked for block" },
        { Log("[]", data: "0x123"), "pairs of hex digits" },
        { Log("[]", data: "\\ud800"), "no Unicode" },
        { Log("[]", extra: ",\"removed\":true"), "removed" },
        { Log("""["0x1","0x1","0x1","0x1","0x1"]"""), "more than the EVM can write" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_garbled_log_is_malformed_with_one_sentence(string json, string words)
    {
        var client = new EvmClient(new Fixed(JsonDocument.Parse(json).RootElement));
        var block = new BlockHeader(100, Hash32.Parse("0x" + new string('2', 64)), Hash32.Zero, 1);
        var e = await Should.ThrowAsync<RpcException>(() => client.GetLogsAsync([Filter], block, CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.Malformed);
        e.Message.ShouldContain(words);
    }

    [Theory]
    [InlineData("null", "a null where an object was expected")]
    [InlineData("{}", "without 'number'")]
    [InlineData("""{"number":7}""", "'number' as number instead of string")]
    [InlineData("""{"number":"0x","hash":"0x","parentHash":"0x","timestamp":"0x"}""", "no hex number")]
    [InlineData("""{"number":"0xffffffffffffff","hash":"0x","parentHash":"0x","timestamp":"0x1"}""", "absurd 'number'")]
    [InlineData("\"0x1\"", "a string where an object was expected")]
    public async Task A_garbled_header_is_malformed_with_one_sentence(string json, string words)
    {
        var e = await Should.ThrowAsync<RpcException>(() => new EvmClient(new Fixed(JsonDocument.Parse(json).RootElement)).GetHeadAsync(CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.Malformed);
        e.Message.ShouldContain(words);
    }

    [Fact]
    public async Task Another_block_than_the_one_asked_for_is_malformed()
    {
        var node = new FakeNode();
        var client = new EvmClient(new Fixed(JsonSerializer.SerializeToElement(new
        {
            number = "0x64",
            hash = node.Head.Hash.ToString(),
            parentHash = node.Head.ParentHash.ToString(),
            timestamp = "0x1",
        })));
        (await Should.ThrowAsync<RpcException>(() => client.GetHeaderAsync(Hash32.Zero, CancellationToken.None))).Message.ShouldContain("when asked for");
        (await Should.ThrowAsync<RpcException>(() => client.GetHeaderAsync(101, CancellationToken.None))).Message.ShouldContain("when asked for 101");
    }

    private static string Log(string topics, string number = "0x64", string? hash = null, string data = "0x", string extra = "") =>
        $$"""[{"address":"0x00000000000000000000000000000000000000aa","topics":{{topics}},"data":"{{data}}","transactionHash":"0x{{new string('3', 64)}}","logIndex":"0x0","blockNumber":"{{number}}","blockHash":"{{hash ?? "0x" + new string('2', 64)}}"{{extra}}}]""";

    private sealed class Fixed(JsonElement result) : IRpcTransport
    {
        public string Name => "http://liar";

        public Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<RpcReply>>([.. batch.Select(_ => RpcReply.Of(result))]);
    }
}
