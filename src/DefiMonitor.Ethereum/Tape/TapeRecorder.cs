using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum.Tape;

/// <summary>
/// Records while the real loops run over it: it hands every question on, and keeps headers, logs and answers by block hash. An endpoint that cannot be reached becomes an
/// outage on the tape; <see cref="Outage"/> makes one for the loops while the recording itself goes on.
/// </summary>
public sealed class TapeRecorder : IRpcTransport
{
    private const int ProofCalls = 3;

    private readonly IRpcTransport inner;
    private readonly TapeHeader header;
    private readonly bool allLogs;
    private readonly TapeMemory memory = new();
    private readonly Lock gate = new();
    private readonly EvmClient direct;
    private bool unreachable;

    /// <param name="allLogs">True: every log of every block is taken (a local node), so that any adapter can play the tape. False: the logs that are asked for.</param>
    public TapeRecorder(IRpcTransport inner, TapeHeader header, bool allLogs)
    {
        this.inner = inner;
        this.header = header;
        this.allLogs = allLogs;
        direct = new EvmClient(new Face(this), new EvmClientOptions { Multicall = header.Multicall });
    }

    public string Name => inner.Name;

    /// <summary>While true the loops find the node unreachable; <see cref="RecordAsync"/> does not.</summary>
    public bool Outage { get; set; }

