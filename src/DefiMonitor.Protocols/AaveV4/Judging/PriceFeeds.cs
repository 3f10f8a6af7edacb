using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>The feeds behind the oracle's prices: a reserve's price source and what stands behind it.</summary>
internal sealed class PriceFeeds(AaveV4Market market)
{
    public IEnumerable<Call> Next(CallResults soFar)
    {
        foreach (var (_, reserve) in market.Tables.Reserves)
        {
            foreach (var call in FeedWalk.Calls(reserve.PriceSource, soFar))
            {
                yield return call;
            }
        }
    }

    public List<PriceFeed> Of(CallResults answers)
    {
        var feeds = new List<PriceFeed>();
        foreach (var (_, reserve) in market.Tables.Reserves)
        {
            feeds.AddRange(FeedWalk.Of(reserve.Underlying, reserve.Symbol.ToString(), reserve.PriceSource, answers));
        }

        return feeds;
    }
}
