using System.Numerics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Options;
using DefiMonitor.Protocols.OpynGamma;
using DefiMonitor.Tests.Protocols.OpynGamma.Fake;
using Fpi = DefiMonitor.Protocols.OpynGamma.FixedPointInt256;
using static DefiMonitor.Tests.Protocols.OpynGamma.Fake.GammaSteps;

namespace DefiMonitor.Tests.Protocols.OpynGamma;

public sealed class ReportTests
{
    private const ulong Day = 86_400;

    // GammaProtocol, test/unit-tests/nakedMarginCalculator.test.ts and marginCalculator.test.ts.
    [Theory]
    [InlineData(true, 100, 150, 0.1678, "16780000000000000000000000000")]
    [InlineData(true, 100, 150, 0.237, "23700000000000000000000000000")]
    [InlineData(false, 2500, 1800, 0.1678, "167800000000000000000000000")]
    public void A_naked_requirement_is_the_published_figure(bool isPut, uint strike, uint spot, double bound, string expected) =>
        MarginCalculator.NakedRequired(isPut, Whole((uint)(bound * 10_000)) / 10_000, Fpi.One * 3 / 4, Fpi.One, Whole(strike), Whole(spot)).ShouldBe(BigInteger.Parse(expected, System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData(true, 3, 200, 2, 250, 100)]
    [InlineData(true, 2, 200, 1, 250, 150)]
    [InlineData(false, 4, 100, 1, 300, 3)]
    [InlineData(false, 3, 250, 1, 200, 2)]
    public void A_spreads_requirement_is_the_published_figure(bool isPut, uint sold, uint soldStrike, uint bought, uint boughtStrike, uint expected) =>
        (isPut
            ? MarginCalculator.PutSpreadRequired(Whole(sold), Whole(bought), Whole(soldStrike), Whole(boughtStrike))
            : MarginCalculator.CallSpreadRequired(Whole(sold), Whole(bought), Whole(soldStrike), Whole(boughtStrike))).ShouldBe(Whole(expected));

    [Fact]
    public void At_the_edge_of_every_naked_vault_it_is_short_and_one_unit_before_it_is_not()
    {
        var tried = 0;
        for (var seed = 1; seed <= 30; seed++)
        {
            var (market, run) = Begin(new FakeGamma(seed));
            foreach (var owner in market.Owners)
            {
                var report = Report(run, market, owner);
                var naked = StateOf(run, market, owner).Vaults.Where(vault => vault.IsLiveNaked(market.Header.Timestamp)).ToList();
                report.Triggers.Count.ShouldBe(naked.Count);
                foreach (var vault in naked)
                {
                    if (PriceEdges.Of(vault, market.Header.Timestamp) is { } edge)
                    {
                        VaultMargin.IsShort(vault, edge, market.Header.Timestamp).ShouldBeTrue();
                        VaultMargin.IsShort(vault, vault.Short!.IsPut ? edge + UInt256.One : edge - UInt256.One, market.Header.Timestamp).ShouldBeFalse();
                        report.Triggers.SelectMany(static trigger => trigger.Edges).ShouldContain(one => one.Price == edge && one.Side == (vault.Short.IsPut ? EdgeSide.Falls : EdgeSide.Rises));
                        tried++;
                    }
                }
            }
        }

        tried.ShouldBeGreaterThan(30);
    }

    [Fact]
    public void A_naked_strangle_has_an_edge_on_either_side_and_what_holds_the_whole_risk_has_none()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        market.Open(owner, market.Series[1], 1, Option, FixedPoint.Wad * 6u / 10u);
        market.Open(owner, market.Series[0], 1, Option, Dollar * 2_000u);
        market.Open(owner, market.Series[1], 0, Option, FixedPoint.Wad);
        var (_, run) = Begin(market);
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Triggers.Count.ShouldBe(3, "a spread vault can never be liquidated");
        report.Triggers.SelectMany(static trigger => trigger.Edges).Select(static edge => edge.Side).ShouldBe([EdgeSide.Falls, EdgeSide.Rises], ignoreOrder: true);
        report.NearEdges!.Count.ShouldBe(2);
        OptionExposures.Of(report).Single().Unpriced.Count.ShouldBe(4, "the venue has no volatility");
    }

