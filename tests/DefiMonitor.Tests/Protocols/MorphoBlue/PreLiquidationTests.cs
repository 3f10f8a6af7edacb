using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.MorphoBlue;
using DefiMonitor.Tests.Protocols.MorphoBlue.Fake;

namespace DefiMonitor.Tests.Protocols.MorphoBlue;

public sealed class PreLiquidationTests
{
    private readonly FakeMorpho market = new(IrmKind.AdaptiveCurve, 1, isEmpty: true) { PreLiquidation = FakeMorpho.Terms(FakeMorpho.PreOracle) };
    private readonly ProtocolRun run;

    public PreLiquidationTests()
    {
        run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        market.Supply(1_000_000);
        market.SupplyCollateral(Alice, 10);
        market.Borrow(Alice, 18_000);
        market.Authorized.Add(Alice);
        run.Take(market.Header, [], market.Owners, isHead: true);

        // The contract's oracle is known from the first block on, its price from the second.
        Block();
    }

    private Address Alice => market.Owners[1];

    [Fact]
    public void Who_has_not_authorised_the_contract_is_told_so_and_keeps_his_distance()
    {
        var report = Report(market.Owners[2]);
        report.HealthFactor.ShouldBeNull();
        Block(() => market.Authorize(Alice, false));
        var without = Report(Alice);
        without.NearestThreshold.ShouldBe(FixedPoint.Wad);
        var trigger = Pre(without);
        trigger.Active.ShouldBeFalse();
        trigger.Unarmed.ShouldNotBeNull().ShouldContain("not authorised");
        trigger.Edges.ShouldBeEmpty();
    }

    [Fact]
    public void An_authorisation_is_folded_and_touches_only_who_gave_it()
    {
        Block(() => market.Authorize(Alice, false));
        run.Touched.Clear();
        market.NextBlock();
        market.Authorize(Alice, true);
        run.Take(market.Header, market.Logs, market.Owners, isHead: false);
        run.Touched.ShouldHaveSingleItem().ShouldBe(run.Protocol.AccountOf(Alice));
        Pre(Report(Alice)).Unarmed.ShouldBeNull();
    }

    [Fact]
    public void By_an_oracle_of_its_own_its_threshold_moves_while_the_health_factor_stays()
    {
        var before = Report(Alice);
        before.HasMovingThreshold.ShouldBeTrue();
        Block(() => market.PrePrice = market.PrePrice * 9u / 10u, seconds: 0);
        Report(Alice).HealthFactor.ShouldBe(before.HealthFactor);
        Report(Alice).NearestThreshold.ShouldNotBe(before.NearestThreshold);
        Block(() => market.Authorize(Alice, false));
        Report(Alice).HasMovingThreshold.ShouldBeFalse();
    }

    [Fact]
    public void Absurd_prices_of_its_oracle_never_throw_and_leave_the_verdict_alone()
    {
        var status = Report(Alice).Status;
        for (var shift = 0; shift < 256; shift += 5)
        {
            Block(() => market.PrePrice = UInt256.One << shift, seconds: 0);
            var report = Report(Alice);
            report.Status.ShouldBe(status, $"2^{shift}");
            report.Triggers.ShouldContain(static t => t.Kind == TriggerKind.Liquidation);
            (report.Liquidations.Count + report.Remedies.Count).ShouldBeGreaterThanOrEqualTo(0);
        }
    }

    [Fact]
    public void It_pulls_at_its_own_edge_by_its_own_oracle_and_not_one_unit_above()
    {
        var edge = Pre(Report(Alice)).Edges.ShouldHaveSingleItem();
        edge.CurrentPrice.ShouldBe(FakeMorpho.PriceOf(2_500));
        Block(() => market.PrePrice = edge.Price, seconds: 0);
        Pre(Report(Alice)).Active.ShouldBeTrue();
        Report(Alice).Status.ShouldBe(MarginStatus.Healthy);
        Report(Alice).Liquidations.ShouldHaveSingleItem().DebtToCover.ShouldBeGreaterThan(UInt256.Zero);
        Block(() => market.PrePrice = edge.Price + UInt256.One, seconds: 0);
        Pre(Report(Alice)).Active.ShouldBeFalse();
        Report(Alice).Liquidations.ShouldBeEmpty();
    }

