using System.Collections.Concurrent;
using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum;

/// <summary>Calls at one block, by hash where the node can (EIP-1898), proven inside the call. See <see cref="EvmClient.CallAsync"/>.</summary>
internal sealed class PinnedCaller(RpcCaller rpc, EvmClient client, EvmClientOptions options)
{
    // A node is asked by hash again after so many calls by number: it may have been upgraded, or another stands behind the same name.
    private const int WeakBeforeTryingAgain = 256;

    private readonly ConcurrentDictionary<string, NodeAbilities> nodes = new(StringComparer.Ordinal);
    private readonly MulticallRunner runner = new(rpc, options);

    public async Task<PinnedResults> CallAsync(IReadOnlyList<Call> calls, BlockHeader at, CancellationToken cancellationToken)
    {
        var distinct = Distinct(calls);
        var results = new CallResults();
        if (distinct.Count == 0)
        {
            return new PinnedResults(results, Pin.Strong, at);
        }

        var node = nodes.GetOrAdd(rpc.Name, static _ => new NodeAbilities());
        if (node.FollowsHash)
        {
            var tag = JsonSerializer.SerializeToElement(new { blockHash = at.Hash.ToString(), requireCanonical = true });
            var outcome = await runner.RunAsync(distinct, at, tag, node, results, cancellationToken);
            if (outcome == PinOutcome.Proven)
            {
                node.Proved();
                return new PinnedResults(results, Pin.Strong, at);
            }

            // Not understood it never will be; contradicted, or (no multicall, no probe) taken without anything that shows it is followed, may be one bad moment.
            node.Doubt(outcome == PinOutcome.NotUnderstood, WeakBeforeTryingAgain);
        }
        else
        {
            node.CountWeak();
        }

        return await CallByNumberAsync(distinct, at, node, cancellationToken);
    }

    // In the order asked: what a call writes, the later ones of its multicall see.
    private static List<Call> Distinct(IReadOnlyList<Call> calls)
    {
        var (seen, distinct) = (new HashSet<Call>(calls.Count), new List<Call>(calls.Count));
        foreach (var call in calls)
        {
            if (seen.Add(call))
            {
                distinct.Add(call);
            }
        }

        return distinct;
    }

    private async Task<PinnedResults> CallByNumberAsync(List<Call> calls, BlockHeader at, NodeAbilities node, CancellationToken cancellationToken)
    {
        var results = new CallResults();
        await CheckCanonicalAsync(at, cancellationToken);
        var tag = JsonSerializer.SerializeToElement(EvmClient.HexNumber(at.Number));
        var outcome = await runner.RunAsync(calls, at, tag, node, results, cancellationToken);
        await CheckCanonicalAsync(at, cancellationToken);
        return outcome is PinOutcome.Proven or PinOutcome.Unproven
            ? new PinnedResults(results, Pin.Weak, at)
            : throw new RpcException(
                RpcFailure.Refused,
                $"{rpc.Name} answers calls at block {at.Ref} with the state of another block ({node.Contradiction ?? "it does not take block numbers"}): its answers are not used.");
    }

    private async Task CheckCanonicalAsync(BlockHeader at, CancellationToken cancellationToken)
    {
        var there = await client.GetHeaderAsync(at.Number, cancellationToken);
        if (there?.Hash != at.Hash)
        {
            throw new RpcException(
                RpcFailure.UnknownBlock, $"{rpc.Name} has {(there is null ? "no block" : $"block {there.Hash.Short}")} at {at.Number} where {at.Hash.Short} was read: the chain moved.");
        }
    }
}

internal enum PinOutcome
{
    /// <summary>All answers, and the EVM says that it ran in this block.</summary>
    Proven,

    /// <summary>All answers, and nothing that shows in which block.</summary>
    Unproven,

    /// <summary>The EVM says that it ran in another block.</summary>
    Contradicted,

    /// <summary>The node does not take such a block parameter.</summary>
    NotUnderstood,
}

/// <summary>What one endpoint has shown it can do.</summary>
internal sealed class NodeAbilities
{
    // So many calls by hash in a row must stay without proof before the node is asked by number, at three calls more a block.
    private const int DoubtsBelieved = 3;

    private int weakLeft;
    private int doubts;

    public bool FollowsHash => Volatile.Read(ref weakLeft) <= 0;

    public bool HasMulticall { get; set; } = true;

    public string? Contradiction { get; set; }

    public void Proved() => Volatile.Write(ref doubts, 0);

    /// <summary>A call by hash without proof. Whoever was given up once is given up again by the next one.</summary>
    /// <param name="atOnce">True when there is nothing to wait for.</param>
    /// <param name="calls">So many calls by number before the hash is tried again.</param>
    public void Doubt(bool atOnce, int calls)
    {
        if (Interlocked.Increment(ref doubts) >= DoubtsBelieved || atOnce)
        {
            Volatile.Write(ref doubts, DoubtsBelieved - 1);
            Volatile.Write(ref weakLeft, calls);
        }
    }

    public void CountWeak() => Interlocked.Decrement(ref weakLeft);
}