    [Fact]
    public void Each_sized_way_out_reaches_its_target_and_one_unit_less_does_not()
    {
        var sized = new Dictionary<RemedyKind, int> { [RemedyKind.Deposit] = 0, [RemedyKind.Repay] = 0 };
        for (var seed = 1; seed <= 30; seed++)
        {
            var (market, run) = Begin(new FakeGamma(seed));
            foreach (var owner in market.Owners)
            {
                foreach (var vault in StateOf(run, market, owner).Vaults.Where(vault => vault.IsLiveNaked(market.Header.Timestamp)))
                {
                    var alone = run.Protocol.Evaluate(StateOf(run, market, owner) with { Vaults = [vault] }, new Instant(market.Header.Timestamp), Shock.None);
                    foreach (var remedy in alone.Remedies)
                    {
                        (Factor(vault, remedy.Kind, remedy.Amount) >= remedy.TargetHealth).ShouldBeTrue();
                        (Factor(vault, remedy.Kind, remedy.Amount - UInt256.One) < remedy.TargetHealth).ShouldBeTrue();
                        sized[remedy.Kind]++;
                    }
                }
            }

            UInt256 Factor(VaultState vault, RemedyKind kind, in UInt256 amount)
            {
                var after = kind == RemedyKind.Deposit ? vault with { CollateralAmount = vault.CollateralAmount + amount } : vault with { ShortAmount = vault.ShortAmount - amount };
                return NakedMargin.Of(after, market.Header.Timestamp).LiveFactor;
            }
        }

        sized.Values.ShouldAllBe(static count => count > 20);
    }

