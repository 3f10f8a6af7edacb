using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>The feeds behind the oracle's prices: AaveOracle.getSourceOfAsset and what stands behind it.</summary>
internal sealed class PriceFeeds(AaveMarket market)
{
    public IEnumerable<Call> Next(CallResults soFar)
    {
        foreach (var (_, reserve) in market.Tables.Reserves)
        {
            var source = AaveAbi.GetSourceOfAsset.Function.Call(market.Tables.Market.Oracle, reserve.Asset);
            yield return source;
            if (soFar.TryGet(source, out var result) && AaveAbi.GetSourceOfAsset.TryDecode(result, out var found, out _) && !found.IsZero)
            {
                foreach (var call in FeedWalk.Calls(found, soFar))
                {
                    yield return call;
                }
            }
        }
    }

    public List<PriceFeed> Of(CallResults answers)
    {
        var feeds = new List<PriceFeed>();
        foreach (var (_, reserve) in market.Tables.Reserves)
        {
            var source = AaveAbi.GetSourceOfAsset.Function.Call(market.Tables.Market.Oracle, reserve.Asset);
            var symbol = reserve.Symbol.ToString();
            if (answers.TryGet(source, out var result) && AaveAbi.GetSourceOfAsset.TryDecode(result, out var found, out _) && !found.IsZero)
            {
                feeds.AddRange(FeedWalk.Of(reserve.Asset, symbol, found, answers));
            }
            else
            {
                feeds.Add(new PriceFeed(reserve.Asset, symbol, market.Tables.Market.Oracle, null));
            }
        }

        return feeds;
    }
}
