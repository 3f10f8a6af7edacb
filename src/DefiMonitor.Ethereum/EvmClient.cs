using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum;

/// <summary>
/// The questions that the house asks a chain. Failures are <see cref="RpcException"/>; nothing is retried here (see <see cref="EndpointPool"/>),
/// and nothing is cached but what the node can do.
/// </summary>
public sealed class EvmClient
{
    private readonly RpcCaller rpc;
    private readonly LogReader logs;
    private readonly PinnedCaller calls;
    private readonly PendingReader pending;

    /// <param name="time">Measures <see cref="Waited"/>; null = the system's clock.</param>
    public EvmClient(IRpcTransport transport, EvmClientOptions? options = null, TimeProvider? time = null)
    {
        options ??= new EvmClientOptions();
        rpc = new RpcCaller(transport, time);
        logs = new LogReader(rpc, options);
        calls = new PinnedCaller(rpc, this, options);
        pending = new PendingReader(rpc, time ?? TimeProvider.System);
    }

    public IRpcTransport Transport => rpc.Transport;

    /// <summary>Time that callers have waited for the node so far; what several wait for at once counts for each of them.</summary>
    public TimeSpan Waited => rpc.Waited;

    public Task<ChainId> GetChainIdAsync(CancellationToken cancellationToken) =>
        rpc.AskAsync(RpcRequest.Create("eth_chainId"), static (json, value) => new ChainId(json.Quantity(value, "the chain id")), cancellationToken);

    /// <summary>The newest block.</summary>
    public Task<BlockHeader> GetHeadAsync(CancellationToken cancellationToken) =>
        rpc.AskAsync(RpcRequest.Create("eth_getBlockByNumber", "latest", false), static (json, value) => json.Header(value), cancellationToken);

    /// <summary>The canonical block of that number; null where there is none (yet).</summary>
    public async Task<BlockHeader?> GetHeaderAsync(ulong number, CancellationToken cancellationToken) =>
        (await GetHeadersAsync(number, 1, cancellationToken))[0];

    /// <summary>The block of that hash; null where the node does not know it.</summary>
    public Task<BlockHeader?> GetHeaderAsync(Hash32 hash, CancellationToken cancellationToken) =>
        rpc.AskAsync(
            RpcRequest.Create("eth_getBlockByHash", hash.ToString(), false),
            (json, value) =>
            {
                var header = HeaderOrNull(json, value);
                return header is null || header.Hash == hash
                    ? header
                    : throw json.Malformed($"block {header.Hash} when asked for {hash}");
            },
            cancellationToken);

    /// <summary>The canonical blocks from <paramref name="first"/> on, in one batch; null for each that does not exist.</summary>
    public async Task<IReadOnlyList<BlockHeader?>> GetHeadersAsync(ulong first, int count, CancellationToken cancellationToken)
    {
        var batch = new RpcRequest[count];
        for (var i = 0; i < count; i++)
        {
            batch[i] = RpcRequest.Create("eth_getBlockByNumber", HexNumber(first + (ulong)i), false);
        }

        var replies = await rpc.SendAsync(batch, cancellationToken);
        var headers = new BlockHeader?[count];
        for (var i = 0; i < count; i++)
        {
            var number = first + (ulong)i;
            headers[i] = rpc.Read(batch[i], replies[i], (json, value) =>
            {
                var header = HeaderOrNull(json, value);
                return header is null || header.Number == number ? header : throw json.Malformed($"block {header.Number} when asked for {number}");
            });
        }

        return headers;
    }

    /// <summary>The newest finalized block; null where the node knows no finality.</summary>
    public async Task<BlockHeader?> GetFinalizedAsync(CancellationToken cancellationToken)
    {
        var request = RpcRequest.Create("eth_getBlockByNumber", "finalized", false);
        var reply = (await rpc.SendAsync([request], cancellationToken))[0];
        if (reply.Error is { } error)
        {
            // Nodes without it say so in many ways: unknown tag (-32602), "finalized block not found", method-level errors.
            return RpcErrors.Classify(request.Method, error) is RpcFailure.RateLimited or RpcFailure.Unreachable
                ? throw RpcErrors.ToException(rpc.Name, request.Method, error)
                : null;
        }

        return rpc.Read(request, reply, HeaderOrNull);
    }

    /// <summary>The logs of one block that any of the filters asks for, by the block's hash, in log index order.</summary>
    public async Task<IReadOnlyList<Log>> GetLogsAsync(IReadOnlyCollection<LogFilter> filters, BlockHeader block, CancellationToken cancellationToken) =>
        (await logs.OfBlocksAsync(filters, [block], cancellationToken))[0];

    /// <summary>As above for several blocks, in one batch.</summary>
    public Task<IReadOnlyList<IReadOnlyList<Log>>> GetLogsAsync(IReadOnlyCollection<LogFilter> filters, IReadOnlyList<BlockHeader> blocks, CancellationToken cancellationToken) =>
        logs.OfBlocksAsync(filters, blocks, cancellationToken);

    /// <summary>
    /// Answers to all calls at the block <paramref name="at"/>: one multicall pinned to the block's hash where the node can, which proves the block inside the call.
    /// However it is cut, a call runs after those that stand before it: what it writes, if it is no view, the later ones see and the earlier ones do not.
    /// </summary>
    /// <exception cref="RpcException">UnknownBlock when the block is not canonical (any more); Refused when the node's answers contradict its own headers.</exception>
    public Task<PinnedResults> CallAsync(IReadOnlyList<Call> batch, BlockHeader at, CancellationToken cancellationToken) => calls.CallAsync(batch, at, cancellationToken);

    /// <summary>Balances of the native currency at the block, in one batch; who could not be read is missing.</summary>
    /// <exception cref="RpcException">The node failed as a whole.</exception>
    public async Task<IReadOnlyDictionary<Address, UInt256>> GetBalancesAsync(IReadOnlyList<Address> owners, BlockHeader at, CancellationToken cancellationToken)
    {
        var tag = JsonSerializer.SerializeToElement(new { blockHash = at.Hash.ToString(), requireCanonical = true });
        var batch = owners.Select(o => RpcRequest.Create("eth_getBalance", o.ToHex(), tag)).ToList();
        var replies = await rpc.SendAsync(batch, cancellationToken);
        var balances = new Dictionary<Address, UInt256>();
        for (var i = 0; i < owners.Count; i++)
        {
            if (replies[i].Error is null)
            {
                balances[owners[i]] = rpc.Read(batch[i], replies[i], static (json, value) => json.BigQuantity(value, "a balance"));
            }
        }

        return balances;
    }

    /// <summary>The node's pending transactions whose calldata begins with one of the selectors; null where it offers none.</summary>
    public Task<IReadOnlyList<PendingTransaction>?> GetPendingAsync(IReadOnlyList<uint> selectors, CancellationToken cancellationToken) => pending.ReadAsync(selectors, cancellationToken);

    internal static string HexNumber(ulong number) => $"0x{number:x}";

    private static BlockHeader? HeaderOrNull(RpcJson json, JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : json.Header(value);
}
