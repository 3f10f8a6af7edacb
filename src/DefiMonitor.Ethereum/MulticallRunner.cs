using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum;

/// <summary>
/// Runs calls under one block parameter: as multicalls in one batch, each with the proof of its block inside, cut smaller where gas or size says so;
/// where there is no Multicall3 as a batch of single calls with a probe beside them.
/// </summary>
internal sealed class MulticallRunner(RpcCaller rpc, EvmClientOptions options)
{
    private const int ProofCalls = 3;
    private const int MaxRemembered = 20_000;

    private static readonly string[] NotUnderstoodWords =
        ["unmarshal", "invalid argument", "invalid param", "invalid type", "expected string", "did not match any variant", "blockhash", "block hash", "invalid block"];

    private readonly Lock gate = new();
    private readonly HashSet<Call> failEmptyAlone = [];
    private readonly MulticallSize size = new(options.MaxCallsPerMulticall, options.MaxMulticallBytes);

    public async Task<PinOutcome> RunAsync(
        IReadOnlyList<Call> calls, BlockHeader at, JsonElement tag, NodeAbilities node, CallResults results, CancellationToken cancellationToken)
    {
        if (options.Multicall is { } multicall && node.HasMulticall)
        {
            var outcome = await RunChunkedAsync(multicall, calls, at, tag, node, results, cancellationToken);
            if (node.HasMulticall)
            {
                return outcome;
            }
        }

        return await RunSinglyAsync(calls, at, tag, node, results, cancellationToken);
    }

    private async Task<PinOutcome> RunChunkedAsync(
        Address multicall, IReadOnlyList<Call> calls, BlockHeader at, JsonElement tag, NodeAbilities node, CallResults results, CancellationToken cancellationToken)
    {
        Call[] proof = [new(multicall, Multicall3.GetBlockNumber), new(multicall, Multicall3.GetCurrentBlockTimestamp), new(multicall, Multicall3.GetLastBlockHash)];
        RpcException? tooMuch = null;
        var todo = size.Cut(calls);
        while (todo.Count > 0)
        {
            var requests = todo.ConvertAll(part => RpcRequest.Create(
                "eth_call", new { to = multicall.ToHex(), data = Hex.ToString(Multicall3.EncodeCall([.. part, .. proof])) }, tag));
            var again = new List<List<Call>>();
            IReadOnlyList<RpcReply> replies;
            try
            {
                replies = await rpc.SendAsync(requests, cancellationToken);
            }
            catch (RpcException e) when (e.Kind == RpcFailure.TooMuch && todo.Exists(part => part.Count > 1))
            {
                // Too much for the way there or back, not for the node: all is asked again in smaller parts.
                foreach (var part in todo)
                {
                    Halve(part, again);
                    if (part.Count == 1)
                    {
                        again.Add(part);
                    }
                }

                todo = again;
                continue;
            }

            for (var i = 0; i < todo.Count; i++)
            {
                var part = todo[i];
                if (replies[i].Error is { } error)
                {
                    switch (Judge(error, out var failure))
                    {
                        case PinOutcome.NotUnderstood:
                            return PinOutcome.NotUnderstood;
                        case null:
                            Halve(part, again);
                            tooMuch = failure;
                            break;
                    }

                    continue;
                }

                var answer = rpc.Read(requests[i], replies[i], static (json, value) => (ReadOnlyMemory<byte>)json.Data(value, "a result"));
                if (answer.IsEmpty)
                {
                    node.HasMulticall = false;
                    return PinOutcome.Unproven;
                }

                var inner = Decode(answer, part.Count + ProofCalls);
                if (!RanToTheEnd(inner.AsSpan(part.Count)))
                {
                    Halve(part, again);
                    tooMuch = new RpcException(RpcFailure.TooMuch, $"{rpc.Name} runs out of gas in a call at block {at.Ref}.");
                    continue;
                }

                if (Prove(inner.AsSpan(part.Count), at) is { } contradiction)
                {
                    node.Contradiction = contradiction;
                    return PinOutcome.Contradicted;
                }

                size.Worked(part.Count);
                Take(part, inner, results, again);
            }

            todo = again;
        }

        return results.Count == 0 && tooMuch is not null ? throw tooMuch : PinOutcome.Proven;
    }

    /// <summary>
    /// Writes the answers. A failure without data may be a revert, or the gas cap reached in the middle of the others: such calls are asked again among
    /// fewer, at last alone, and what fails so when alone is remembered.
    /// </summary>
    private void Take(List<Call> part, CallResult[] inner, CallResults results, List<List<Call>> again)
    {
        List<Call>? suspects = null;
        for (var c = 0; c < part.Count; c++)
        {
            if (!inner[c].Success && inner[c].Data.IsEmpty && part.Count > 1 && !Remembered(part[c]))
            {
                (suspects ??= []).Add(part[c]);
                continue;
            }

            if (!inner[c].Success && inner[c].Data.IsEmpty && part.Count == 1)
            {
                Remember(part[c]);
            }

            results.Set(part[c], inner[c]);
        }

        if (suspects is null)
        {
            return;
        }

        if (suspects.Count < part.Count)
        {
            again.Add(suspects);
        }
        else
        {
            again.Add(suspects[..(suspects.Count / 2)]);
            again.Add(suspects[(suspects.Count / 2)..]);
        }
    }

