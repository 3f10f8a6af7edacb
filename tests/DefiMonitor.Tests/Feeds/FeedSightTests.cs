using System.Numerics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Feeds;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Feeds;

public sealed class FeedSightTests
{
    private const ulong Now = 1_760_000_000;

    // Band 0.5 %, heartbeat an hour.
    [Theory]
    [InlineData(2_000_00000000, 2_000_00000000, 60, FeedDue.No, 0)]
    [InlineData(2_000_00000000, 2_009_99999999, 60, FeedDue.No, 4_999)]
    [InlineData(2_000_00000000, 2_010_00000000, 60, FeedDue.Deviation, 5_000)]
    [InlineData(2_000_00000000, 1_990_00000001, 60, FeedDue.No, 4_999)]
    [InlineData(2_000_00000000, 1_990_00000000, 60, FeedDue.Deviation, 5_000)]
    [InlineData(2_000_00000000, 2_000_00000000, 3_599, FeedDue.No, 0)]
    [InlineData(2_000_00000000, 2_001_00000000, 3_600, FeedDue.Heartbeat, 500)]
    [InlineData(2_000_00000000, 8_000_00000000, 60, FeedDue.Deviation, 3_000_000)]
    public void An_update_is_due_at_the_band_and_at_the_heartbeat(ulong oracle, ulong market, ulong age, FeedDue due, ulong ppm)
    {
        var sight = FeedSight.Of(FeedSamples.Watch(), oracle, Now - age, market, Now);
        sight.Due.ShouldBe(due);
        sight.ApartPpm.ShouldBe(ppm);
        sight.Rises.ShouldBe(market > oracle);
        sight.Change.ShouldBe(new PriceFactor(market, oracle));
    }

    [Theory]
    [InlineData(null, 2_000UL)]
    [InlineData(0UL, 2_000UL)]
    [InlineData(2_000UL, null)]
    [InlineData(2_000UL, 0UL)]
    [InlineData(2_000_00000000UL, 2_000UL)]
    [InlineData(2_000UL, 2_000_00000000UL)]
    public void What_can_not_be_read_or_can_not_be_meant_is_unknown_and_moves_nothing(ulong? oracle, ulong? market)
    {
        var sight = FeedSight.Of(FeedSamples.Watch(), oracle is { } a ? (UInt256)a : null, Now, market is { } m ? (UInt256)m : null, Now);
        sight.Due.ShouldBe(FeedDue.Unknown);
        sight.Unknown.ShouldNotBeNull();
        sight.Change.ShouldBeNull();
        var next = new NextPrices([sight]);
        next.AtMarket.MovesPrices.ShouldBeFalse();
        next.WhenDue.MovesPrices.ShouldBeFalse();
    }

    [Fact]
    public void Only_what_is_due_stands_in_the_shock_of_what_is_due()
    {
        var other = FakeAddress.Of(0xfe, 9);
        var next = new NextPrices(
        [
            FeedSight.Of(FeedSamples.Watch(), 2_000u, Now, 1_900u, Now),
            FeedSight.Of(FeedSamples.Watch(null, other) with { Feed = other }, 1_000_000u, Now, 999_999u, Now),
        ]);
        next.WhenDue.Factors.ShouldBe(new Dictionary<Address, PriceFactor> { [FeedSamples.Weth] = new(1_900u, 2_000u) });
        next.AtMarket.Factors.Count.ShouldBe(2);
    }

