using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>Why a market, or an owner in it, can't be judged at a block: one sentence each, or null.</summary>
internal sealed class UnknownReasons(LyraMarket market)
{
    private readonly LyraTables tables = market.Tables;

    /// <summary>What everybody shares.</summary>
    public string? OfMarket(BlockHeader block)
    {
        var row = tables.Market;
        if (!row.IsOpen)
        {
            return $"The market {market.Deployment.Id} has not been read yet.";
        }

        var spot = tables.Spot;
        if (!market.Options.IsFresh(spot.Block, block))
        {
            return spot.Block == 0
                ? $"The price of {row.Base} has not been read yet."
                : $"The price of {row.Base} was last read in block {spot.Block}, {block.Number - Math.Min(spot.Block, block.Number)} blocks ago.";
        }

        return spot.IsRead
            ? null
            : $"The price of {row.Base} can't be read: the adapter {market.Deployment.SynthetixAdapter} reverted in block {spot.Block}, as it does while the market is paused or the rate is invalid.";
    }

    public string? OfAccount(in Address owner)
    {
        if (!tables.Accounts.Contains(owner))
        {
            return "The account has not entered yet.";
        }

        foreach (var id in market.Owned.Of(owner))
        {
            if (market.PositionOf(id) is null)
            {
                tables.Positions.TryGet(id, out var position);
                return $"Strike {position.StrikeId} of position {id} could not be read.";
            }
        }

        return null;
    }
}
