using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>The feeds behind the adapters that each price passes (ChainlinkOracle.feed); of an adapter that names none nothing is known.</summary>
internal sealed class PriceFeeds(EulerMarket market)
{
    public IEnumerable<Call> Calls(CallResults soFar) => Sources().SelectMany(source => FeedWalk.Calls(source.Oracle, soFar));

    public List<PriceFeed> Of(CallResults answers) => [.. Sources().SelectMany(source => FeedWalk.Of(source.Token, source.Symbol, source.Oracle, answers))];

    private IEnumerable<(Address Token, string Symbol, Address Oracle)> Sources()
    {
        var tables = market.Tables;
        var bases = new List<(Address From, Address Token)> { (tables.Market.Asset, tables.Market.Asset) };
        foreach (var (vault, row) in tables.Collaterals)
        {
            if (row.HasLtv)
            {
                bases.Add((vault, row.Asset));
            }
        }

        foreach (var (from, token) in bases)
        {
            tables.Tokens.TryGet(token, out var face);
            foreach (var stage in market.Routes.Of(from)?.Stages ?? [])
            {
                if (stage.Kind == StageKind.Rate && !stage.Source.Base.IsZero)
                {
                    yield return (token, face.Symbol.ToString(), stage.Source.Oracle);
                }
            }
        }
    }
}
