using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// Prices as the market's own oracle gives them: AaveOracle.getAssetPrice. It checks no age, so neither is one invented here; what reverts or is 0 can't be judged with.
/// </summary>
internal sealed class PriceWriter(AaveMarket market, Holders holders)
{
    private readonly AaveTables tables = market.Tables;

    /// <summary>One broken feed makes the whole call revert: from the next block on each price is asked for on its own as well.</summary>
    public void All(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var sources = CallArguments.Addresses(call);
        var read = AaveAbi.GetAssetsPrices.TryDecode(result, out var prices, out _) && prices.Length == sources.Length;
        var changed = UInt256.Zero;
        for (var i = 0; i < sources.Length; i++)
        {
            changed |= Set(block, sources[i], read ? prices![i] : null);
        }

        holders.TouchReserves(changed, touched);
        var row = tables.Market;
        if (row.AskPricesOneByOne == read)
        {
            tables.Market = row with { AskPricesOneByOne = !read };
        }
    }

    public void One(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var read = AaveAbi.GetAssetPrice.TryDecode(result, out var price, out _);
        holders.TouchReserves(Set(block, CallArguments.Address(call), read ? price : null), touched);
    }

    // Returns the bits of the reserves whose price is another now.
    private UInt256 Set(BlockHeader block, in Address source, UInt256? price)
    {
        tables.Prices.TryGet(source, out var before);
        var state = price is not { } read ? PriceState.Reverted : read.IsZero ? PriceState.Zero : PriceState.Read;
        tables.Prices.Set(source, new PriceRow(price ?? UInt256.Zero, block.Number, state));
        if (before.State == state && before.Price == (price ?? UInt256.Zero))
        {
            return UInt256.Zero;
        }

        return tables.Assets.TryGet(source, out var asset) && asset.Reserve != AssetRow.NoId ? Holders.MaskOf(asset.Reserve) : MaskOfCategory(source);
    }

    // A category's own price source moves every reserve of the category.
    private UInt256 MaskOfCategory(in Address source)
    {
        var mask = UInt256.Zero;
        foreach (var (id, category) in tables.EModes)
        {
            if (category.PriceSource == source)
            {
                foreach (var (reserve, row) in tables.Reserves)
                {
                    mask |= row.Configuration.EModeCategory == id ? Holders.MaskOf(reserve) : UInt256.Zero;
                }
            }
        }

        return mask;
    }
}
