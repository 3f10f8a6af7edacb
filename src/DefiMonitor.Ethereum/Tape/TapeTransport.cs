using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum.Tape;

/// <summary>
/// Plays a tape as if it were a node. It answers for the chain as it stands at the play head; what is orphaned then is an error, as on a real node. A question whose answer
/// is not on the tape is counted and never made up.
/// </summary>
public sealed class TapeTransport : IRpcTransport
{
    private readonly ChainTape tape;
    private readonly Dictionary<Hash32, TapeBlock> known = [];
    private readonly SortedList<ulong, TapeBlock> canonical = [];
    private readonly Dictionary<Call, int> ids = [];
    private readonly Lock gate = new();
    private TapeBlock? newest;
    private ulong? finalized;
    private int position;
    private long notOnTape;

    public TapeTransport(ChainTape tape)
    {
        this.tape = tape;
        for (var i = 0; i < tape.Calls.Count; i++)
        {
            ids[tape.Calls[i]] = i;
        }
    }

    public string Name => "tape";

    public ChainTape Tape => tape;

    /// <summary>Steps played so far, of <see cref="ChainTape.Steps"/>.</summary>
    public int Position => Volatile.Read(ref position);

    /// <summary>The head that the node shows; null before the first block.</summary>
    public BlockHeader? Head
    {
        get
        {
            lock (gate)
            {
                return canonical.Count == 0 ? null : canonical.GetValueAtIndex(canonical.Count - 1).Header;
            }
        }
    }

    /// <summary>True while the node cannot be reached. The chain goes on meanwhile.</summary>
    public bool IsDown { get; private set; }

    /// <summary>The time at the play head, in seconds since 1970; never goes back.</summary>
    public ulong Now { get; private set; }

    /// <summary>Calls and log queries that found no answer on the tape.</summary>
    public long NotOnTape => Interlocked.Read(ref notOnTape);

    /// <summary>Plays one step: blocks that appeared together are one, and finality comes with the block after it. False at the end of the tape.</summary>
    public bool Step()
    {
        lock (gate)
        {
            if (position >= tape.Steps.Count)
            {
                return false;
            }

            while (true)
            {
                var step = tape.Steps[position++];
                Play(step);
                var goesOn = step is TapeFinalized || (step is TapeBlock { Seen: false } && !IsDown);
                if (!goesOn || position >= tape.Steps.Count || tape.Steps[position] is not (TapeBlock or TapeHead))
                {
                    return true;
                }
            }
        }
    }

    public Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (IsDown)
            {
                throw new RpcException(RpcFailure.Unreachable, "The node is down at this point of the tape.");
            }

            if (canonical.Count == 0)
            {
                throw new RpcException(RpcFailure.Unreachable, "The tape has not begun to play.");
            }

            var replies = new RpcReply[batch.Count];
            for (var i = 0; i < replies.Length; i++)
            {
                replies[i] = Answer(batch[i]);
            }

