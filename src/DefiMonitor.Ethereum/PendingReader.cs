using System.Text.Json;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum;

/// <summary>
/// The node's pending transactions, one call a look: its pool (txpool_content) or, where it does not tell that, the block that it would build
/// (eth_getBlockByNumber "pending").
/// </summary>
internal sealed class PendingReader(RpcCaller rpc)
{
    private static readonly RpcRequest Pool = RpcRequest.Create("txpool_content");
    private static readonly RpcRequest Block = RpcRequest.Create("eth_getBlockByNumber", "pending", true);

    // Between two blocks, and before every verdict: what takes longer is not worth waiting for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private bool hasNoPool;

    /// <summary>Those whose calldata begins with one of the selectors; null where the node offers none.</summary>
    /// <exception cref="RpcException">The node failed.</exception>
    public async Task<IReadOnlyList<PendingTransaction>?> ReadAsync(IReadOnlyList<uint> selectors, CancellationToken cancellationToken)
    {
        var prefixes = selectors.Select(static s => $"0x{s:x8}").ToList();
        if (!hasNoPool)
        {
            if (await AskAsync(Pool, static pool => pool.ValueKind == JsonValueKind.Object && pool.TryGetProperty("pending", out var pending) && pending.ValueKind == JsonValueKind.Object
                ? pending.EnumerateObject().Where(static sender => sender.Value.ValueKind == JsonValueKind.Object).SelectMany(static sender => sender.Value.EnumerateObject().Select(static nonce => nonce.Value))
                : null, prefixes, cancellationToken) is { } pooled)
            {
                return pooled;
            }

            hasNoPool = true;
        }

        return await AskAsync(
            Block,
            static block => block.ValueKind == JsonValueKind.Object && block.TryGetProperty("transactions", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : null,
            prefixes,
            cancellationToken);
    }

    private async Task<IReadOnlyList<PendingTransaction>?> AskAsync(
        RpcRequest request, Func<JsonElement, IEnumerable<JsonElement>?> list, List<string> prefixes, CancellationToken cancellationToken)
    {
        var reply = (await rpc.SendBesideAsync([request], Patience, cancellationToken))[0];
        if (reply.Error is { } error)
        {
            // A node says in many ways that it does not offer this; that it can't just now it says in few.
            return RpcErrors.Classify(request.Method, error) is RpcFailure.RateLimited or RpcFailure.Unreachable or RpcFailure.TooMuch
                ? throw RpcErrors.ToException(rpc.Name, request.Method, error)
                : null;
        }

        return rpc.Read(request, reply, (_, value) => list(value) is { } all ? All(all, prefixes) : null);
    }

    // What is none of ours, or garbled, is passed over: it may come from anybody.
    private static List<PendingTransaction> All(IEnumerable<JsonElement> transactions, List<string> prefixes)
    {
        var found = new List<PendingTransaction>();
        foreach (var transaction in transactions)
        {
            if (Text(transaction, "input") is { } input && prefixes.Exists(prefix => input.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                && input.Length % 2 == 0 && Convert.FromHexString(input.AsSpan(2), new byte[(input.Length - 2) / 2], out _, out _) == System.Buffers.OperationStatus.Done
                && Hash32.TryParse(Text(transaction, "hash") ?? "", out var hash) && Address.TryParse(Text(transaction, "to"), out var to))
            {
                found.Add(new PendingTransaction(hash, to, Convert.FromHexString(input.AsSpan(2))));
            }
        }

        return found;
    }

    private static string? Text(JsonElement transaction, string name) =>
        transaction.ValueKind == JsonValueKind.Object && transaction.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
