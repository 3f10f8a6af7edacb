using System.Runtime.CompilerServices;
using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum;

/// <summary>eth_getLogs: by block hash for what may still fork, in adapting pages for long ranges.</summary>
internal sealed class LogReader(RpcCaller rpc, EvmClientOptions options)
{
    private readonly LogPageSize page = new(options.LogPage);

    public async Task<IReadOnlyList<IReadOnlyList<Log>>> OfBlocksAsync(IReadOnlyCollection<LogFilter> filters, IReadOnlyList<BlockHeader> blocks, CancellationToken cancellationToken)
    {
        var unions = Union(filters);
        var result = new IReadOnlyList<Log>[blocks.Count];
        if (unions.Count == 0 || blocks.Count == 0)
        {
            Array.Fill(result, []);
            return result;
        }

        var batch = new List<RpcRequest>(blocks.Count * unions.Count);
        foreach (var block in blocks)
        {
            foreach (var (addresses, topics) in unions)
            {
                batch.Add(RpcRequest.Create("eth_getLogs", new { blockHash = block.Hash.ToString(), address = addresses, topics = new[] { topics } }));
            }
        }

        var replies = await rpc.SendAsync(batch, cancellationToken);
        for (var b = 0; b < blocks.Count; b++)
        {
            var block = blocks[b];
            var found = new List<Log>();
            for (var u = 0; u < unions.Count; u++)
            {
                var i = (b * unions.Count) + u;
                foreach (var located in rpc.Read(batch[i], replies[i], Logs))
                {
                    if (located.Block != block.Ref)
                    {
                        throw Malformed($"a log of block {located.Block} when asked for block {block.Ref}");
                    }

                    if (Wanted(filters, located.Log))
                    {
                        found.Add(located.Log);
                    }
                }
            }

            found.Sort(static (a, b) => a.LogIndex.CompareTo(b.LogIndex));
            for (var i = 1; i < found.Count; i++)
            {
                if (found[i].LogIndex == found[i - 1].LogIndex)
                {
                    throw Malformed($"two logs of index {found[i].LogIndex} in block {block.Ref}");
                }
            }

            result[b] = found;
        }

        return result;
    }

    public async IAsyncEnumerable<LogPage> OfRangeAsync(
        IReadOnlyCollection<LogFilter> filters, ulong from, ulong to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var unions = Union(filters);
        while (from <= to)
        {
            var last = Math.Min(to, from + page.Size - 1);
            List<LocatedLog>? logs;
            try
            {
                logs = await OnePageAsync(filters, unions, from, last, cancellationToken);
                page.Worked(last - from + 1);
            }
            catch (RpcException e) when (e.Kind == RpcFailure.TooMuch && last > from)
            {
                page.Failed(last - from + 1, e.Message);
                continue;
            }

            yield return new LogPage(from, last, logs);
            if (last == ulong.MaxValue)
            {
                yield break;
            }

            from = last + 1;
        }
    }

    private static bool Wanted(IReadOnlyCollection<LogFilter> filters, Log log)
    {
        foreach (var filter in filters)
        {
            if (filter.Matches(log))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<List<LocatedLog>> OnePageAsync(
        IReadOnlyCollection<LogFilter> filters, List<(string[] Addresses, string[] Topics)> unions, ulong from, ulong to, CancellationToken cancellationToken)
    {
        var batch = unions.ConvertAll(u => RpcRequest.Create(
            "eth_getLogs", new { fromBlock = EvmClient.HexNumber(from), toBlock = EvmClient.HexNumber(to), address = u.Addresses, topics = new[] { u.Topics } }));
        var logs = new List<LocatedLog>();
        if (batch.Count == 0)
        {
            return logs;
        }

        var replies = await rpc.SendAsync(batch, cancellationToken);
        for (var i = 0; i < batch.Count; i++)
        {
            foreach (var located in rpc.Read(batch[i], replies[i], Logs))
            {
                if (located.Block.Number < from || located.Block.Number > to)
                {
                    throw Malformed($"a log of block {located.Block.Number} when asked for blocks {from} to {to}");
                }

                if (Wanted(filters, located.Log))
                {
                    logs.Add(located);
                }
            }
        }

        logs.Sort(static (a, b) => (a.Block.Number, a.Log.LogIndex).CompareTo((b.Block.Number, b.Log.LogIndex)));
        return logs;
    }

    /// <summary>One request asks for every address and every topic of all filters; what that brings in excess is dropped here, which is cheaper than a request a filter.</summary>
    private List<(string[] Addresses, string[] Topics)> Union(IReadOnlyCollection<LogFilter> filters)
    {
        var addresses = new SortedSet<Address>();
        var topics = new SortedSet<Hash32>();
        foreach (var filter in filters)
        {
            if (filter.Addresses.Count > 0 && filter.Topics.Count > 0)
            {
                addresses.UnionWith(filter.Addresses);
                topics.UnionWith(filter.Topics);
            }
        }

        var words = topics.Select(t => t.ToString()).ToArray();
        return [.. addresses.Chunk(options.MaxAddressesPerFilter).Select(chunk => (Array.ConvertAll(chunk, a => a.ToHex()), words))];
    }

    private List<LocatedLog> Logs(RpcJson json, JsonElement value)
    {
        var list = new List<LocatedLog>();
        foreach (var entry in json.Array(value, options.MaxLogsPerReply).EnumerateArray())
        {
            var (log, block) = json.Log(entry);
            list.Add(new LocatedLog(block, log));
        }

        return list;
    }

    private RpcException Malformed(string what) => new RpcJson(rpc.Name, "eth_getLogs").Malformed(what);
}
