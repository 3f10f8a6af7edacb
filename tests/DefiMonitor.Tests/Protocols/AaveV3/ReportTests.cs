using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.AaveV3;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>What a report says, held against the market itself: prices moved to the edges, remedies carried out, liquidations refused.</summary>
public sealed class ReportTests
{
    public static TheoryData<uint> Revisions() => [1u, 5u, 7u, 8u, 9u, 10u, 11u];

    [Theory]
    [MemberData(nameof(Revisions))]
    public void At_the_named_price_the_contract_says_below_and_one_unit_further_it_does_not(uint revision)
    {
        var market = new MarketUnderTest(revision);
        market.Open();
        foreach (var edge in market.Report(MarketUnderTest.Alice).Triggers[0].Edges)
        {
            var reserve = market.Fake.Reserves.Single(reserve => reserve.Asset == edge.Asset);
            var before = reserve.Price;
            reserve.Price = edge.Price;
            market.Fake.Data(MarketUnderTest.Alice).HealthFactor.ShouldBeLessThan(FixedPoint.Wad);
            reserve.Price = edge.Side == EdgeSide.Falls ? edge.Price + 1u : edge.Price - 1u;
            market.Fake.Data(MarketUnderTest.Alice).HealthFactor.ShouldBeGreaterThanOrEqualTo(FixedPoint.Wad);
            reserve.Price = before;
        }

        market.Report(MarketUnderTest.Alice).Triggers[0].Edges.Select(edge => (edge.Symbol, edge.Side)).ShouldBe([("WETH", EdgeSide.Falls), ("USDC", EdgeSide.Rises)]);
    }

    [Theory]
    [MemberData(nameof(Revisions))]
    public void Each_remedy_carried_out_on_the_market_gives_the_health_that_it_names(uint revision)
    {
        var kinds = new HashSet<RemedyKind>();
        for (var i = 0; i < 2; i++)
        {
            var market = new MarketUnderTest(revision);
            market.Open(supplied: 10_000, borrowed: 7_000);
            var remedy = market.Report(MarketUnderTest.Alice).Remedies[i];
            var reserve = market.Fake.Reserves.Single(reserve => reserve.Asset == remedy.Asset);
            kinds.Add(remedy.Kind);
            market.Block(
                () =>
                {
                    if (remedy.Kind == RemedyKind.Repay)
                    {
                        market.Fake.RepayAmount(MarketUnderTest.Alice, reserve, remedy.Amount);
                    }
                    else
                    {
                        market.Fake.SupplyAmount(MarketUnderTest.Alice, reserve, remedy.Amount);
                    }
                },
                seconds: 0);
            market.Fake.Data(MarketUnderTest.Alice).HealthFactor.ShouldBe(remedy.HealthAfter!.Value);
            remedy.HealthAfter.Value.ShouldBeGreaterThanOrEqualTo(remedy.TargetHealth);
            remedy.TargetHealth.ShouldBe(FixedPoint.Wad * 125u / 100u);
        }

        kinds.Count.ShouldBe(2);
    }

