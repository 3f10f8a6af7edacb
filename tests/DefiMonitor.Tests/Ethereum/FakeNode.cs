using System.Globalization;
using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Ethereum.Tape;

namespace DefiMonitor.Tests.Ethereum;

/// <summary>
/// A node in memory: a tree of blocks, logs, view calls answered by <see cref="OnCall"/>, and everything that real nodes do wrong, on demand.
/// Deterministic: hashes follow from the order of mining.
/// </summary>
public sealed class FakeNode : IRpcTransport
{
    private readonly Dictionary<Hash32, FakeBlock> known = [];
    private readonly Lock gate = new();
    private List<FakeBlock> canonical = [];
    private List<FakeBlock>? frozen;
    private ulong salt;

    public FakeNode(ulong firstNumber = 100, ulong firstTimestamp = 1_700_000_000, string name = "http://fake", ulong salt = 0)
    {
        Name = name;
        this.salt = salt;
        Add(new FakeBlock(new BlockHeader(firstNumber, NextHash(), NextHash(), firstTimestamp), []));
    }

    public string Name { get; }

    public ulong ChainId { get; set; } = 1;

    public ulong BlockSeconds { get; set; } = 12;

    /// <summary>The state: what a contract answers in a block. The default reverts without data.</summary>
    public Func<Call, BlockHeader, CallResult> OnCall { get; set; } = static (_, _) => new CallResult(false, default);

    /// <summary>The logs of a block that is mined without being given any.</summary>
    public Func<ulong, Log[]> LogsOf { get; set; } = static _ => [];

    /// <summary>Asked before every batch; what it returns happens instead of an answer.</summary>
    public Func<IReadOnlyList<RpcRequest>, NodeFault> Fault { get; set; } = static _ => NodeFault.None;

    public Address? Multicall { get; set; } = EvmClientOptions.UsualMulticall;

    /// <summary>Runs every call on the newest state, whatever block is asked for.</summary>
    public bool IgnoresBlockHash { get; set; }

    /// <summary>Also when it is asked for by number.</summary>
    public bool IgnoresBlockNumber { get; set; }

    /// <summary>A node without EIP-1898.</summary>
    public bool RefusesBlockHash { get; set; }

    /// <summary>Calls without a target (the probe) are refused.</summary>
    public bool RefusesProbe { get; set; }

    /// <summary>Number of the finalized block; null = the node knows no such tag.</summary>
    public ulong? Finalized { get; set; }

    /// <summary>Pending transactions; null = the node does not tell its pool.</summary>
    public IReadOnlyList<PendingTransaction>? Pool { get; set; }

    /// <summary>The same, as a pending block; null = the node tells none.</summary>
    public IReadOnlyList<PendingTransaction>? PendingBlock { get; set; }

    /// <summary>Said of pending transactions instead; null = as above.</summary>
    public RpcReply? PendingReply { get; set; }

    public ulong? MaxLogRange { get; set; }

    /// <summary>Logs of blocks below this number are refused.</summary>
    public ulong PrunedBelow { get; set; }

    /// <summary>Logs of this one block are refused.</summary>
    public ulong? Broken { get; set; }

    public Func<ulong, string> LogRangeWords { get; set; } = static limit => $"query exceeds max block range {limit}";

    /// <summary>More calls in one multicall run out of gas as a whole.</summary>
    public int? MaxCallsPerMulticall { get; set; }

    /// <summary>True: goes on answering with the chain as it stands now.</summary>
    public bool Frozen
    {
        get => frozen is not null;
        set => frozen = value ? [.. canonical] : null;
    }

    /// <summary>Every request that came, in order.</summary>
    public List<RpcRequest> Requests { get; } = [];

    /// <summary>Number of batches.</summary>
    public int Posts { get; private set; }

    public BlockHeader Head => canonical[^1].Header;

    public IReadOnlyList<FakeBlock> Canonical => canonical;

    public BlockHeader Mine(params Log[] logs) => MineAfter(BlockSeconds, logs);

    public BlockHeader MineAfter(ulong seconds, params Log[] logs)
    {
        lock (gate)
        {
            var parent = Head;
            return Add(new FakeBlock(new BlockHeader(parent.Number + 1, NextHash(), parent.Hash, parent.Timestamp + seconds), logs.Length > 0 ? logs : LogsOf(parent.Number + 1)));
        }
    }

