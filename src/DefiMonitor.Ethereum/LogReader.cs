using DefiMonitor.Core.Chain;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum;

/// <summary>eth_getLogs by block hash, for what may still fork. Long ranges are <see cref="Ranges.LogRangeReader"/>'s.</summary>
internal sealed class LogReader(RpcCaller rpc, EvmClientOptions options)
{
    public async Task<IReadOnlyList<IReadOnlyList<Log>>> OfBlocksAsync(IReadOnlyCollection<LogFilter> filters, IReadOnlyList<BlockHeader> blocks, CancellationToken cancellationToken)
    {
        var question = new LogQuestion(filters, options.MaxAddressesPerFilter);
        var result = new IReadOnlyList<Log>[blocks.Count];
        if (question.Count == 0 || blocks.Count == 0)
        {
            Array.Fill(result, []);
            return result;
        }

        var batch = new List<RpcRequest>(blocks.Count * question.Count);
        foreach (var block in blocks)
        {
            batch.AddRange(question.OfBlock(block));
        }

        var replies = await rpc.SendAsync(batch, cancellationToken);
        for (var b = 0; b < blocks.Count; b++)
        {
            var block = blocks[b];
            var found = new List<Log>();
            for (var u = 0; u < question.Count; u++)
            {
                var i = (b * question.Count) + u;
                foreach (var located in rpc.Read(batch[i], replies[i], (json, value) => LogJson.Read(json, value, options.MaxLogsPerReply)))
                {
                    if (located.Block != block.Ref)
                    {
                        throw Malformed($"a log of block {located.Block} when asked for block {block.Ref}");
                    }

                    if (question.Wants(located.Log))
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

    private RpcException Malformed(string what) => new RpcJson(rpc.Name, "eth_getLogs").Malformed(what);
}