    [Fact]
    public void A_round_since_the_last_change_liquidates_although_the_price_came_back_until_the_vault_is_synced()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        var key = market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var (_, run) = Begin(market);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Healthy);

        Next(market, run, 60, 1_200);
        var fallen = Report(run, market, owner);
        fallen.Status.ShouldBe(MarginStatus.Liquidatable);
        fallen.Blocked.ShouldBeEmpty();
        fallen.Liquidations.Single().DebtToCover.ShouldBe(Option);

        Next(market, run, 1_800, 2_000);
        var back = Report(run, market, owner);
        back.Status.ShouldBe(MarginStatus.Liquidatable, "the auction that began in the round before goes on");
        (back.HealthFactor < FixedPoint.Wad).ShouldBeTrue();
        var quote = back.Liquidations.Single();
        (quote.CollateralTaken > fallen.Liquidations.Single().CollateralTaken).ShouldBeTrue();
        Agrees(run, market, owner, isLiquidatable: true);

        market.NextBlock();
        market.Sync(key);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Healthy);
        Agrees(run, market, owner, isLiquidatable: false);
    }

    [Fact]
    public void Without_a_later_round_or_while_paused_nobody_can_be_liquidated_and_the_report_says_so()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        var key = market.Open(owner, market.Series[0], 1, Option, Dollar * 600u);
        var (_, run) = Begin(market);
        market.NextBlock();
        market.Sync(key);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Liquidatable);
        report.Blocked.Single().Code.ShouldBe("round");

        Next(market, run, 60, 1_900);
        Report(run, market, owner).Blocked.ShouldBeEmpty();
        market.NextBlock();
        market.Pause(true);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, owner).Blocked.Single().Code.ShouldBe("paused");
    }

    [Fact]
    public void The_auction_runs_from_the_cash_value_less_the_deviation_to_all_the_collateral_in_an_hour()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var (_, run) = Begin(market);
        Next(market, run, 60, 1_200);

        // Strike 2,000: 800 less two per cent of 1,200, rising to 1,000.
        Report(run, market, owner).Liquidations.Single().CollateralTaken.ShouldBe(Dollar * 776u);
        Later(1_800).ShouldBe(Dollar * 888u);
        Later(3_599).ShouldBeLessThan(Dollar * 1_000u);
        Later(3_600).ShouldBe(Dollar * 1_000u);

        UInt256 Later(ulong seconds) => run.Protocol.Evaluate(StateOf(run, market, owner), new Instant(market.Header.Timestamp) + seconds, Shock.None).Liquidations.Single().CollateralTaken;
    }

    [Fact]
    public void The_clock_alone_pulls_the_trigger_in_the_second_of_a_step_that_is_higher()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.SetStep(14 * Day, FakeGamma.Ray4(9_000));
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_200u);
        var (_, run) = Begin(market);
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Healthy);
        var seconds = report.Triggers.Single().SecondsAtConstantPrices.ShouldNotBeNull();
        (market.Header.Timestamp + seconds).ShouldBe(market.Series[0].Expiry - (14 * Day));
        report.RecheckAt.ShouldBe(market.Header.Timestamp + seconds);
        Judge(seconds).ShouldBe(MarginStatus.Liquidatable);
        Judge(seconds - 1).ShouldBe(MarginStatus.Healthy);
        Judge(28 * Day).ShouldBe(MarginStatus.Healthy, "nothing can be liquidated from the expiry on");

        MarginStatus Judge(ulong later) => run.Protocol.Evaluate(StateOf(run, market, owner), new Instant(market.Header.Timestamp) + later, Shock.None).Status;
    }

    [Fact]
    public void An_expired_vault_shows_what_may_leave_it_once_the_price_can_no_longer_be_disputed()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        var expiry = market.Series[0].Expiry;
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var (_, run) = Begin(market);
        Next(market, run, expiry - market.Header.Timestamp, 1_500);
        Word().ShouldBeNull();
        market.SetPrices(expiry, 1_500_00000000u, isFinal: false);
        Next(market, run, 12, 1_500);
        Word().ShouldBeNull();
        market.SetPrices(expiry, 1_600_00000000u, isFinal: true);
        Next(market, run, 12, 1_500);
        Word().ShouldBe(Dollar * 600u, "1,000 less 400 that the put pays at 1,600");
        Report(run, market, owner).HealthFactor.ShouldBeNull();
        Next(market, run, 12, 1_500);
        run.LastReads.ShouldNotContain(call => GammaAbi.GetExpiryPrice.Function.IsCall(call), "a final price is not read again");

        UInt256? Word() => Report(run, market, owner).NativeWords.FirstOrDefault(static word => word.Name.EndsWith("proceed", StringComparison.Ordinal))?.Value;
    }

    [Fact]
    public void A_price_beyond_the_contracts_table_or_integers_is_unknown()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, market.List(183 * Day, 2_000, isPut: true), 1, Option, Dollar * 1_000u);
        var (_, run) = Begin(market);
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason.ShouldBe("The account can't be computed: the product has no upper bound value for the time to expiry.");

        var huge = new FakeGamma(1, isEmpty: true);
        huge.Open(owner, huge.Series[0], 1, Option, Dollar);
        huge.Write(UInt256.Pow10(70));
        var (_, second) = Begin(huge);
        Report(second, huge, owner).Status.ShouldBe(MarginStatus.Unknown);
    }

    [Fact]
    public void Only_a_naked_vaults_opening_is_discovered_and_a_liquidation_is_told_in_its_tokens()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        var (_, run) = Begin(market);
        market.NextBlock();
        var key = market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        market.Open(market.Owners[1], market.Series[0], 0, Option, Dollar * 2_000u);
        market.Logs.Select(run.Protocol.Discover).OfType<MarginAccountId>().ShouldBe([run.Protocol.AccountOf(owner)]);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);

        market.NextBlock();
        market.Liquidate(key, Option / 4u);
        var told = market.Logs.Select(run.Protocol.LiquidationOf).OfType<Liquidation>().Single();
        told.Account.ShouldBe(run.Protocol.AccountOf(owner));
        told.DebtAsset.ShouldBe(FakeGamma.Weth);
        told.Option.ShouldBe(new LiquidatedOption(OptionKind.Put, market.Series[0].StrikePrice, market.Series[0].Expiry));
        told.DebtRepaid.ShouldBe(Option / 4u);
        told.CollateralAsset.ShouldBe(FakeGamma.Usdc);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, owner).NativeWords[0].Value.ShouldBe(Option * 3u / 4u);
    }

    [Fact]
    public void A_shocked_price_moves_the_verdict_and_the_newest_round_but_no_round_of_the_past()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var (_, run) = Begin(market);
        var state = StateOf(run, market, owner);
        var edge = Report(run, market, owner).Triggers.Single();
        Status(1_000_000 - edge.UniformFallPpm!.Value).ShouldBe(MarginStatus.Liquidatable);
        Status(1_000_001 - edge.UniformFallPpm!.Value).ShouldBe(MarginStatus.Healthy);

        MarginStatus Status(uint ppm) =>
            run.Protocol.Evaluate(state, new Instant(market.Header.Timestamp), new Shock(new Dictionary<Address, uint> { [FakeGamma.Weth] = ppm }, 0)).Status;
    }

    private static BigInteger Whole(uint value) => Fpi.One * value;
}
