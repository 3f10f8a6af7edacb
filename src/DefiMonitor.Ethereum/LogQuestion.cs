using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum;

/// <summary>
/// What several filters together ask eth_getLogs for: one request for every address and every topic of all of them. What that brings in excess is dropped here,
/// which is cheaper than a request a filter.
/// </summary>
internal sealed class LogQuestion
{
    private readonly Dictionary<Address, HashSet<Hash32>> wanted = [];
    private readonly List<string[]> addresses;
    private readonly string[][] topics;

    public LogQuestion(IReadOnlyCollection<LogFilter> filters, int maxAddresses)
    {
        var all = new SortedSet<Hash32>();
        foreach (var filter in filters)
        {
            if (filter.Topics.Count == 0)
            {
                continue;
            }

            foreach (var address in filter.Addresses)
            {
                if (!wanted.TryGetValue(address, out var words))
                {
                    wanted[address] = words = [];
                }

                words.UnionWith(filter.Topics);
                all.UnionWith(filter.Topics);
            }
        }

        addresses = [.. wanted.Keys.Order().Chunk(maxAddresses).Select(static chunk => Array.ConvertAll(chunk, static a => a.ToHex()))];
        topics = [[.. all.Select(static t => t.ToString())]];
    }

    /// <summary>Requests that one block or range costs.</summary>
    public int Count => addresses.Count;

    public IEnumerable<RpcRequest> OfBlock(BlockHeader block) =>
        addresses.Select(a => RpcRequest.Create("eth_getLogs", new { blockHash = block.Hash.ToString(), address = a, topics }));

    /// <summary>Both ends included.</summary>
    public IEnumerable<RpcRequest> OfRange(ulong from, ulong to) =>
        addresses.Select(a => RpcRequest.Create("eth_getLogs", new { fromBlock = EvmClient.HexNumber(from), toBlock = EvmClient.HexNumber(to), address = a, topics }));

    public bool Wants(Log log) => log.Topics.Count > 0 && wanted.TryGetValue(log.Address, out var words) && words.Contains(log.Topics[0]);
}
