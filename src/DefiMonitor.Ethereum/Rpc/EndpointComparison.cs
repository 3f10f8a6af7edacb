using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>
/// Compares the endpoints with each other: one that answers but has stopped (its head falls behind the others') is turned away from, and so is one whose
/// block, some way below the tip, is not the majority's.
/// </summary>
internal sealed class EndpointComparison(EndpointPool pool, EndpointPoolOptions options, TimeProvider time)
{
    // A head from further in the future than clocks differ is not believed.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    private long? ranAt;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (pool.Endpoints.Count < 2 || (ranAt is { } ran && time.GetElapsedTime(ran) < options.CompareEvery))
        {
            return;
        }

        ranAt = time.GetTimestamp();
        var heads = new List<(Endpoint Endpoint, BlockHeader Head)>();
        foreach (var endpoint in pool.Endpoints)
        {
            if (endpoint.CoolingUntil <= time.GetUtcNow() && await AskAsync(endpoint, "latest", cancellationToken) is { } head)
            {
                endpoint.Head = head.Number;
                heads.Add((endpoint, head));
            }
        }

        var newest = (ulong)(time.GetUtcNow() + ClockSkew).ToUnixTimeSeconds();
        heads.RemoveAll(h => h.Head.Timestamp > newest);
        if (heads.Count < 2)
        {
            return;
        }

        var best = heads.MaxBy(h => h.Head.Number).Head;
        var fresh = heads.FindAll(h => h.Head.Number + options.BlocksBehind > best.Number || h.Head.Timestamp >= best.Timestamp);
        foreach (var (endpoint, head) in heads.Except(fresh))
        {
            endpoint.FineSince = null;
            endpoint.Trouble = $"{endpoint.Name} is stuck at block {head.Number} while another endpoint has {best.Number}.";
        }

        var agreeing = await AgreeingAsync(fresh, cancellationToken);
        foreach (var endpoint in agreeing)
        {
            endpoint.FineSince ??= time.GetUtcNow();
        }

        Choose(agreeing);
    }

    private void Choose(List<Endpoint> fit)
    {
        if (fit.Count == 0)
        {
            return;
        }

        var current = pool.Current;
        if (!fit.Contains(current))
        {
            pool.Use(fit[0]);
            return;
        }

        // Back to one that the user named before the one in use, once it has done well for a while.
        foreach (var endpoint in pool.Endpoints.TakeWhile(e => e != current))
        {
            if (fit.Contains(endpoint) && endpoint.FineSince is { } since && time.GetUtcNow() - since >= options.ReturnAfter)
            {
                pool.Use(endpoint);
                return;
            }
        }
    }

    /// <summary>Those that hold the majority's block below the tip; all of them when there is no majority, which nobody can decide from outside.</summary>
    private async Task<List<Endpoint>> AgreeingAsync(List<(Endpoint Endpoint, BlockHeader Head)> fresh, CancellationToken cancellationToken)
    {
        var lowest = fresh.Min(f => f.Head.Number);
        if (lowest <= options.BlocksBehind || fresh.Count < 2)
        {
            return fresh.ConvertAll(f => f.Endpoint);
        }

        var number = lowest - options.BlocksBehind;
        var votes = new List<(Endpoint Endpoint, Hash32 Hash)>();
        foreach (var (endpoint, _) in fresh)
        {
            if (await AskAsync(endpoint, EvmClient.HexNumber(number), cancellationToken) is { } block)
            {
                votes.Add((endpoint, block.Hash));
            }
        }

        var groups = votes.GroupBy(v => v.Hash).OrderByDescending(g => g.Count()).ToList();
        if (groups.Count > 1 && groups[0].Count() == groups[1].Count())
        {
            foreach (var (endpoint, hash) in votes)
            {
                endpoint.Trouble = $"{endpoint.Name} has {hash.Short} at block {number}, where another endpoint has another block: they serve different chains.";
            }

            return votes.ConvertAll(v => v.Endpoint);
        }

        foreach (var (endpoint, hash) in groups.Skip(1).SelectMany(g => g))
        {
            pool.Failed(endpoint, new RpcException(
                RpcFailure.Malformed, $"{endpoint.Name} has {hash.Short} at block {number}, where the other endpoints have {groups[0].Key.Short}.", options.Banishment));
        }

        return groups.Count == 0 ? [] : [.. groups[0].Select(v => v.Endpoint)];
    }

    private async Task<BlockHeader?> AskAsync(Endpoint endpoint, string block, CancellationToken cancellationToken)
    {
        var request = RpcRequest.Create("eth_getBlockByNumber", block, false);
        try
        {
            var replies = await pool.SendAsync(endpoint, [request], cancellationToken);
            return new RpcCaller(endpoint.Transport).Read(
                request, replies[0], static (json, value) => value.ValueKind == System.Text.Json.JsonValueKind.Null ? null : json.Header(value));
        }
        catch (RpcException e)
        {
            // Told by the endpoint's status; the comparison goes on without it.
            pool.Failed(endpoint, e);
            return null;
        }
    }
}