    public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        try
        {
            if (Outage)
            {
                throw new RpcException(RpcFailure.Unreachable, $"{Name} is kept out of reach by the recording.");
            }

            var replies = await ForwardAsync(batch, cancellationToken, watched: true);
            return replies;
        }
        catch (RpcException e) when (e.Kind is RpcFailure.Unreachable or RpcFailure.Timeout)
        {
            lock (gate)
            {
                if (!unreachable)
                {
                    unreachable = true;
                    memory.Went(new TapeDown());
                }
            }

            throw;
        }
    }

    /// <summary>Neither kept nor a witness of an outage: a replay has nothing of it to tell.</summary>
    public Task<IReadOnlyList<RpcReply>> SendBesideAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken) =>
        Outage ? throw new RpcException(RpcFailure.Unreachable, $"{Name} is kept out of reach by the recording.") : inner.SendBesideAsync(batch, cancellationToken);

    public IAsyncEnumerable<HeadHint>? SubscribeHeads(CancellationToken cancellationToken) => inner.SubscribeHeads(cancellationToken);

    public Task TendAsync(CancellationToken cancellationToken) => inner.TendAsync(cancellationToken);

    /// <summary>Puts the answers to these calls at this block on the tape, whether the loops ask them or not: the chain's own verdict on every account, for scoring.</summary>
    public async Task<CallResults> RecordAsync(BlockHeader block, IReadOnlyList<Call> calls, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            memory.Saw(block);
        }

        if (allLogs)
        {
            await TakeAllLogsAsync(cancellationToken);
        }

        return (await direct.CallAsync(calls, block, cancellationToken)).Results;
    }

    /// <summary>Blocks that were seen for the first time since this was last asked, by number.</summary>
    public IReadOnlyList<BlockHeader> TakeFresh()
    {
        lock (gate)
        {
            return memory.TakeFresh();
        }
    }

    /// <summary>The recording so far.</summary>
    public ChainTape ToTape()
    {
        lock (gate)
        {
            return memory.ToTape(header);
        }
    }

    public Task SaveAsync(string path, CancellationToken cancellationToken) => TapeFile.WriteAsync(ToTape(), path, cancellationToken);

    private async Task<IReadOnlyList<RpcReply>> ForwardAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken, bool watched)
    {
        var replies = await inner.SendAsync(batch, cancellationToken);
        lock (gate)
        {
            for (var i = 0; i < Math.Min(batch.Count, replies.Count); i++)
            {
                if (replies[i].Error is { } error)
                {
                    Failed(batch[i], error);
                }
                else
                {
                    Keep(batch[i], replies[i], watched);
                }
            }

            if (watched && unreachable && memory.SawHeadSinceDown)
            {
                unreachable = false;
                memory.Went(new TapeUp());
            }
        }

        if (allLogs)
        {
            await TakeAllLogsAsync(cancellationToken);
        }

        return replies;
    }

    private void Keep(RpcRequest request, RpcReply reply, bool watched)
    {
        var json = new RpcJson(Name, request.Method);
        switch (request.Method)
        {
            case "eth_getBlockByNumber" when request.Params[0].GetString() == "pending":
                // The block that the node would build is none of the chain's.
                break;
            case "eth_getBlockByNumber" or "eth_getBlockByHash" when reply.Result.ValueKind == JsonValueKind.Object:
                var block = json.Header(reply.Result);
                memory.Saw(block);
                switch (request.Params[0].GetString())
                {
                    case "latest" when watched:
                        memory.SawHead(block);
                        break;
                    case "finalized" when watched:
                        memory.SawFinalized(block);
                        break;
                }

                break;
            case "eth_getLogs" when !allLogs && request.Params[0].TryGetProperty("blockHash", out var hash):
                memory.KeepLogs(
                    Hash32.Parse(hash.GetString()!),
                    new LogCover(TapeJson.Addresses(request.Params[0]), TapeJson.FirstTopics(request.Params[0])),
                    ReadLogs(json, reply.Result));
                break;
            case "eth_call":
                KeepCall(request, new CallResult(true, json.Data(reply.Result, "a result")));
                break;
        }
    }

    private void Failed(RpcRequest request, RpcError error)
    {
        // A single call that reverted is an answer; everything else the node could not say is not.
        if (request.Method == "eth_call" && RpcErrors.IsRevert(error))
        {
            KeepCall(request, new CallResult(false, Hex.TryParse(error.Data, out var bytes) ? bytes : []));
        }
    }

    private void KeepCall(RpcRequest request, CallResult result)
    {
        if (!request.Params[0].TryGetProperty("to", out var to) || memory.BlockOf(request.Params[1]) is not { } block)
        {
            return;
        }

        var call = new Call(Address.Parse(to.GetString()!), Hex.Parse(request.Params[0].GetProperty("data").GetString()!));
        if (call.To != header.Multicall)
        {
            memory.KeepAnswer(block, call, result);
            return;
        }

        if (!result.Success || result.Data.IsEmpty)
        {
            return;
        }

        try
        {
            var calls = Multicall3.DecodeCall(call.Data);
            var results = Multicall3.DecodeResult(result.Data, calls.Length);
            for (var i = 0; i < calls.Length; i++)
            {
                // What Multicall3 says of the block comes from the header. A failure without data beside others may be the gas cap: it is asked again alone.
                if (calls[i].To != header.Multicall && (results[i].Success || !results[i].Data.IsEmpty || calls.Length == 1 + ProofCalls || memory.FailsEmpty(calls[i])))
                {
                    memory.KeepAnswer(block, calls[i], results[i]);
                }
            }
        }
        catch (AbiException e)
        {
            throw new RpcException(RpcFailure.Malformed, $"{Name} answers a multicall with bytes that are none: {e.Message}", inner: e);
        }
    }

    private async Task TakeAllLogsAsync(CancellationToken cancellationToken)
    {
        List<BlockHeader> missing;
        lock (gate)
        {
            missing = memory.WithoutLogs();
        }

        if (missing.Count == 0)
        {
            return;
        }

        var requests = missing.ConvertAll(b => RpcRequest.Create("eth_getLogs", new { blockHash = b.Hash.ToString() }));
        var replies = await inner.SendAsync(requests, cancellationToken);
        lock (gate)
        {
            for (var i = 0; i < missing.Count; i++)
            {
                if (replies[i].Error is null)
                {
                    memory.KeepLogs(missing[i].Hash, LogCover.All, ReadLogs(new RpcJson(Name, "eth_getLogs"), replies[i].Result));
                }
                else
                {
                    // Orphaned before it was asked: the loops could not have its logs either, nor can they on the tape.
                    memory.GiveUpLogs(missing[i].Hash);
                }
            }
        }
    }

    private static List<Log> ReadLogs(RpcJson json, JsonElement logs) => LogJson.Read(json, logs, 1_000_000).ConvertAll(static l => l.Log);

    /// <summary>The recording's own way to the node: past <see cref="Outage"/>, and no witness of heads.</summary>
    private sealed class Face(TapeRecorder recorder) : IRpcTransport
    {
        public string Name => recorder.Name;

        public Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken) =>
            recorder.ForwardAsync(batch, cancellationToken, watched: false);
    }
}
