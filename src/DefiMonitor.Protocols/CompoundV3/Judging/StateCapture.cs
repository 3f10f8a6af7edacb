using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>Takes one account's inputs out of the tables.</summary>
internal sealed class StateCapture(CometMarket market, UnknownReasons reasons)
{
    public CompoundV3State Capture(MarginAccountId id, BlockHeader block)
    {
        var user = market.UserOf(id);
        var state = new CompoundV3State(id, block);
        if ((reasons.OfMarket(block) ?? reasons.OfAccount(user, block)) is { } reason)
        {
            return state with { Unknown = reason, Parameters = market.Tables.Market.IsOpen ? market.Tables.Market.Parameters : default };
        }

        var tables = market.Tables;
        var row = tables.Market;
        tables.Accounts.TryGet(user, out var account);
        tables.Prices.TryGet(row.Parameters.BasePriceFeed, out var basePrice);
        var held = new List<CollateralState>();
        for (byte offset = 0; offset < row.Parameters.NumAssets; offset++)
        {
            tables.Assets.TryGet(offset, out var asset);
            if (tables.CollateralOf(user, asset.Asset) is var balance && balance != 0)
            {
                tables.Prices.TryGet(asset.PriceFeed, out var price);
                tables.Supplied.TryGet(asset.Asset, out var supplied);
                held.Add(new CollateralState(
                    offset, asset.Asset, asset.Symbol.ToString(), new HeldAsset(asset.Terms, balance, price.Price), asset.SupplyCap, supplied.Total)
                {
                    PriceFeed = asset.PriceFeed,
                });
            }
        }

        return state with
        {
            Parameters = row.Parameters,
            Totals = row.Totals,
            BaseSymbol = row.BaseSymbol.ToString(),
            BasePrice = basePrice.Price,
            Principal = account.Principal,
            IsCertain = market.IsCertain(account, row, block),
            Collaterals = held,
        };
    }
}
