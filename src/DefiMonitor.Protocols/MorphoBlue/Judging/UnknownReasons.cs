using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>Why a market, or an account of it, can't be judged at a block: one sentence each, or null.</summary>
internal sealed class UnknownReasons(MorphoMarket market)
{
    private readonly MorphoTables tables = market.Tables;

    /// <summary>What everybody shares.</summary>
    public string? OfMarket(BlockHeader block)
    {
        var row = tables.Market;
        if (!row.IsOpen)
        {
            return (row.Fields & MarketFields.Missing) != 0 ? $"Morpho has no market with the id {market.Deployment.MarketId}; compare the marketId of {market.Deployment.Id}."
                : row.ChangedBlock == 0 ? $"The market {market.Deployment.Id} has not been read yet."
                : $"A log of block {row.ChangedBlock} does not follow from the totals of {market.Deployment.Id}, which have not been read again since.";
        }

        tables.Prices.TryGet(row.Parameters.Oracle, out var price);
        if (!market.IsFresh(price.Block, block))
        {
            return price.Block == 0
                ? $"The price of {row.Collateral.Symbol} has not been read yet."
                : $"The price of {row.Collateral.Symbol} was last read in block {price.Block}, {block.Number - Math.Min(price.Block, block.Number)} blocks ago.";
        }

        if (!price.IsRead)
        {
            return $"The price of {row.Collateral.Symbol} can't be read: the oracle {row.Parameters.Oracle} reverted in block {price.Block}.";
        }

        return market.KindOf(row.Parameters.Irm) == IrmKind.Unknown && row.ReadRateBlock != block.Number
            ? $"The rate model {row.Parameters.Irm} is not known here, and its rate could not be read at block {block.Number}."
            : null;
    }

    public string? OfAccount(in Address user)
    {
        if (!tables.Accounts.Contains(user))
        {
            return "The account has not entered yet.";
        }

        return tables.Pending.TryGet(user, out var since) ? $"The account has had to be read again since block {since}, and has not been yet." : null;
    }
}
