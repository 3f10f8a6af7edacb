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
        { Log($"[{string.Join(',', Enumerable.Repeat($"\"{Supply}\"", 5))}]"), "more than the EVM can write" },
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
