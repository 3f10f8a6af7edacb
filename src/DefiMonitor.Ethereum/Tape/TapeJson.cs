using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Tape;

/// <summary>The JSON shapes of a node, for the answers of a tape and for reading back what was asked.</summary>
internal static class TapeJson
{
    public static object Header(BlockHeader header)
    {
        var json = new Dictionary<string, string>
        {
            ["number"] = EvmClient.HexNumber(header.Number),
            ["hash"] = header.Hash.ToString(),
            ["parentHash"] = header.ParentHash.ToString(),
            ["timestamp"] = EvmClient.HexNumber(header.Timestamp),
        };
        if (header.L1BlockNumber is { } l1)
        {
            json["l1BlockNumber"] = EvmClient.HexNumber(l1);
        }

        return json;
    }

    public static object Log(Log log, BlockHeader block) => new
    {
        address = log.Address.ToHex(),
        topics = log.Topics.Select(t => t.ToString()),
        data = Hex.ToString(log.Data.Span),
        transactionHash = log.TransactionHash.ToString(),
        logIndex = EvmClient.HexNumber(log.LogIndex),
        blockNumber = EvmClient.HexNumber(block.Number),
        blockHash = block.Hash.ToString(),
        removed = false,
    };

    public static HashSet<Address> Addresses(JsonElement filter) =>
        filter.TryGetProperty("address", out var list) ? [.. Texts(list).Select(Address.Parse)] : [];

    public static HashSet<Hash32> FirstTopics(JsonElement filter) =>
        filter.TryGetProperty("topics", out var list) && list.GetArrayLength() > 0 ? [.. Texts(list[0]).Select(Hash32.Parse)] : [];

    private static IEnumerable<string> Texts(JsonElement one) =>
        one.ValueKind == JsonValueKind.Array ? one.EnumerateArray().Select(e => e.GetString()!) : [one.GetString()!];
}
