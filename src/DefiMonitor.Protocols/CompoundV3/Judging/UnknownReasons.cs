using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>Why a market, or an account of it, can't be judged at a block: one sentence each, or null.</summary>
internal sealed class UnknownReasons(CometMarket market)
{
    private readonly CometTables tables = market.Tables;

    /// <summary>What everybody shares. Totals of an earlier block are none: whoever acts in between accrues interest, and that need not leave a log.</summary>
    public string? OfMarket(BlockHeader block)
    {
        var row = tables.Market;
        return !row.IsOpen
                ? row.ChangedBlock == 0
                    ? $"The market {market.Deployment.Id} has not been read yet; a Comet has to answer at {market.Deployment.Comet}."
                    : $"{market.Deployment.Id} was upgraded, or a log did not follow from its totals, in block {row.ChangedBlock}, and it has not been read again since."
            : row.TotalsBlock != block.Number ? $"The totals of {market.Deployment.Id} could not be read at block {block.Number}."
            : null;
    }

    public string? OfAccount(in Address user, BlockHeader block)
    {
        if (!tables.Accounts.TryGet(user, out var account))
        {
            return "The account has not entered yet.";
        }

        if (tables.Pending.TryGet(user, out var since))
        {
            return $"The account has had to be read again since block {since}, and has not been yet.";
        }

        if (!account.IsWhole)
        {
            return "The collaterals of the account are not those that the contract says it holds, and could not be read again.";
        }

        if (!market.IsCurrent(account, tables.Market, block))
        {
            return $"The account was last read in block {account.ReadBlock}; the market has moved since, and such a movement need not leave a log.";
        }

        var row = tables.Market;
        if (account.Principal != 0 && OfPrice(row.Parameters.BasePriceFeed, row.BaseSymbol.ToString(), block) is { } ofBase)
        {
            return ofBase;
        }

        for (byte offset = 0; offset < row.Parameters.NumAssets; offset++)
        {
            if (tables.Assets.TryGet(offset, out var asset) && tables.CollateralOf(user, asset.Asset) != 0
                && OfPrice(asset.PriceFeed, asset.Symbol.ToString(), block) is { } ofAsset)
            {
                return ofAsset;
            }
        }

        return null;
    }

    private string? OfPrice(in Address feed, string symbol, BlockHeader block)
    {
        tables.Prices.TryGet(feed, out var price);
        return !market.IsFresh(price, block)
                ? price.Block == 0
                    ? $"The price of {symbol} has not been read yet."
                    : $"The price of {symbol} was last read in block {price.Block}, {block.Number - Math.Min(price.Block, block.Number)} blocks ago."
            : !price.IsRead ? $"The price of {symbol} can't be read: the feed {feed} reverted or had no positive answer in block {price.Block}."
            : null;
    }
}
