using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols;

/// <summary>
/// From a price's source to the Chainlink feeds behind it. A source is a feed (AggregatorV3Interface.latestRoundData), or names those it computes with: Aave's
/// PriceCapAdapterBase, PriceCapAdapterStable and CLSynchronicityPriceAdapterPegToBase, Morpho's MorphoChainlinkOracleV2, each by getters of its own.
/// </summary>
internal static class FeedWalk
{
    // An adapter over an adapter over a feed.
    private const int MaxDepth = 2;

    private static readonly ContractAbi Abi = EmbeddedAbi.Load("chainlink/feeds.json");

    private static readonly AbiResult<Address>[] Getters =
    [
        .. new[]
        {
            "ASSET_TO_USD_AGGREGATOR()", "BASE_TO_USD_AGGREGATOR()", "ASSET_TO_PEG()", "PEG_TO_BASE()", "BASE_FEED_1()", "BASE_FEED_2()", "QUOTE_FEED_1()", "QUOTE_FEED_2()",
        }.Select(static name => Abi.Function(name).Result<Address>()),
    ];

    public static AbiResult<RoundData> LatestRoundData { get; } = Abi.Function("latestRoundData()").Result<RoundData>();

    public static IEnumerable<Call> Calls(Address source, CallResults soFar)
    {
        foreach (var (contract, depth) in Reached(source, soFar))
        {
            yield return LatestRoundData.Function.Call(contract);
            if (depth < MaxDepth)
            {
                foreach (var getter in Getters)
                {
                    yield return getter.Function.Call(contract);
                }
            }
        }
    }

    public static List<PriceFeed> Of(Address asset, string symbol, Address source, CallResults answers)
    {
        var feeds = new List<PriceFeed>();
        foreach (var (contract, _) in Reached(source, answers))
        {
            if (answers.TryGet(LatestRoundData.Function.Call(contract), out var result) && LatestRoundData.TryDecode(result, out var round, out _)
                && !round.UpdatedAt.IsZero && round.UpdatedAt <= (UInt256)uint.MaxValue)
            {
                feeds.Add(new PriceFeed(asset, symbol, contract, (ulong)round.UpdatedAt));
            }
        }

        return feeds.Count > 0 ? feeds : [new PriceFeed(asset, symbol, source, null)];
    }

    // The source and whatever it and those behind it name, each once, nearest first.
    private static List<(Address Contract, int Depth)> Reached(Address source, CallResults answers)
    {
        var reached = new List<(Address Contract, int Depth)> { (source, 0) };
        for (var i = 0; i < reached.Count; i++)
        {
            var (contract, depth) = reached[i];
            foreach (var getter in Getters)
            {
                if (depth < MaxDepth && answers.TryGet(getter.Function.Call(contract), out var result) && getter.TryDecode(result, out var named, out _)
                    && !named.IsZero && !reached.Exists(one => one.Contract == named))
                {
                    reached.Add((named, depth + 1));
                }
            }
        }

        return reached;
    }
}

/// <summary>AggregatorV3Interface.latestRoundData.</summary>
internal readonly record struct RoundData(UInt128 RoundId, Int128 Answer, UInt256 StartedAt, UInt256 UpdatedAt, UInt128 AnsweredInRound);
