using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>The tokens that a market deals in, what it says they are worth, and the feeds that say so.</summary>
internal sealed class TokenSources(CometMarket market)
{
    private const int PriceDecimals = 8;

    private readonly CometTables tables = market.Tables;

    public List<VenueToken> Tokens()
    {
        var row = tables.Market;
        var tokens = new List<VenueToken>
        {
            Token(row.Parameters.BaseToken, row.BaseSymbol.ToString(), row.Parameters.BaseScale, row.Parameters.BasePriceFeed) with { Receipt = market.Deployment.Comet },
        };
        foreach (var (_, asset) in tables.Assets)
        {
            tokens.Add(Token(asset.Asset, asset.Symbol.ToString(), asset.Terms.Scale, asset.PriceFeed));
        }

        return tokens;
    }

    public IEnumerable<Call> Calls(CallResults soFar) => Sources().SelectMany(source => FeedWalk.Calls(source.Feed, soFar));

    public List<PriceFeed> Of(CallResults answers) => [.. Sources().SelectMany(source => FeedWalk.Of(source.Token, source.Symbol, source.Feed, answers))];

    private IEnumerable<(Address Token, string Symbol, Address Feed)> Sources()
    {
        var row = tables.Market;
        yield return (row.Parameters.BaseToken, row.BaseSymbol.ToString(), row.Parameters.BasePriceFeed);
        foreach (var (_, asset) in tables.Assets)
        {
            yield return (asset.Asset, asset.Symbol.ToString(), asset.PriceFeed);
        }
    }

    // Some markets count in ether: what those say is no price in dollars.
    private VenueToken Token(in Address token, string symbol, ulong scale, in Address feed) => new(token, symbol, Scales.Decimals(scale))
    {
        DollarPrice = market.Deployment.Unit == "USD" && tables.Prices.TryGet(feed, out var price) && price.IsRead ? price.Price : null,
        DollarDecimals = PriceDecimals,
    };
}
