using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Feeds;

internal static class FeedSamples
{
    public static readonly ChainId Chain = new(31337);
    public static readonly Address Feed = FakeAddress.Of(0xfe, 1);
    public static readonly Address Second = FakeAddress.Of(0xfe, 2);
    public static readonly Address Pool = FakeAddress.Of(0xfe, 3);
    public static readonly Address QuoteFeed = FakeAddress.Of(0xfe, 4);
    public static readonly Address Weth = Address.Parse("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2");
    public static readonly Address Usdc = Address.Parse("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48");

    private static readonly ReadOnlyMemory<byte> LatestRound = AbiSelector.Of("latestRoundData()");
    private static readonly ReadOnlyMemory<byte> Slot0 = AbiSelector.Of("slot0()");

    public static FeedWatch Watch(MarketSource? market = null, params Address[] tokens) => new()
    {
        Chain = Chain,
        Name = "ETH / USD",
        Feed = Feed,
        Decimals = 8,
        DeviationBps = 50,
        HeartbeatSeconds = 3_600,
        Tokens = tokens.Length > 0 ? tokens : [Weth],
        Market = market ?? new SecondFeed(Second, 8) { MaxAgeSeconds = 90_000 },
    };

    public static PoolPrice UsdcWeth(SecondFeed? quoteFeed = null) => new(Pool, Weth, 18, Usdc, 6, quoteFeed);

    public static Call Round(Address feed) => new(feed, LatestRound);

    public static Call Slot(Address pool) => new(pool, Slot0);

    public static CallResult RoundOf(UInt256 answer, ulong updatedAt) => AbiWords.Answer(1u, answer, updatedAt, updatedAt, 1u);

    /// <summary>(sqrtPriceX96, tick, observationIndex, observationCardinality, observationCardinalityNext, feeProtocol, unlocked)</summary>
    public static CallResult SlotOf(UInt256 root) => AbiWords.Answer(root, 0u, 0u, 1u, 1u, 0u, 1u);
}
