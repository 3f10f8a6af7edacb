using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// Prices as the market's own oracle gives them: AaveOracle.getAssetPrice. It checks no age, so neither is one invented here; what reverts or is 0 can't be judged with.
/// A price is nobody's own input, so it touches no account.
/// </summary>
internal sealed class PriceWriter(AaveMarket market)
{
    private readonly AaveTables tables = market.Tables;

    /// <summary>One broken feed makes the whole call revert: from the next block on each price is asked for on its own as well.</summary>
    public void All(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var sources = CallArguments.Addresses(call);
        var read = AaveAbi.GetAssetsPrices.TryDecode(result, out var prices, out _) && prices.Length == sources.Length;
        for (var i = 0; i < sources.Length; i++)
        {
            Set(block, sources[i], read ? prices![i] : null);
        }

        var row = tables.Market;
        if (row.AskPricesOneByOne == read)
        {
            tables.Market = row with { AskPricesOneByOne = !read };
        }
    }

    public void One(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var read = AaveAbi.GetAssetPrice.TryDecode(result, out var price, out _);
        Set(block, CallArguments.Address(call), read ? price : null);
    }

    private void Set(BlockHeader block, in Address source, UInt256? price)
    {
        var state = price is not { } read ? PriceState.Reverted : read.IsZero ? PriceState.Zero : PriceState.Read;
        tables.Prices.Set(source, new PriceRow(price ?? UInt256.Zero, block.Number, state));
    }
}