            return Task.FromResult<IReadOnlyList<RpcReply>>(replies);
        }
    }

    private void Play(TapeStep step)
    {
        switch (step)
        {
            case TapeBlock block:
                known[block.Header.Hash] = block;
                Now = Math.Max(Now, block.Appears);
                newest = block;
                break;
            case TapeHead back:
                newest = known.GetValueOrDefault(back.Hash) ?? newest;
                break;
            case TapeFinalized final:
                finalized = final.Number;
                break;
            case TapeDown:
                IsDown = true;
                break;
            case TapeUp:
                IsDown = false;
                break;
        }

        if (!IsDown && newest is { } head && step is not TapeBlock { Seen: false })
        {
            Show(head);
        }
    }

    /// <summary>Makes the chain that ends in this block the canonical one.</summary>
    private void Show(TapeBlock head)
    {
        while (canonical.Count > 0 && canonical.GetKeyAtIndex(canonical.Count - 1) > head.Header.Number)
        {
            canonical.RemoveAt(canonical.Count - 1);
        }

        for (var block = head; block is not null; block = known.GetValueOrDefault(block.Header.ParentHash))
        {
            if (canonical.TryGetValue(block.Header.Number, out var there) && there.Header.Hash == block.Header.Hash)
            {
                return;
            }

            canonical[block.Header.Number] = block;
        }
    }

    private RpcReply Answer(RpcRequest request) => request.Method switch
    {
        "eth_chainId" => RpcReply.Of((object)EvmClient.HexNumber(tape.Header.Chain.Value)),
        "eth_blockNumber" => RpcReply.Of((object)EvmClient.HexNumber(canonical.GetKeyAtIndex(canonical.Count - 1))),
        "eth_getBlockByNumber" or "eth_getBlockByHash" => RpcReply.Of(BlockAt(request.Params[0]) is { } block ? TapeJson.Header(block.Header) : null),
        "eth_getLogs" => Logs(request.Params[0]),
        "eth_call" => Call(request.Params[0], request.Params[1]),
        _ => RpcReply.Failed(-32601, $"Method not found: a tape has no {request.Method}."),
    };

    /// <summary>By number, tag, hash, or an object with the hash (EIP-1898); null where there is none, orphans included.</summary>
    private TapeBlock? BlockAt(JsonElement tag)
    {
        var text = tag.ValueKind == JsonValueKind.Object ? tag.GetProperty("blockHash").GetString() : tag.GetString();
        if (text is "latest" or "pending")
        {
            return canonical.GetValueAtIndex(canonical.Count - 1);
        }

        if (text is "finalized" or "safe")
        {
            return finalized is { } number ? canonical.GetValueOrDefault(number) : null;
        }

        if (Hash32.TryParse(text, out var hash))
        {
            return known.TryGetValue(hash, out var block) && canonical.TryGetValue(block.Header.Number, out var there) && there.Header.Hash == hash ? block : null;
        }

        return text is not null && text.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(text.AsSpan(2), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var at)
                ? canonical.GetValueOrDefault(at)
                : null;
    }

    private RpcReply Logs(JsonElement filter)
    {
        var blocks = new List<TapeBlock>();
        if (filter.TryGetProperty("blockHash", out var hash))
        {
            if (BlockAt(hash) is not { } block)
            {
                return UnknownBlock();
            }

            blocks.Add(block);
        }
        else
        {
            var from = BlockAt(filter.GetProperty("fromBlock"));
            var to = BlockAt(filter.GetProperty("toBlock"));
            if (from is null || to is null)
            {
                return UnknownBlock();
            }

            for (var number = from.Header.Number; number <= to.Header.Number; number++)
            {
                blocks.Add(canonical[number]);
            }
        }

        var addresses = TapeJson.Addresses(filter);
        var topics = TapeJson.FirstTopics(filter);
        var logs = new List<object>();
        foreach (var block in blocks)
        {
            foreach (var address in addresses)
            {
                foreach (var topic in topics)
                {
                    if (!block.Covers.Any(c => c.Covers(address, topic)))
                    {
                        Interlocked.Increment(ref notOnTape);
                        return RpcReply.Failed(-32000, $"The tape does not hold the logs of {address} at block {block.Header.Number}; record it again with today's adapters.");
                    }
                }
            }

            logs.AddRange(block.Logs.Where(l => addresses.Contains(l.Address) && l.Topics.Count > 0 && topics.Contains(l.Topics[0])).Select(l => TapeJson.Log(l, block.Header)));
        }

        return RpcReply.Of((object)logs);
    }

    private RpcReply Call(JsonElement call, JsonElement tag)
    {
        if (BlockAt(tag) is not { } block)
        {
            return UnknownBlock();
        }

        var data = Hex.Parse(call.GetProperty("data").GetString()!);
        if (!call.TryGetProperty("to", out var to))
        {
            return Hex.ToString(data) == PinProof.Probe
                ? RpcReply.Of((object)Hex.ToString(PinProof.Of(block.Header)))
                : RpcReply.Failed(-32000, "The tape runs no code.");
        }

        var address = Address.Parse(to.GetString()!);
        if (address == tape.Header.Multicall && data.AsSpan().StartsWith(Multicall3.Aggregate3Selector.Span))
        {
            var inner = Multicall3.DecodeCall(data);
            return RpcReply.Of((object)Hex.ToString(Multicall3.EncodeResult(Array.ConvertAll(inner, c => Inner(block, c)))));
        }

        var result = Inner(block, new Call(address, data));
        return result.Success ? RpcReply.Of((object)Hex.ToString(result.Data.Span)) : RpcReply.Failed(RpcErrors.Reverted, "execution reverted", Hex.ToString(result.Data.Span));
    }

    private CallResult Inner(TapeBlock block, Call call)
    {
        if (call.To == tape.Header.Multicall && Multicall3.AboutTheBlock(call, block.Header) is { } word)
        {
            return new CallResult(true, word);
        }

        if (ids.TryGetValue(call, out var id) && block.Answers.TryGetValue(id, out var result))
        {
            return result;
        }

        Interlocked.Increment(ref notOnTape);
        return NotOnTapeMarker.Result;
    }

    private static RpcReply UnknownBlock() => RpcReply.Failed(-32001, "unknown block");
}
