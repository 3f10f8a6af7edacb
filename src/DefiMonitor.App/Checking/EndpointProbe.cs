using System.Globalization;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Checking;

/// <summary>Asks one endpoint, alone, for everything that the monitor will want of it. Some ten calls.</summary>
public sealed class EndpointProbe(TimeProvider time)
{
    private static readonly ulong[] Ranges = [10_000, 2_000, 500, 100, 10, 5];

    // A topic that no contract logs: the question costs the node little, and the range is all that matters.
    private static readonly string NoTopic = "0x" + new string('e', 64);

    public async Task<EndpointReport> RunAsync(ChainSettings chain, IRpcTransport transport, CancellationToken cancellationToken)
    {
        var client = new EvmClient(transport, new EvmClientOptions { Multicall = chain.Multicall });
        var lines = new List<CheckLine>();
        try
        {
            var id = await client.GetChainIdAsync(cancellationToken);
            if (id != chain.Chain)
            {
                lines.Add(new("chain-id", CheckStatus.Failed, $"it serves {id}, and {chain.Name} is {chain.Chain}: correct chainId in {chain.File}, or take another endpoint."));
                return new EndpointReport(chain.Name, transport.Name, lines);
            }

            lines.Add(new("chain-id", CheckStatus.Ok, id.ToString()));
        }
        catch (RpcException e)
        {
            lines.Add(new("chain-id", CheckStatus.Failed, e.Message));
            return new EndpointReport(chain.Name, transport.Name, lines) { Unreachable = true };
        }

        BlockHeader head;
        try
        {
            head = await client.GetHeadAsync(cancellationToken);
        }
        catch (RpcException e)
        {
            lines.Add(new("head", CheckStatus.Failed, e.Message));
            return new EndpointReport(chain.Name, transport.Name, lines) { Unreachable = true };
        }

        lines.Add(Head(chain, head));
        lines.Add(await GuardAsync("multicall", () => MulticallAsync(chain, transport, cancellationToken)));
        lines.Add(await GuardAsync("pin", () => PinAsync(chain, client, head, cancellationToken)));
        lines.Add(await GuardAsync("finalized", () => FinalizedAsync(chain, client, head, cancellationToken)));
        lines.Add(await GuardAsync("log-range", () => LogRangeAsync(transport, head, cancellationToken)));
        if (chain.Pending)
        {
            lines.Add(await GuardAsync("pending", () => PendingAsync(chain, client, cancellationToken)));
        }

        return new EndpointReport(chain.Name, transport.Name, lines);
    }

    private static async Task<CheckLine> PendingAsync(ChainSettings chain, EvmClient client, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetPendingAsync(Transmissions.Selectors, cancellationToken) is null
                ? new("pending", CheckStatus.Warning, $"it offers no pending transactions, neither txpool_content nor a pending block: no price is told before its block; take \"pending\" out of {chain.File}, or take another endpoint.")
                : new("pending", CheckStatus.Ok, "it tells its pending transactions");
        }
        catch (RpcException e)
        {
            // The chain is followed without them.
            return new("pending", CheckStatus.Warning, $"its pending transactions can't be read, and while they can't, no price is told before its block and none that was told is over: {e.Message}");
        }
    }

    private static async Task<CheckLine> GuardAsync(string name, Func<Task<CheckLine>> look)
    {
        try
        {
            return await look();
        }
        catch (RpcException e)
        {
            return new(name, CheckStatus.Failed, e.Message);
        }
    }

    private static async Task<CheckLine> MulticallAsync(ChainSettings chain, IRpcTransport transport, CancellationToken cancellationToken)
    {
        if (chain.Multicall is not { } address)
        {
            return new("multicall", CheckStatus.Warning, "none configured: every call of a block goes out as a call of its own, in one batch.");
        }

        var reply = (await transport.SendAsync([RpcRequest.Create("eth_getCode", address.ToHex(), "latest")], cancellationToken))[0];
        var code = reply.Error is null ? reply.Result.ToString() : "";
        return code.Length > 2
            ? new("multicall", CheckStatus.Ok, address.ToString())
            : new("multicall", CheckStatus.Warning, $"there is no contract at {address}: set \"multicall\" in {chain.File} to where Multicall3 stands, or to null; until then calls go out one by one in a batch.");
    }

    private static async Task<CheckLine> PinAsync(ChainSettings chain, EvmClient client, BlockHeader head, CancellationToken cancellationToken)
    {
        // Any call will do; one that every node answers is a call without data to an address without code.
        var probe = new Call(chain.Multicall ?? Address.Zero, ReadOnlyMemory<byte>.Empty);
        var pinned = await client.CallAsync([probe], head, cancellationToken);
        return pinned.Pin == Pin.Strong
            ? new("pin", CheckStatus.Ok, "strong: calls are pinned to the block's hash and prove it")
            : new("pin", CheckStatus.Warning, "weak: the node does not follow a block hash (EIP-1898), so it is asked by number between two reads of the same header; alerts say so");
    }

    private static async Task<CheckLine> FinalizedAsync(ChainSettings chain, EvmClient client, BlockHeader head, CancellationToken cancellationToken)
    {
        if (chain.FinalityDepth is { } depth)
        {
            return new("finalized", CheckStatus.Ok, $"{depth} blocks below the head, as configured");
        }

        return await client.GetFinalizedAsync(cancellationToken) is { } final
            ? new("finalized", CheckStatus.Ok, $"block {final.Number}, {head.Number - Math.Min(head.Number, final.Number)} below the head")
            : new("finalized", CheckStatus.Warning, $"the node knows no finalized block, so 64 blocks below the head count as final; set \"finalityDepth\" in {chain.File} if this chain forks deeper.");
    }

    private static async Task<CheckLine> LogRangeAsync(IRpcTransport transport, BlockHeader head, CancellationToken cancellationToken)
    {
        string? refusal = null;
        foreach (var range in Ranges)
        {
            if (range > head.Number + 1 && range != Ranges[^1])
            {
                continue;
            }

            var from = head.Number - Math.Min(head.Number, range - 1);
            var request = RpcRequest.Create("eth_getLogs", new { fromBlock = Hex(from), toBlock = Hex(head.Number), topics = new[] { NoTopic } });
            var reply = (await transport.SendAsync([request], cancellationToken))[0];
            if (reply.Error is null)
            {
                return range >= 100 || range > head.Number
                    ? new("log-range", CheckStatus.Ok, $"{head.Number - from + 1} blocks at once")
                    : new("log-range", CheckStatus.Warning, $"{range} blocks at once: catching up after a stop is slow with this endpoint");
            }

            refusal = RpcText.Clean(reply.Error.Message);
        }

        return new("log-range", CheckStatus.Failed, $"eth_getLogs is refused even for {Ranges[^1]} blocks: {refusal}");
    }

    private static string Hex(ulong number) => "0x" + number.ToString("x", CultureInfo.InvariantCulture);

    private CheckLine Head(ChainSettings chain, BlockHeader head)
    {
        var age = time.GetUtcNow().ToUnixTimeSeconds() - (long)head.Timestamp;
        var limit = (long)Math.Max(60, 5 * chain.NextBlockSeconds);
        return age <= limit
            ? new("head", CheckStatus.Ok, $"block {head.Number} {head.Hash.Short}, {Math.Max(0, age)} s old")
            : new("head", CheckStatus.Warning, $"block {head.Number} {head.Hash.Short} is {age} s old, and this chain makes a block every {chain.NextBlockSeconds} s: the endpoint is behind, or the chain stands still");
    }
}
