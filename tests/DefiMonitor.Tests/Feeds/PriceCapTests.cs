using System.Numerics;
using System.Text.Json;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Tests.Protocols;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using DefiMonitor.Tests.Vectors;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Feeds;

public sealed class PriceCapTests
{
    private static readonly Address Adapter = FakeAddress.Of(0xfe, 20);
    private static readonly Address Feed = FakeAddress.Of(0xfe, 21);

    /// <summary>Real bytecode of CLRatePriceCapAdapter: what our walk reads of such an adapter comes to the contract's own verdict, headroom and price.</summary>
    [Fact]
    public void Read_from_an_adapter_a_cap_is_the_contracts_own()
    {
        var cases = 0;
        var capped = 0;
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(VectorFiles.RepositoryRoot, "tests", "DefiMonitor.Tests", "Vectors", "lending", "aave_capo_ratio.evm.json")));
        foreach (var json in file.RootElement.EnumerateArray())
        {
            var ratio = BigInteger.Parse(json.GetProperty("ratio").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
            if (ratio.Sign <= 0)
            {
                continue;
            }

            UInt256 Of(string name) => UInt256.Parse(json.GetProperty(name).GetString()!);
            var at = (ulong)Of("timestamp");
            var expected = json.GetProperty("expected");
            var says = expected.GetProperty("isCapped").GetBoolean();
            var cap = Read(
                ("getRatio()", Of("ratio")), ("getSnapshotRatio()", Of("snapshotRatio")), ("getSnapshotTimestamp()", Of("snapshotTimestamp")), ("RATIO_DECIMALS()", Of("ratioDecimals")),
                ("getMaxRatioGrowthPerSecondScaled()", UInt256.Parse(expected.GetProperty("maxRatioGrowthPerSecondScaled").GetString()!)), ("isCapped()", says ? UInt256.One : UInt256.Zero))!;
            cap.IsCapped(at).ShouldBe(says);
            cap.HeadroomPpm(at).IsZero.ShouldBe(says || cap.Line.At(at) - cap.Value < UInt256.MulDiv(cap.Value, 1u, 1_000_000u, Rounding.Up));
            if (BigInteger.Parse(json.GetProperty("basePrice").GetString()!, System.Globalization.CultureInfo.InvariantCulture) is { Sign: > 0 } basePrice)
            {
                var counted = UInt256.Min(cap.Value, cap.Line.At(at));
                UInt256.MulDiv((UInt256)basePrice, counted, UInt256.Pow10(cap.Decimals!.Value), Rounding.Down).ToString().ShouldBe(expected.GetProperty("price").GetString());
            }

            if (cap.SecondsUntilFree(at) is { } seconds)
            {
                cap.IsCapped(at + seconds).ShouldBeFalse();
                (seconds == 0 || cap.IsCapped(at + seconds - 1)).ShouldBeTrue();
            }

            cases++;
            capped += says ? 1 : 0;
        }

        cases.ShouldBeGreaterThan(10);
        capped.ShouldBeInRange(1, cases - 1);
    }

    [Fact]
    public void An_older_adapter_keeps_its_growth_unscaled()
    {
        var cap = Read(("getRatio()", 1_100u), ("getSnapshotRatio()", 1_000u), ("getSnapshotTimestamp()", 100u), ("getMaxRatioGrowthPerSecond()", 3u))!;
        cap.Line.At(120).ShouldBe(1_060u);
        cap.Decimals.ShouldBeNull();
        cap.SaysCapped.ShouldBeNull();
        cap.SecondsUntilFree(120).ShouldBe(14u);
    }

    [Fact]
    public void A_growth_that_no_adapter_has_is_no_cap()
    {
        foreach (var growth in new[] { UInt256.MaxValue, (UInt256)UInt128.MaxValue + UInt256.One, UInt128.MaxValue })
        {
            Read(("getRatio()", 1_100u), ("getSnapshotRatio()", 1_000u), ("getSnapshotTimestamp()", 100u), ("getMaxRatioGrowthPerSecond()", growth)).ShouldBeNull();
        }
    }

    [Fact]
    public void A_stable_cap_stands_over_the_answer_of_its_feed()
    {
        var answers = new CallResults();
        answers.Set(new Call(Adapter, AbiSelector.Of("ASSET_TO_USD_AGGREGATOR()")), AbiWords.Answer(Feed));
        answers.Set(FeedSamples.Round(Feed), FeedSamples.RoundOf(1_05000000u, 1_000));
        answers.Set(new Call(Adapter, AbiSelector.Of("getPriceCap()")), AbiWords.Answer(1_04000000u));
        answers.Set(new Call(Adapter, AbiSelector.Of("isCapped()")), AbiWords.Answer(true));
        var feed = FeedWalk.Of(FeedSamples.Usdc, "USDC", Adapter, answers).ShouldHaveSingleItem();
        feed.Feed.ShouldBe(Feed);
        feed.Cap!.Kind.ShouldBe(CapKind.Price);
        feed.Cap.IsCapped(2_000).ShouldBeTrue();
        feed.Cap.SecondsUntilFree(2_000).ShouldBeNull();
        CapText.Line(feed.Cap with { Decimals = 8 }, 2_000).ShouldBe($"price 1.050000 of at most 1.040000 ({Adapter}): CAPPED");
    }

    [Theory]
    [InlineData("getRatio()")]
    [InlineData("getSnapshotRatio()")]
    [InlineData("getSnapshotTimestamp()")]
    [InlineData("getMaxRatioGrowthPerSecondScaled()")]
    public void A_part_that_can_not_be_read_is_no_cap_of_zero(string without)
    {
        (string Name, UInt256 Word)[] all = [("getRatio()", 1_100u), ("getSnapshotRatio()", 1_000u), ("getSnapshotTimestamp()", 100u), ("getMaxRatioGrowthPerSecondScaled()", 3u)];
        Read(all).ShouldNotBeNull();
        Read([.. all.Where(one => one.Name != without)]).ShouldBeNull();
    }

    [Fact]
    public void An_adapter_that_says_otherwise_than_its_formula_is_unknown()
    {
        var cap = Read(("getRatio()", 1_100u), ("getSnapshotRatio()", 1_000u), ("getSnapshotTimestamp()", 100u), ("getMaxRatioGrowthPerSecondScaled()", 3u), ("isCapped()", 0u))!;
        cap.IsCapped(200).ShouldBeTrue();
        CapText.Line(cap, 200).ShouldContain("UNKNOWN");
        JsonSerializer.SerializeToElement(CapText.Json(cap, 200)).GetProperty("IsCapped").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    private static PriceCap? Read(params (string Name, UInt256 Word)[] getters)
    {
        var answers = new CallResults();
        answers.Set(new Call(Adapter, AbiSelector.Of("BASE_TO_USD_AGGREGATOR()")), AbiWords.Answer(Feed));
        answers.Set(FeedSamples.Round(Feed), FeedSamples.RoundOf(2_500_00000000u, 1_000));
        foreach (var (name, word) in getters)
        {
            answers.Set(new Call(Adapter, AbiSelector.Of(name)), AbiWords.Answer(word));
        }

        var feed = FeedWalk.Of(FeedSamples.Weth, "wstETH", Adapter, answers).ShouldHaveSingleItem();
        feed.Feed.ShouldBe(Feed);
        return feed.Cap;
    }
}
