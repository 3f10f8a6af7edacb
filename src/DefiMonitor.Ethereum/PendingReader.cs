using System.Text.Json;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum;

/// <summary>
/// The node's pending transactions, one call a look: its pool (txpool_content) or, where it does not tell that or tells more than is read, the block that it would build
/// (eth_getBlockByNumber "pending").
/// </summary>
internal sealed class PendingReader(RpcCaller rpc, TimeProvider time)
{
    private static readonly RpcRequest Pool = RpcRequest.Create("txpool_content");
    private static readonly RpcRequest Block = RpcRequest.Create("eth_getBlockByNumber", "pending", true);

    // Between two blocks, and before every verdict: what takes longer is not worth waiting for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // A node that does not know the method may be another one, or a newer one, later.
    private static readonly TimeSpan AskPoolAgain = TimeSpan.FromMinutes(10);

    private DateTimeOffset? poolAgainAt;

    /// <summary>Those whose calldata begins with one of the selectors; null where the node knows neither method, which alone means that it offers none.</summary>
    /// <exception cref="RpcException">The node failed, refused, or told neither.</exception>
    public async Task<IReadOnlyList<PendingTransaction>?> ReadAsync(IReadOnlyList<uint> selectors, CancellationToken cancellationToken)
    {
        var prefixes = selectors.Select(static s => $"0x{s:x8}").ToList();
        RpcException? refusal = null;
        if (poolAgainAt is not { } again || time.GetUtcNow() >= again)
        {
            poolAgainAt = null;
            try
            {
                return await AskAsync(Pool, InPool, prefixes, cancellationToken);
            }
            catch (RpcException e) when (e.Kind == RpcFailure.Unsupported)
            {
                poolAgainAt = time.GetUtcNow() + AskPoolAgain;
            }
            catch (RpcException e) when (e.Kind == RpcFailure.Refused)
            {
                refusal = e;
            }
            catch (RpcException e) when (e.Kind == RpcFailure.TooMuch)
            {
                // It will hardly be smaller a second later, and is not fetched for nothing each time.
                poolAgainAt = time.GetUtcNow() + AskPoolAgain;
                refusal = e;
            }
        }

        try
        {
            return await AskAsync(Block, InBlock, prefixes, cancellationToken);
        }
        catch (RpcException e) when (e.Kind == RpcFailure.Unsupported)
        {
            return refusal is null ? null : throw refusal;
        }
    }

    private static IEnumerable<JsonElement>? InPool(JsonElement pool) =>
        pool.ValueKind == JsonValueKind.Object && pool.TryGetProperty("pending", out var pending) && pending.ValueKind == JsonValueKind.Object
            ? pending.EnumerateObject().Where(static sender => sender.Value.ValueKind == JsonValueKind.Object).SelectMany(static sender => sender.Value.EnumerateObject().Select(static nonce => nonce.Value))
            : null;

    private static IEnumerable<JsonElement>? InBlock(JsonElement block) =>
        block.ValueKind == JsonValueKind.Object && block.TryGetProperty("transactions", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : null;

    private async Task<IReadOnlyList<PendingTransaction>> AskAsync(
        RpcRequest request, Func<JsonElement, IEnumerable<JsonElement>?> list, List<string> prefixes, CancellationToken cancellationToken)
    {
        var reply = (await rpc.SendBesideAsync([request], Patience, cancellationToken))[0];
        return rpc.Read(request, reply, (_, value) => list(value) is { } all
            ? All(all, prefixes)
            : throw new RpcException(RpcFailure.UnknownBlock, $"{rpc.Name} answers {request.Method} without any list of pending transactions."));
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