    // Uniswap's "A primer on Uniswap v3 math" (2023): slot0 of the USDC/WETH pool, sqrtPriceX96 = 2018382873588440326581633304624437, one WETH = 1540.82 USDC.
    [Fact]
    public void The_price_of_a_pool_is_that_of_the_literature_from_either_side()
    {
        var root = UInt256.Parse("2018382873588440326581633304624437");
        var price = PoolMath.Price(root, FeedSamples.UsdcWeth(), 8)!.Value;
        Units.Format(price, 8, 2).ShouldBe("1,540.82");
        var inverse = PoolMath.Price(root, new PoolPrice(FeedSamples.Pool, FeedSamples.Usdc, 6, FeedSamples.Weth, 18, null), 18)!.Value;
        Units.Format(inverse, 18, 8).ShouldBe("0.00064900");
        PoolMath.Price(UInt256.Zero, FeedSamples.UsdcWeth(), 8).ShouldBeNull();
        PoolMath.Price(3u, FeedSamples.UsdcWeth(), 8).ShouldBe((UInt256)(BigInteger.Pow(2, 192) * BigInteger.Pow(10, 20) / 9));
        PoolMath.Price(UInt256.One, FeedSamples.UsdcWeth(), 8).ShouldBeNull("more than 256 bits");
        PoolMath.Price(UInt256.MaxValue >> 96, FeedSamples.UsdcWeth(), 8).ShouldBeNull("less than the last decimal");
    }

    // TickMath of Uniswap/v3-core: MIN_SQRT_RATIO and MAX_SQRT_RATIO; 2^96 at tick 0.
    [Theory]
    [InlineData(-887_272, "4295128739")]
    [InlineData(887_272, "1461446703485210103287273052203988822378723970342")]
    [InlineData(0, "79228162514264337593543950336")]
    public void Ticks_are_roots_of_prices_as_in_the_pools(int tick, string root)
    {
        TickMath.SqrtRatio(tick).ToString().ShouldBe(root);
        TickMath.SqrtRatio(Math.Sign(tick) * (TickMath.MaxTick + 1)).ShouldBe(tick == 0 ? TickMath.SqrtRatio(0) : null);
    }

    [Fact]
    public void Each_tick_is_a_hundredth_of_a_percent()
    {
        for (var tick = -887_000; tick < 887_000; tick += 7_919)
        {
            var (a, b) = (TickMath.SqrtRatio(tick)!.Value.ToDouble(), TickMath.SqrtRatio(tick + 1)!.Value.ToDouble());
            (b * b / a / a).ShouldBe(1.0001, 1e-9);
            (a / Math.Pow(2, 96)).ShouldBe(Math.Pow(1.0001, tick / 2.0), Math.Pow(1.0001, tick / 2.0) * 1e-9);
        }
    }

    // Sums of ticks 600 s apart; the mean is rounded down, also below zero.
    [Theory]
    [InlineData(0, 120_000_000, 200_000)]
    [InlineData(-500, -120_000_501, -200_001)]
    [InlineData(1_000, 1_000, 0)]
    [InlineData(0, 599, 0)]
    [InlineData(0, -1, -1)]
    public void The_mean_of_a_pool_is_that_of_its_ticks(long before, long now, int tick)
    {
        var pool = FeedSamples.UsdcWeth() with { MeanSeconds = 600 };
        var reads = new FeedReads(FeedSamples.Chain, [FeedSamples.Watch(pool)], 12);
        var call = reads.Calls[1];
        call.To.ShouldBe(FeedSamples.Pool);
        Convert.ToHexStringLower(call.Data.Span).ShouldBe("883bdbfd" + $"{32:x64}{2:x64}{600:x64}{0:x64}");
        var answers = new CallResults();
        answers.Set(FeedSamples.Round(FeedSamples.Feed), FeedSamples.RoundOf(1_540_82000000u, Now - 30));
        answers.Set(call, AbiWords.Answer(64u, 160u, 2u, Signed(before), Signed(now), 2u, 0u, 0u));
        reads.Of(Block(), answers).Feeds[0].Market.ShouldBe(PoolMath.Price(TickMath.SqrtRatio(tick)!.Value, pool, 8));

        static UInt256 Signed(long value) => value >= 0 ? (UInt256)(ulong)value : UInt256.MaxValue - (UInt256)(ulong)(-value - 1);
    }

