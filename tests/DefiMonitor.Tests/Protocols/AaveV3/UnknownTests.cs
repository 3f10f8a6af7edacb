using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV3;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>What can't be known is said so, in a sentence, and of nobody else.</summary>
public sealed class UnknownTests
{
    [Fact]
    public void Before_the_market_is_read_everybody_is_unknown()
    {
        var market = new MarketUnderTest(10);
        market.Protocol.IsOpen.ShouldBeFalse();
        market.Report(MarketUnderTest.Alice).UnknownReason.ShouldBe("The market aave-v3/eip155:31337/fake has not been read yet.");
        market.Protocol.Reads(market.Fake.Header).ShouldBeEmpty();
    }

    [Fact]
    public void One_broken_feed_blinds_its_holders_only_from_the_second_block_on_and_heals()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() => market.Wbtc.FeedIsBroken = true);
        market.Report(MarketUnderTest.Alice).Status.ShouldBe(MarginStatus.Unknown);
        market.Report(MarketUnderTest.Bob).Status.ShouldBe(MarginStatus.Unknown);

        market.Block();
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.Report(MarketUnderTest.Bob).UnknownReason.ShouldBe($"The price of WBTC can't be read: the oracle reverted in block {market.Fake.Header.Number}.");

        market.Block(() => market.Wbtc.FeedIsBroken = false);
        market.ShouldBeRight(MarketUnderTest.Bob);
        market.Block();
        market.LastReads.Count(AaveAbi.GetAssetPrice.Function.IsCall).ShouldBe(0);
    }

    [Fact]
    public void A_price_of_zero_is_no_price()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() => market.Weth.Price = UInt256.Zero);
        market.Report(MarketUnderTest.Alice).UnknownReason.ShouldBe("The oracle says that WETH is worth 0.");
        market.ShouldBeRight(MarketUnderTest.Bob);
    }

    [Fact]
    public void A_price_may_age_three_blocks_and_no_more()
    {
        var lost = false;
        var market = new MarketUnderTest(10, answer: (fake, call) => lost && AaveAbi.GetAssetsPrices.Function.IsCall(call) ? null : fake.Answer(call));
        market.Open();
        lost = true;
        for (var i = 0; i < 3; i++)
        {
            market.Block();
            market.ShouldBeRight(MarketUnderTest.Alice);
        }

        market.Block();
        market.Report(MarketUnderTest.Alice).UnknownReason.ShouldBe($"The price of WETH was last read in block {market.Fake.Header.Number - 4}, 4 blocks ago.");
    }

    [Fact]
    public void A_parameter_that_changed_and_could_not_be_read_blinds_its_holders()
    {
        var reverts = false;
        var market = new MarketUnderTest(10, answer: (fake, call) =>
            reverts && AaveAbi.GetReserveData.Function.IsCall(call) ? new CallResult(false, default) : fake.Answer(call));
        market.Open();
        reverts = true;
        market.Block(() => market.Fake.SetThreshold(market.Weth, 6_000));
        market.Report(MarketUnderTest.Alice).UnknownReason.ShouldBe($"Reserve WETH changed in block {market.Fake.Header.Number} and could not be read since.");
        market.ShouldBeRight(MarketUnderTest.Bob);

        reverts = false;
        market.Block();
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.Report(MarketUnderTest.Alice).Positions[0].ThresholdBps.ShouldBe(6_000u);
    }

    [Fact]
    public void A_category_that_changed_and_could_not_be_read_blinds_its_members()
    {
        var reverts = false;
        var market = new MarketUnderTest(9, answer: (fake, call) =>
            reverts && AaveAbi.GetEModeCollateralBitmap.Function.IsCall(call) ? new CallResult(false, default) : fake.Answer(call));
        market.Open();
        market.Block(() => market.Fake.SetEMode(MarketUnderTest.Alice, 1));
        market.ShouldBeRight(MarketUnderTest.Alice);
        reverts = true;
        market.Block(() => market.Fake.SetCategory(1, category => category.Collateral = 0b1000));
        market.Report(MarketUnderTest.Alice).UnknownReason.ShouldBe($"E-mode category 1 changed in block {market.Fake.Header.Number} and could not be read since.");
        market.ShouldBeRight(MarketUnderTest.Bob);
    }

    [Fact]
    public void An_unknown_revision_is_judged_only_while_the_chain_agrees()
    {
        var lies = false;
        var market = new MarketUnderTest(12, answer: (fake, call) =>
        {
            var answer = fake.Answer(call);
            if (lies && AaveAbi.GetUserAccountData.Function.IsCall(call) && CallArguments.Address(call) == MarketUnderTest.Alice)
            {
                var words = answer.Data.ToArray();
                words[63] ^= 1;
                return new CallResult(true, words);
            }

            return answer;
        });
        market.Open();
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.Report(MarketUnderTest.Alice).Tag.ShouldBe(ResultTag.ChainView);

        lies = true;
        market.Block();
        market.Report(MarketUnderTest.Alice).UnknownReason.ShouldBe(
            $"POOL_REVISION 12 is not known to this version, and its newest formulas are not confirmed by the chain for this account at block {market.Fake.Header.Number}.");
        market.ShouldBeRight(MarketUnderTest.Bob);
    }

    [Fact]
    public void A_sum_beyond_256_bits_is_unknown_and_never_an_exception()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() => market.Weth.Price = UInt256.MaxValue / 3u);
        var report = market.Report(MarketUnderTest.Alice);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason!.ShouldStartWith("The account can't be computed:");
        var verdicts = new Verdict[1];
        market.Protocol.JudgeMany([market.Protocol.SlotOf(market.Protocol.AccountOf(MarketUnderTest.Alice))], market.Fake.Header, new Instant(market.Fake.Header.Timestamp), verdicts);
        verdicts[0].Status.ShouldBe(MarginStatus.Unknown);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(7u)]
    [InlineData(11u)]
    public void Absurd_prices_and_shocks_never_throw(uint revision)
    {
        for (var shift = 0; shift < 250; shift += 10)
        {
            var market = new MarketUnderTest(revision);
            market.Open();
            var large = UInt256.One << shift;
            market.Block(() => market.Weth.Price = large);
            LookAtAll(market.Report(MarketUnderTest.Alice));
            market.Block(() => (market.Weth.Price, market.Usdc.Price) = (UInt256.One, large));
            LookAtAll(market.Report(MarketUnderTest.Alice, seconds: 100_000_000));
        }

        // What is worked out only when it is looked at must not throw then.
        static void LookAtAll(MarginReport report)
        {
            var lists = report.Triggers.Count + report.Remedies.Count + report.Liquidations.Count;
            (report.Status != MarginStatus.Unknown || lists == 0).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_balance_that_does_not_follow_from_its_event_is_read_again()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() =>
        {
            // Behind our back Alice's debt grew, so that the next burn takes more than we know of.
            market.Usdc.DebtToken.Set(MarketUnderTest.Alice, market.Usdc.DebtToken.Scaled(MarketUnderTest.Alice) * 3u, market.Usdc.Indexes.BorrowIndex);
        });
        market.Block(() => market.Fake.Repay(MarketUnderTest.Alice, market.Usdc, 90));
        market.ShouldBeRight(MarketUnderTest.Alice);
    }
}