    public void MineMany(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Mine();
        }
    }

    /// <summary>Drops the newest blocks and mines others on what is left.</summary>
    public void Reorg(int depth, int length)
    {
        lock (gate)
        {
            canonical = canonical.GetRange(0, canonical.Count - depth);
            MineMany(length);
        }
    }

    /// <summary>Blocks below are known no more, as on a pruned node; for runs so long that they would fill the memory.</summary>
    public void ForgetBefore(ulong number)
    {
        lock (gate)
        {
            var gone = canonical.FindIndex(b => b.Header.Number >= number);
            foreach (var block in canonical.Take(gone))
            {
                known.Remove(block.Header.Hash);
            }

            canonical.RemoveRange(0, Math.Max(0, gone));
        }
    }

    public static Log LogOf(Address address, Hash32 topic, uint index, byte[]? data = null) =>
        new(address, [topic], data ?? [], Hash32.FromUInt256(index + 1u), index);

    public Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            Posts++;
            Requests.AddRange(batch);
            var fault = Fault(batch);
            switch (fault)
            {
                case NodeFault.Fail:
                    throw new RpcException(RpcFailure.Unreachable, $"{Name} is not reachable: the connection is refused or lost.");
                case NodeFault.Stall:
                    throw new RpcException(RpcFailure.Timeout, $"{Name} does not answer within 10 s.");
                case NodeFault.RateLimit:
                    throw new RpcException(RpcFailure.RateLimited, $"{Name} asks for fewer requests (HTTP 429).", TimeSpan.FromSeconds(1));
                case NodeFault.ShortBatch:
                    return Task.FromResult<IReadOnlyList<RpcReply>>([]);
            }

            var replies = new RpcReply[batch.Count];
            for (var i = 0; i < replies.Length; i++)
            {
                var reply = Answer(batch[i]);
                replies[i] = fault switch
                {
                    NodeFault.InternalError => RpcReply.Failed(-32603, "internal error"),
                    NodeFault.Garbage => RpcReply.Of(new { number = "0xzz", logs = 7 }),
                    NodeFault.Lie => Twisted(reply),
                    _ => reply,
                };
            }

            return Task.FromResult<IReadOnlyList<RpcReply>>(replies);
        }
    }

    /// <summary>A header of another parent, logs and results that are not of the block.</summary>
    private static RpcReply Twisted(RpcReply reply)
    {
        if (reply.Error is not null)
        {
            return reply;
        }

        var text = reply.Result.GetRawText();
        return reply.Result.ValueKind switch
        {
            JsonValueKind.Object => RpcReply.Of(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(text)!.ToDictionary(
                p => p.Key, p => p.Key == "parentHash" ? JsonSerializer.SerializeToElement(Keccak256.HashUtf8(text).ToString()) : p.Value)),
            JsonValueKind.String => RpcReply.Of((object)"0x00"),
            _ => RpcReply.Of((object)new[] { "no log" }),
        };
    }

    private BlockHeader Add(FakeBlock block)
    {
        known[block.Header.Hash] = block;
        canonical.Add(block);
        return block.Header;
    }

    private Hash32 NextHash() => Keccak256.HashUtf8($"block {salt++}");

    private RpcReply Answer(RpcRequest request) => request.Method switch
    {
        "eth_chainId" => RpcReply.Of((object)$"0x{ChainId:x}"),
        "eth_getBlockByNumber" when Text(request.Params[0]) == "finalized" && Finalized is null => RpcReply.Failed(-32602, "invalid argument 0: unknown tag finalized"),
        "eth_getBlockByNumber" when Text(request.Params[0]) == "pending" && PendingReply is { } reply => reply,
        "txpool_content" when Pool is { } pool => RpcReply.Of(new
        {
            pending = pool.Select((one, i) => (one, i)).ToDictionary(static p => $"0x{p.i:x40}", static p => new Dictionary<string, object> { ["0"] = Shown(p.one) }),
            queued = new { },
        }),
        "eth_getBlockByNumber" when Text(request.Params[0]) == "pending" => PendingBlock is { } next
            ? RpcReply.Of(new { transactions = next.Select(Shown) })
            : RpcReply.Failed(-32000, "pending block is not available"),
        "eth_getBlockByNumber" or "eth_getBlockByHash" => RpcReply.Of(At(request.Params[0]) is { } block ? TapeJson.Header(block.Header) : null),
        "eth_getLogs" => Logs(request.Params[0]),
        "eth_call" => EthCall(request.Params[0], request.Params[1]),
        _ => RpcReply.Failed(-32601, "the method does not exist/is not available"),
    };

    private static object Shown(PendingTransaction one) => new { hash = one.Hash.ToString(), to = one.To.ToHex(), input = Hex.ToString(one.Data.Span) };

    private FakeBlock? At(JsonElement tag)
    {
        var chain = frozen ?? canonical;
        var text = Text(tag);
        if (text == "latest")
        {
            return chain[^1];
        }

        if (text == "finalized")
        {
            return At(chain, Finalized!.Value);
        }

        if (Hash32.TryParse(text, out var hash))
        {
            // As on anvil: an orphan's hash names nothing.
            return known.TryGetValue(hash, out var block) && At(chain, block.Header.Number) == block ? block : null;
        }

        var number = ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return At(chain, number);
    }

    private static FakeBlock? At(List<FakeBlock> chain, ulong number) =>
        number >= chain[0].Header.Number && number <= chain[^1].Header.Number ? chain[(int)(number - chain[0].Header.Number)] : null;

    private static string Text(JsonElement tag) => tag.ValueKind == JsonValueKind.Object ? tag.GetProperty("blockHash").GetString()! : tag.GetString()!;

    private RpcReply Logs(JsonElement filter)
    {
        var addresses = TapeJson.Addresses(filter);
        var topics = TapeJson.FirstTopics(filter);
        List<FakeBlock> blocks;
        if (filter.TryGetProperty("blockHash", out var hash))
        {
            if (At(hash) is not { } block)
            {
                return RpcReply.Failed(-32000, "unknown block");
            }

            blocks = [block];
        }
        else
        {
            var chain = frozen ?? canonical;
            var from = ulong.Parse(filter.GetProperty("fromBlock").GetString().AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            var to = ulong.Parse(filter.GetProperty("toBlock").GetString().AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (MaxLogRange is { } most && to - from + 1 > most)
            {
                return RpcReply.Failed(-32000, LogRangeWords(most));
            }

            if (from < PrunedBelow || (Broken is { } broken && from <= broken && to >= broken))
            {
                return RpcReply.Failed(4444, "pruned history unavailable");
            }

            blocks = chain.FindAll(b => b.Header.Number >= from && b.Header.Number <= to);
        }

        return RpcReply.Of((object)blocks.SelectMany(b => b.Logs
            .Where(l => (addresses.Count == 0 || addresses.Contains(l.Address)) && (topics.Count == 0 || topics.Contains(l.Topics[0])))
            .Select(l => TapeJson.Log(l, b.Header))).ToArray());
    }

    private RpcReply EthCall(JsonElement call, JsonElement tag)
    {
        if (tag.ValueKind == JsonValueKind.Object && RefusesBlockHash)
        {
            return RpcReply.Failed(-32602, "invalid argument 1: json: cannot unmarshal object into Go value of type string");
        }

        var block = At(tag);
        block = (tag.ValueKind == JsonValueKind.Object && IgnoresBlockHash) || IgnoresBlockNumber ? (frozen ?? canonical)[^1] : block;
        if (block is null)
        {
            return RpcReply.Failed(-32000, "header not found");
        }

        if (!call.TryGetProperty("to", out var to))
        {
            return RefusesProbe ? RpcReply.Failed(-32000, "creation is not allowed here") : RpcReply.Of((object)Hex.ToString(PinProof.Of(block.Header)));
        }

        var made = new Call(Address.Parse(to.GetString()!), Hex.Parse(call.GetProperty("data").GetString()!));
        if (made.To == EvmClientOptions.UsualMulticall && made.Data.Span.StartsWith(Multicall3.Aggregate3Selector.Span))
        {
            if (Multicall is null)
            {
                return RpcReply.Of((object)"0x");
            }

            var inner = Multicall3.DecodeCall(made.Data);
            return inner.Length - 3 > MaxCallsPerMulticall
                ? RpcReply.Failed(-32000, "out of gas")
                : RpcReply.Of((object)Hex.ToString(Multicall3.EncodeResult(Array.ConvertAll(inner, c => Run(c, block.Header)))));
        }

        var result = Run(made, block.Header);
        return result.Success ? RpcReply.Of((object)Hex.ToString(result.Data.Span)) : RpcReply.Failed(3, "execution reverted", Hex.ToString(result.Data.Span));
    }

    private CallResult Run(Call call, BlockHeader block) =>
        call.To == Multicall && Multicall3.AboutTheBlock(call, block) is { } word ? new CallResult(true, word) : OnCall(call, block);
}

public sealed record FakeBlock(BlockHeader Header, IReadOnlyList<Log> Logs);

public enum NodeFault
{
    None,

    /// <summary>No connection.</summary>
    Fail,

    /// <summary>No answer in time.</summary>
    Stall,

    RateLimit,
    InternalError,

    /// <summary>JSON, but nothing that fits.</summary>
    Garbage,

    /// <summary>Well-formed answers that contradict themselves or what was asked.</summary>
    Lie,

    /// <summary>Fewer replies than requests.</summary>
    ShortBatch,
}