    [Fact]
    public void A_pool_is_read_beside_the_feed_and_its_quote_token_counted_at_its_own_price()
    {
        var root = UInt256.Parse("2018382873588440326581633304624437");
        var reads = new FeedReads(FeedSamples.Chain, [FeedSamples.Watch(FeedSamples.UsdcWeth(new SecondFeed(FeedSamples.QuoteFeed, 8) { MaxAgeSeconds = 90_000 })), FeedSamples.Watch() with { Chain = new ChainId(1) }], 12);
        reads.Calls.ShouldBe([FeedSamples.Round(FeedSamples.Feed), FeedSamples.Slot(FeedSamples.Pool), FeedSamples.Round(FeedSamples.QuoteFeed)]);
        var answers = new CallResults();
        answers.Set(FeedSamples.Round(FeedSamples.Feed), FeedSamples.RoundOf(1_540_82000000u, Now - 30));
        answers.Set(FeedSamples.Slot(FeedSamples.Pool), FeedSamples.SlotOf(root));
        answers.Set(FeedSamples.Round(FeedSamples.QuoteFeed), FeedSamples.RoundOf(99_000_000u, Now - 30));
        var sight = reads.Of(Block(), answers).Feeds.ShouldHaveSingleItem();
        sight.UpdatedAt.ShouldBe(Now - 30);
        sight.Market.ShouldBe(UInt256.MulDiv(PoolMath.Price(root, FeedSamples.UsdcWeth(), 8)!.Value, 99u, 100u, Rounding.Down));
        sight.Due.ShouldBe(FeedDue.Deviation);
        sight.Rises.ShouldBeFalse();
    }

    [Theory]
    [InlineData(100, FeedDue.Deviation)]
    [InlineData(101, FeedDue.Unknown)]
    public void A_second_feed_that_has_stopped_is_no_market(ulong age, FeedDue due)
    {
        var reads = new FeedReads(FeedSamples.Chain, [FeedSamples.Watch(new SecondFeed(FeedSamples.Second, 8) { MaxAgeSeconds = 100 })], 12);
        var answers = new CallResults();
        answers.Set(FeedSamples.Round(FeedSamples.Feed), FeedSamples.RoundOf(1_700_00000000u, Now - 30));
        answers.Set(FeedSamples.Round(FeedSamples.Second), FeedSamples.RoundOf(2_000_00000000u, Now - age));
        var sight = reads.Of(Block(), answers).Feeds.ShouldHaveSingleItem();
        (sight.Due, sight.Market is null).ShouldBe((due, due == FeedDue.Unknown));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Each_answer_that_is_missing_reverted_or_nonsense_makes_the_outlook_unknown(int which)
    {
        var reads = new FeedReads(FeedSamples.Chain, [FeedSamples.Watch(FeedSamples.UsdcWeth(new SecondFeed(FeedSamples.QuoteFeed, 8) { MaxAgeSeconds = 90_000 }))], 12);
        foreach (var bad in (CallResult?[])[null, AbiWords.Reverted, new CallResult(true, default), new CallResult(true, Enumerable.Repeat((byte)0xff, 160).ToArray())])
        {
            var answers = new CallResults();
            answers.Set(FeedSamples.Round(FeedSamples.Feed), FeedSamples.RoundOf(1_540_82000000u, Now - 30));
            answers.Set(FeedSamples.Slot(FeedSamples.Pool), FeedSamples.SlotOf(UInt256.Parse("2018382873588440326581633304624437")));
            answers.Set(FeedSamples.Round(FeedSamples.QuoteFeed), FeedSamples.RoundOf(100_000_000u, Now - 30));
            reads.Of(Block(), answers).Feeds[0].Due.ShouldBe(FeedDue.No);
            var broken = new CallResults();
            foreach (var (call, result) in answers.All)
            {
                if (!call.Equals(reads.Calls[which]))
                {
                    broken.Set(call, result);
                }
                else if (bad is { } answer)
                {
                    broken.Set(call, answer);
                }
            }

            reads.Of(Block(), broken).Feeds[0].Due.ShouldBe(FeedDue.Unknown);
        }
    }

    [Fact]
    public void Where_no_feed_is_configured_nothing_is_read()
    {
        var reads = new FeedReads(FeedSamples.Chain, [FeedSamples.Watch() with { Chain = new ChainId(1) }], 12);
        reads.Calls.ShouldBeEmpty();
        reads.Of(Block(), new CallResults()).Feeds.ShouldBeEmpty();
    }

    private static BlockHeader Block() => new FakeAave(6, 1).Header with { Timestamp = Now };
}
