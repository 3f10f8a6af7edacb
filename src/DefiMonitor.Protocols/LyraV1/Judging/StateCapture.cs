using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>Takes one owner's inputs out of the tables.</summary>
internal sealed class StateCapture(LyraMarket market, UnknownReasons reasons)
{
    public LyraV1State Capture(MarginAccountId id, BlockHeader block)
    {
        var owner = market.UserOf(id);
        var state = new LyraV1State(id, block);
        if ((reasons.OfMarket(block) ?? reasons.OfAccount(owner)) is { } reason)
        {
            return state with { Unknown = reason };
        }

        var row = market.Tables.Market;
        return state with
        {
            Parameters = row.Parameters,
            RateAndCarry = row.RateAndCarry,
            Spot = market.Tables.Spot.Price,
            QuoteAsset = market.Deployment.QuoteAsset,
            BaseAsset = market.Deployment.BaseAsset,
            QuoteSymbol = row.Quote.ToString(),
            BaseSymbol = row.Base.ToString(),
            Positions = [.. market.Owned.Of(owner).Select(position => market.PositionOf(position)!.Value)],
        };
    }
}