    private async Task<PinOutcome> RunSinglyAsync(
        IReadOnlyList<Call> calls, BlockHeader at, JsonElement tag, NodeAbilities node, CallResults results, CancellationToken cancellationToken)
    {
        var requests = new List<RpcRequest>(calls.Count + 1) { RpcRequest.Create("eth_call", new { data = PinProof.Probe }, tag) };
        foreach (var call in calls)
        {
            requests.Add(RpcRequest.Create("eth_call", new { to = call.To.ToHex(), data = Hex.ToString(call.Data.Span) }, tag));
        }

        var replies = await rpc.SendAsync(requests, cancellationToken);
        var proven = false;
        if (replies[0].Error is null)
        {
            var words = rpc.Read(requests[0], replies[0], static (json, value) => json.Data(value, "a result"));
            if (words.Length == 3 * AbiReader.WordSize)
            {
                if (PinProof.Read(words).Contradicts(at) is { } contradiction)
                {
                    node.Contradiction = contradiction;
                    return PinOutcome.Contradicted;
                }

                proven = true;
            }
        }

        RpcException? tooMuch = null;
        for (var i = 0; i < calls.Count; i++)
        {
            if (replies[i + 1].Error is not { } error)
            {
                results.Set(calls[i], new CallResult(true, rpc.Read(requests[i + 1], replies[i + 1], static (json, value) => json.Data(value, "a result"))));
            }
            else if (RpcErrors.IsRevert(error))
            {
                results.Set(calls[i], new CallResult(false, RevertData(error)));
            }
            else
            {
                if (Judge(error, out var failure) == PinOutcome.NotUnderstood)
                {
                    return PinOutcome.NotUnderstood;
                }

                tooMuch = failure;
            }
        }

        return results.Count == 0 && tooMuch is not null ? throw tooMuch : proven ? PinOutcome.Proven : PinOutcome.Unproven;
    }

    /// <summary>Null: ask for less (aggregate3 lets every call fail by itself, so that its own revert means gas). Throws what neither cutting nor another block parameter mends.</summary>
    private PinOutcome? Judge(RpcError error, out RpcException failure)
    {
        failure = RpcErrors.ToException(rpc.Name, "eth_call", error);
        if (failure.Kind == RpcFailure.UnknownBlock)
        {
            throw failure;
        }

        if (failure.Kind == RpcFailure.TooMuch || RpcErrors.IsRevert(error))
        {
            return null;
        }

        foreach (var word in NotUnderstoodWords)
        {
            if (error.Message.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return PinOutcome.NotUnderstood;
            }
        }

        return error.Code == -32602 ? PinOutcome.NotUnderstood : throw failure;
    }

    private CallResult[] Decode(ReadOnlyMemory<byte> answer, int expected)
    {
        try
        {
            return Multicall3.DecodeResult(answer, expected);
        }
        catch (AbiException e)
        {
            throw new RpcException(RpcFailure.Malformed, $"{rpc.Name} answers a multicall with bytes that are none: {e.Message}", inner: e);
        }
    }

    private static bool RanToTheEnd(ReadOnlySpan<CallResult> proof)
    {
        foreach (var result in proof)
        {
            if (!result.Success || result.Data.Length != AbiReader.WordSize)
            {
                return false;
            }
        }

        return true;
    }

    private static string? Prove(ReadOnlySpan<CallResult> proof, BlockHeader at) =>
        new PinProof(UInt256.FromBigEndian(proof[0].Data.Span), UInt256.FromBigEndian(proof[1].Data.Span), Hash32.FromBytes(proof[2].Data.Span)).Contradicts(at);

    /// <summary>A call that is too much when alone has no result.</summary>
    private void Halve(List<Call> part, List<List<Call>> again)
    {
        if (part.Count > 1)
        {
            size.Failed(part.Count);
            again.Add(part[..(part.Count / 2)]);
            again.Add(part[(part.Count / 2)..]);
        }
    }

    private static byte[] RevertData(RpcError error) => Hex.TryParse(error.Data, out var bytes) ? bytes : [];

    private bool Remembered(Call call)
    {
        lock (gate)
        {
            return failEmptyAlone.Contains(call);
        }
    }

    private void Remember(Call call)
    {
        lock (gate)
        {
            if (failEmptyAlone.Count >= MaxRemembered)
            {
                failEmptyAlone.Clear();
            }

            failEmptyAlone.Add(call);
        }
    }
}
