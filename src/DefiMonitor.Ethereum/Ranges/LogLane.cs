using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum.Ranges;

/// <summary>One endpoint, as far as log ranges go: how much it takes at once, and what its answers prove.</summary>
/// <param name="endpoint">Null for a transport that is no pool.</param>
internal sealed class LogLane(Endpoint? endpoint, IRpcTransport transport, LogRangeOptions options)
{
    // Providers cap at round numbers, and some don't say that they did.
    private const int RoundNumber = 1_000;

    private readonly RpcCaller rpc = new(transport);

    public Endpoint? Endpoint => endpoint;

    public LogPageSize Size { get; } = new(options);

    /// <summary>
    /// The requests for a range: its logs, and in the same batch the header of its last block, which proves that the node has come as far. One that has not answers with no
    /// logs, and that would look as if there were none.
    /// </summary>
    public static List<RpcRequest> Requests(LogQuestion question, ulong from, ulong to) =>
        [.. question.OfRange(from, to), RpcRequest.Create("eth_getBlockByNumber", EvmClient.HexNumber(to), false)];

    /// <exception cref="RpcException">The node refuses, or what it says can't be so.</exception>
    public LogPage Read(LogQuestion question, IReadOnlyList<RpcRequest> batch, IReadOnlyList<RpcReply> replies, ulong from, ulong to)
    {
        var logs = new List<LocatedLog>();
        for (var i = 0; i < question.Count; i++)
        {
            var found = rpc.Read(batch[i], replies[i], (json, value) => LogJson.Read(json, value, options.MaxLogsPerReply));
            if (found.Count >= RoundNumber && found.Count % RoundNumber == 0 && to > from)
            {
                throw new RpcException(RpcFailure.TooMuch, $"{rpc.Name} gives exactly {found.Count:N0} logs, which may be a cap that it does not tell of.");
            }

            foreach (var located in found)
            {
                if (located.Block.Number < from || located.Block.Number > to)
                {
                    throw Malformed($"a log of block {located.Block.Number} when asked for blocks {from} to {to}");
                }

                if (question.Wants(located.Log))
                {
                    logs.Add(located);
                }
            }
        }

        var last = rpc.Read(batch[^1], replies[^1], static (json, value) => value.ValueKind == JsonValueKind.Null ? null : json.Header(value));
        Check(logs, last, to);
        return new LogPage(from, to, logs);
    }

    /// <summary>Sorts the logs, and holds them against each other and against the header.</summary>
    private void Check(List<LocatedLog> logs, BlockHeader? last, ulong to)
    {
        if (last is null)
        {
            throw new RpcException(RpcFailure.UnknownBlock, $"{rpc.Name} does not have block {to}, so that its logs of the blocks up to there may not be all.");
        }

        if (last.Number != to)
        {
            throw new RpcJson(rpc.Name, "eth_getBlockByNumber").Malformed($"block {last.Number} when asked for {to}");
        }

        logs.Sort(static (a, b) => a.Block.Number != b.Block.Number ? a.Block.Number.CompareTo(b.Block.Number) : a.Log.LogIndex.CompareTo(b.Log.LogIndex));
        for (var i = 0; i < logs.Count; i++)
        {
            var block = logs[i].Block;
            if (block.Number == last.Number && block.Hash != last.Hash)
            {
                throw Malformed($"a log of block {block} whose header has the hash {last.Hash.Short}");
            }

            if (i == 0 || logs[i - 1].Block.Number != block.Number)
            {
                continue;
            }

            if (logs[i - 1].Block.Hash != block.Hash)
            {
                throw Malformed($"logs of two blocks of the number {block.Number}");
            }

            if (logs[i - 1].Log.LogIndex == logs[i].Log.LogIndex)
            {
                throw Malformed($"two logs of index {logs[i].Log.LogIndex} in block {block}");
            }
        }
    }

    private RpcException Malformed(string what) => new RpcJson(rpc.Name, "eth_getLogs").Malformed(what);
}
