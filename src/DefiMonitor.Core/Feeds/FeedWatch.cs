using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Feeds;

/// <summary>A price feed of Chainlink's shape, when its oracles write it anew, and where a free-market price of the same thing is read.</summary>
public sealed record FeedWatch
{
    public required ChainId Chain { get; init; }

    /// <summary>Such as "ETH / USD".</summary>
    public required string Name { get; init; }

    /// <summary>The contract that venues ask: the proxy, not the aggregator behind it.</summary>
    public required Address Feed { get; init; }

    public required int Decimals { get; init; }

    /// <summary>Written anew when the price is this far from what was written last.</summary>
    public required uint DeviationBps { get; init; }

    /// <summary>Written anew at this age, whatever the price.</summary>
    public required ulong HeartbeatSeconds { get; init; }

    /// <summary>Tokens whose prices in the venues move in proportion to it.</summary>
    public required IReadOnlyList<Address> Tokens { get; init; }

    public required MarketSource Market { get; init; }
}

/// <summary>Where a free-market price is read.</summary>
public abstract record MarketSource(Address Contract);

/// <summary>Another feed of the same thing, of a provider that writes it more often.</summary>
public sealed record SecondFeed(Address Contract, int Decimals) : MarketSource(Contract)
{
    /// <summary>What was written longer ago is no price of the market.</summary>
    public required ulong MaxAgeSeconds { get; init; }
}

/// <summary>The price in a pool of Uniswap v3's shape, of the base in the quote token: that of now (slot0.sqrtPriceX96), or the geometric mean of some seconds (observe).</summary>
/// <param name="QuoteFeed">Prices the quote token in the feed's own unit; null = they are the same.</param>
public sealed record PoolPrice(Address Contract, Address Base, int BaseDecimals, Address Quote, int QuoteDecimals, SecondFeed? QuoteFeed) : MarketSource(Contract)
{
    /// <summary>Seconds up to the block that the price is the mean of; 0 = the price of now.</summary>
    public uint MeanSeconds { get; init; }

    /// <summary>A pool's token0 is the lower address.</summary>
    public bool BaseIsFirst => Base < Quote;
}
