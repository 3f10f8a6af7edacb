using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.AaveV3;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols;

/// <summary>What the contracts behind a price answer.</summary>
internal static class FeedAnswers
{
    /// <summary>A Chainlink feed.</summary>
    public static CallResult Feed(Call call, ulong updatedAt) =>
        FeedWalk.LatestRoundData.Function.IsCall(call) ? AbiWords.Answer(1u, 2_500u, updatedAt, updatedAt, 1u) : AbiWords.Reverted;

    /// <summary>A PriceCapAdapterBase over a feed: a ratio of 18 decimals, capped from 1.2 at 1,759,996,400 with 10 % a year.</summary>
    public static CallResult Capped(Call call, Address feed, UInt256 ratio, ulong now)
    {
        var capo = new CapoRatio(UInt256.Pow10(18) * 12u / 10u, 1_759_996_400, 1_000, 18);
        return Is("BASE_TO_USD_AGGREGATOR()") ? AbiWords.Answer(feed)
            : Is("getRatio()") ? AbiWords.Answer(ratio)
            : Is("getSnapshotRatio()") ? AbiWords.Answer(capo.SnapshotRatio)
            : Is("getSnapshotTimestamp()") ? AbiWords.Answer(capo.SnapshotTime)
            : Is("getMaxRatioGrowthPerSecondScaled()") ? AbiWords.Answer(capo.GrowthPerSecondScaled)
            : Is("getMaxRatioGrowthPerSecond()") ? AbiWords.Answer(capo.GrowthPerSecondScaled / CapLine.GrowthScale)
            : Is("RATIO_DECIMALS()") ? AbiWords.Answer((byte)capo.RatioDecimals)
            : Is("isCapped()") ? AbiWords.Answer(capo.IsCapped((System.Numerics.BigInteger)ratio, now))
            : AbiWords.Reverted;

        bool Is(string name) => call.Data.Span.SequenceEqual(AbiSelector.Of(name).Span);
    }

    /// <summary>An adapter that names another contract by one getter and is no feed itself.</summary>
    public static CallResult Adapter(Call call, string getter, Address named) =>
        call.Data.Span.SequenceEqual(AbiSelector.Of(getter).Span) ? AbiWords.Answer(named) : AbiWords.Reverted;
}