    [Fact]
    public void The_uniform_fall_as_a_shock_pulls_and_one_ppm_less_does_not()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() => market.Fake.Supply(MarketUnderTest.Alice, market.Wbtc, 3_000));
        var fall = market.Report(MarketUnderTest.Alice).Triggers[0].UniformFallPpm!.Value;
        market.Report(MarketUnderTest.Alice, shock: ShockOf(1_000_000 - fall)).Status.ShouldBe(MarginStatus.Liquidatable);
        market.Report(MarketUnderTest.Alice, shock: ShockOf(1_000_001 - fall)).Status.ShouldBe(MarginStatus.Healthy);

        Shock ShockOf(uint kept) => new(new Dictionary<Address, uint> { [market.Weth.Asset] = kept, [market.Wbtc.Asset] = kept }, 0);
    }

    [Fact]
    public void Interest_alone_pulls_at_the_named_second_and_not_before()
    {
        var market = new MarketUnderTest(10);
        market.Open(supplied: 10_000, borrowed: 7_400);
        market.Block(() =>
        {
            market.Fake.SetRates(market.Weth, 100, 300);
            market.Fake.SetRates(market.Usdc, 500, 800);
        });
        var seconds = market.Report(MarketUnderTest.Alice).Triggers[0].SecondsAtConstantPrices!.Value;
        market.Report(MarketUnderTest.Alice).RecheckAt.ShouldBe(market.Fake.Header.Timestamp + seconds);
        market.Report(MarketUnderTest.Alice, seconds).Status.ShouldBe(MarginStatus.Liquidatable);
        market.Report(MarketUnderTest.Alice, seconds - 1).Status.ShouldBe(MarginStatus.Healthy);
        market.Report(MarketUnderTest.Alice, shock: new Shock(new Dictionary<Address, uint>(), seconds)).Status.ShouldBe(MarginStatus.Liquidatable);
    }

    [Fact]
    public void Without_debt_there_is_no_health_factor_and_nothing_to_do()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        var report = market.Report(MarketUnderTest.Bob);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.HealthFactor.ShouldBeNull();
        report.Triggers.ShouldBeEmpty();
        report.Remedies.ShouldBeEmpty();
        report.NativeWords[5].ShouldBe(new NativeWord("healthFactor", UInt256.MaxValue));
    }

    [Fact]
    public void Below_the_edge_it_is_liquidatable_with_its_price_and_below_its_debt_it_is_insolvent()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() => market.Weth.Price = market.Weth.Price * 62u / 100u);
        var report = market.Report(MarketUnderTest.Alice);
        report.Status.ShouldBe(MarginStatus.Liquidatable);
        report.Blocked.ShouldBeEmpty();
        report.Triggers[0].ShouldSatisfyAllConditions(
            trigger => trigger.Active.ShouldBeTrue(), trigger => trigger.UniformFallPpm.ShouldBe(0u), trigger => trigger.SecondsAtConstantPrices.ShouldBe(0ul));
        var quote = report.Liquidations.ShouldHaveSingleItem();
        (quote.CollateralSymbol, quote.DebtSymbol).ShouldBe(("WETH", "USDC"));
        quote.Loss.ShouldBeGreaterThan(UInt256.Zero);

        market.Block(() => market.Weth.Price = market.Weth.Price * 70u / 100u);
        market.Report(MarketUnderTest.Alice).Status.ShouldBe(MarginStatus.Insolvent);
    }

    [Fact]
    public void A_pause_blocks_only_when_it_blocks_every_pair()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() => market.Fake.Supply(MarketUnderTest.Alice, market.Wbtc, 500));
        market.Block(() =>
        {
            market.Weth.Price = market.Weth.Price * 55u / 100u;
            market.Fake.Pause(market.Weth, true);
        });
        var one = market.Report(MarketUnderTest.Alice);
        one.Status.ShouldBe(MarginStatus.Liquidatable);
        one.Blocked.ShouldBeEmpty();
        one.Liquidations.ShouldHaveSingleItem().CollateralSymbol.ShouldBe("WBTC");

        market.Block(() => market.Fake.Pause(market.Usdc, true));
        var all = market.Report(MarketUnderTest.Alice);
        all.Status.ShouldBe(MarginStatus.Liquidatable);
        all.Blocked.Select(reason => reason.Text).ShouldBe(["The WETH reserve is paused.", "The USDC reserve is paused."], ignoreOrder: true);
        all.Liquidations.Count.ShouldBe(2);
        all.Remedies.ShouldContain(remedy => remedy.Kind == RemedyKind.Repay && remedy.Caveat == "The USDC reserve is paused: it takes no repayment.");
    }

    [Fact]
    public void A_grace_period_blocks_up_to_its_last_second_and_says_when_to_look_again()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        var until = market.Fake.Header.Timestamp + 500;
        market.Block(() =>
        {
            market.Weth.Price = market.Weth.Price * 62u / 100u;
            market.Fake.Pause(market.Weth, false, until);
        });
        var report = market.Report(MarketUnderTest.Alice);
        report.Blocked.ShouldHaveSingleItem().ShouldBe(new Blocked("grace-period", "No liquidation of WETH until its grace period ends.", until + 1));
        report.RecheckAt.ShouldBe(until + 1);
        market.Report(MarketUnderTest.Alice, until - market.Fake.Header.Timestamp).Blocked.ShouldNotBeEmpty();
        market.Report(MarketUnderTest.Alice, until + 1 - market.Fake.Header.Timestamp).Blocked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(64u, true)]
    [InlineData(58u, false)]
    public void The_sentinel_blocks_above_a_health_factor_of_095_only(uint percent, bool blocks)
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() =>
        {
            market.Weth.Price = market.Weth.Price * percent / 100u;
            market.Fake.LiquidationAllowed = false;
        });
        var report = market.Report(MarketUnderTest.Alice);
        report.Status.ShouldBe(MarginStatus.Liquidatable);
        report.Blocked.Select(reason => reason.Code).ShouldBe(blocks ? ["sequencer"] : []);
        market.Block(() => market.Fake.LiquidationAllowed = true);
        market.Report(MarketUnderTest.Alice).Blocked.ShouldBeEmpty();
    }

    [Fact]
    public void A_loop_aims_lower_than_a_plain_loan_and_a_named_target_beats_both()
    {
        var loop = new MarketUnderTest(10);
        loop.Block(() =>
        {
            loop.Fake.Supply(MarketUnderTest.Alice, loop.WstEth, 10_000);
            loop.Fake.Borrow(MarketUnderTest.Alice, loop.Weth, 9_300);
            loop.Fake.SetEMode(MarketUnderTest.Alice, 1);
        });
        loop.Report(MarketUnderTest.Alice).Remedies.ShouldAllBe(remedy => remedy.TargetHealth == FixedPoint.Wad * 105u / 100u);

        var named = new MarketUnderTest(10, new ProtocolOptions { TargetHealth = FixedPoint.Wad * 3u });
        named.Open(supplied: 10_000, borrowed: 3_000);
        named.Report(MarketUnderTest.Alice).Remedies.ShouldAllBe(remedy => remedy.TargetHealth == FixedPoint.Wad * 3u);
        named.Report(MarketUnderTest.Alice).Remedies.Count.ShouldBe(2);
    }

    [Fact]
    public void A_supply_that_is_no_collateral_is_shown_and_does_not_count()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() =>
        {
            market.Fake.Supply(MarketUnderTest.Alice, market.Wbtc, 900);
            market.Fake.SetCollateral(MarketUnderTest.Alice, market.Wbtc, false);
        });
        var shown = market.Report(MarketUnderTest.Alice).Positions.Single(position => position.Symbol == "WBTC");
        (shown.Counts, shown.ThresholdBps).ShouldBe((false, 0u));
        shown.Value.ShouldBeGreaterThan(UInt256.Zero);
        market.ShouldBeRight(MarketUnderTest.Alice);
    }

    [Fact]
    public void Health_is_margin_over_requirement()
    {
        var market = new MarketUnderTest(8);
        market.Open();
        var report = market.Report(MarketUnderTest.Alice);
        report.HealthFactor.ShouldBe(FixedPoint.WadDiv(report.MarginBalance, report.MaintenanceRequirement, Rounding.HalfUp));
    }
}
