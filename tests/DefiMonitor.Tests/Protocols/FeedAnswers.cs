using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols;

/// <summary>What the contracts behind a price answer.</summary>
internal static class FeedAnswers
{
    /// <summary>A Chainlink feed.</summary>
    public static CallResult Feed(Call call, ulong updatedAt) =>
        FeedWalk.LatestRoundData.Function.IsCall(call) ? AbiWords.Answer(1u, 2_500u, updatedAt, updatedAt, 1u) : AbiWords.Reverted;

    /// <summary>An adapter that names another contract by one getter and is no feed itself.</summary>
    public static CallResult Adapter(Call call, string getter, Address named) =>
        call.Data.Span.SequenceEqual(AbiSelector.Of(getter).Span) ? AbiWords.Answer(named) : AbiWords.Reverted;
}
