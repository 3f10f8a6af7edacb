using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols;

/// <summary>
/// From a price's source to the Chainlink feeds behind it. A source is a feed (AggregatorV3Interface.latestRoundData), or names those it computes with: Aave's
/// PriceCapAdapterBase, PriceCapAdapterStable and CLSynchronicityPriceAdapterPegToBase, Morpho's MorphoChainlinkOracleV2, Euler's ChainlinkOracle, each by getters of its own. What caps on the
/// way is told with them.
/// </summary>
internal static class FeedWalk
{
    // An adapter over an adapter over a feed.
    private const int MaxDepth = 2;

    private static readonly ContractAbi Abi = EmbeddedAbi.Load("chainlink/feeds.json");

    private static readonly AbiResult<Address> BelowRatioCap = Getter("BASE_TO_USD_AGGREGATOR()");
    private static readonly AbiResult<Address> BelowPriceCap = Getter("ASSET_TO_USD_AGGREGATOR()");

    private static readonly AbiResult<Address>[] Getters =
    [
        BelowPriceCap, BelowRatioCap, Getter("ASSET_TO_PEG()"), Getter("PEG_TO_BASE()"), Getter("BASE_FEED_1()"), Getter("BASE_FEED_2()"), Getter("QUOTE_FEED_1()"), Getter("QUOTE_FEED_2()"), Getter("feed()"),
    ];

    public static AbiResult<RoundData> LatestRoundData { get; } = Abi.Function("latestRoundData()").Result<RoundData>();

    public static IEnumerable<Call> Calls(Address source, CallResults soFar)
    {
        foreach (var (contract, depth) in Reached(source, soFar))
        {
            yield return LatestRoundData.Function.Call(contract);
            if (depth == MaxDepth)
            {
                continue;
            }

            foreach (var getter in Getters)
            {
                yield return getter.Function.Call(contract);
            }

            var caps = Named(BelowRatioCap, contract, soFar) is not null ? PriceCaps.OfRatio(contract)
                : Named(BelowPriceCap, contract, soFar) is not null ? PriceCaps.OfPrice(contract) : [];
            foreach (var call in caps)
            {
                yield return call;
            }
        }
    }

    public static List<PriceFeed> Of(Address asset, string symbol, Address source, CallResults answers)
    {
        var feeds = new List<PriceFeed>();
        var reached = Reached(source, answers);
        var cap = reached.Select(one => CapOf(one.Contract, answers)).FirstOrDefault(static found => found is not null);
        foreach (var (contract, _) in reached)
        {
            if (RoundOf(contract, answers) is { } round && !round.UpdatedAt.IsZero && round.UpdatedAt <= (UInt256)uint.MaxValue)
            {
                feeds.Add(new PriceFeed(asset, symbol, contract, (ulong)round.UpdatedAt) { Cap = cap });
            }
        }

        return feeds.Count > 0 ? feeds : [new PriceFeed(asset, symbol, source, null) { Cap = cap }];
    }

    private static PriceCap? CapOf(Address contract, CallResults answers) =>
        Named(BelowRatioCap, contract, answers) is not null ? PriceCaps.RatioOf(contract, answers)
        : Named(BelowPriceCap, contract, answers) is { } feed ? PriceCaps.PriceOf(contract, RoundOf(feed, answers)?.Answer, answers)
        : null;

    // The source and whatever it and those behind it name, each once, nearest first.
    private static List<(Address Contract, int Depth)> Reached(Address source, CallResults answers)
    {
        var reached = new List<(Address Contract, int Depth)> { (source, 0) };
        for (var i = 0; i < reached.Count; i++)
        {
            var (contract, depth) = reached[i];
            foreach (var getter in Getters)
            {
                if (depth < MaxDepth && Named(getter, contract, answers) is { } named && !reached.Exists(one => one.Contract == named))
                {
                    reached.Add((named, depth + 1));
                }
            }
        }

        return reached;
    }

    private static Address? Named(AbiResult<Address> getter, Address contract, CallResults answers) =>
        answers.TryGet(getter.Function.Call(contract), out var result) && getter.TryDecode(result, out var named, out _) && !named.IsZero ? named : null;

    private static RoundData? RoundOf(Address contract, CallResults answers) =>
        answers.TryGet(LatestRoundData.Function.Call(contract), out var result) && LatestRoundData.TryDecode(result, out var round, out _) ? round : null;

    private static AbiResult<Address> Getter(string name) => Abi.Function(name).Result<Address>();
}

/// <summary>AggregatorV3Interface.latestRoundData.</summary>
internal readonly record struct RoundData(UInt128 RoundId, Int128 Answer, UInt256 StartedAt, UInt256 UpdatedAt, UInt128 AnsweredInRound);