    [Fact]
    public void Its_fall_and_its_time_lead_to_it_and_one_step_less_does_not()
    {
        var trigger = Pre(Report(Alice));
        var fall = trigger.UniformFallPpm.ShouldNotBeNull();
        Pre(Report(Alice, Fall(fall))).Active.ShouldBeTrue();
        Pre(Report(Alice, Fall(fall - 1))).Active.ShouldBeFalse();
        var seconds = trigger.SecondsAtConstantPrices.ShouldNotBeNull();
        Pre(Report(Alice, new Shock(Shock.None.PricePpm, seconds))).Active.ShouldBeTrue();
        Pre(Report(Alice, new Shock(Shock.None.PricePpm, seconds - 1))).Active.ShouldBeFalse();
    }

    [Fact]
    public void Above_the_markets_own_limit_only_the_markets_liquidation_is_left()
    {
        Block(() => market.Price = market.PrePrice = FakeMorpho.PriceOf(2_000));
        var report = Report(Alice);
        report.Status.ShouldBe(MarginStatus.Liquidatable);
        Pre(report).Active.ShouldBeFalse();
    }

    [Fact]
    public void An_oracle_of_its_own_that_reverts_leaves_its_nominal_distance_standing()
    {
        Block(() => market.PrePrice = null);
        var report = Report(Alice);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.NearestThreshold.ShouldBe(FixedPoint.Wad * 86u / 80u);
        Pre(report).Unknown.ShouldNotBeNull().ShouldContain("could not be read");
    }

    [Fact]
    public void A_call_takes_what_the_close_factor_allows_and_leaves_the_position_healthy()
    {
        for (var price = 2_120ul; price < 2_245; price += 5)
        {
            Block(() => market.Price = market.PrePrice = FakeMorpho.PriceOf(price));
            var state = (MorphoBlueState)run.Protocol.Capture(run.Protocol.AccountOf(Alice), market.Header);
            var position = new PositionAt(state.Interest, state.BorrowShares, state.CollateralAmount, state.Price, state.Parameters.Lltv, market.Header.Timestamp);
            var pre = state.PreLiquidations.ShouldHaveSingleItem();
            var value = position.Health.CollateralValue;
            pre.Terms.IsOpen(position.Health.Debt, value, position.Lltv).ShouldBeTrue();
            var (close, incentive) = pre.Terms.Factors(position.Health.Debt, value, position.Lltv);
            close.ShouldBeInRange(pre.Terms.PreLCF1, pre.Terms.PreLCF2);
            incentive.ShouldBeInRange(pre.Terms.PreLIF1, pre.Terms.PreLIF2);
            var most = PreLiquidationTriggers.Largest(pre, position).ShouldNotBeNull();
            (most.RepaidShares * FixedPoint.Wad).ShouldBeLessThanOrEqualTo(position.BorrowShares * close);
            Report(Alice).Liquidations.ShouldHaveSingleItem().CollateralTaken.ShouldBe(most.Seized);
        }
    }

    [Fact]
    public void A_contract_that_is_named_after_the_account_has_entered_is_asked_for_its_authorisation()
    {
        var before = new FakeMorpho(IrmKind.AdaptiveCurve, 2);
        var first = new ProtocolRun(before.NewProtocol(), call => before.Answer(call));
        first.Take(before.Header, [], before.Owners, isHead: true);
        var after = new FakeMorpho(IrmKind.AdaptiveCurve, 2) { PreLiquidation = FakeMorpho.Terms(FakeMorpho.Oracle) };
        after.Authorized.Add(after.Owners[0]);
        var second = new ProtocolRun(after.NewProtocol(), call => after.Answer(call));
        for (var i = 0; i < first.Protocol.Tables.Count; i++)
        {
            foreach (var (key, row) in first.Protocol.Tables[i].Dump())
            {
                second.Protocol.Tables[i].Load(key, row);
            }
        }

        for (var i = 0; i < 2; i++)
        {
            after.NextBlock();
            second.Take(after.Header, after.Logs, after.Owners, isHead: true);
        }

        second.LastReads.Count.ShouldBe(1, "asked once, and then only for the price");
        var state = (MorphoBlueState)second.Protocol.Capture(second.Protocol.AccountOf(after.Owners[0]), after.Header);
        state.PreLiquidations.ShouldHaveSingleItem().Unarmed.ShouldBeNull();
    }

    private static Trigger Pre(MarginReport report) => report.Triggers.Single(trigger => trigger.Kind == TriggerKind.PreLiquidation);

    private static Shock Fall(uint ppm) => new(new Dictionary<Address, uint> { [FakeMorpho.CollateralToken] = Shock.Unit - ppm }, 0);

    private void Block(Action? happens = null, ulong seconds = 12)
    {
        market.NextBlock(seconds);
        happens?.Invoke();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
    }

    private MarginReport Report(Address owner, Shock? shock = null) => run.Protocol.Evaluate(
        run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header), new Instant(market.Header.Timestamp), shock ?? Shock.None);
}
