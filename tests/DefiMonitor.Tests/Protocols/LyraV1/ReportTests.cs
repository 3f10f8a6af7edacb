using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk;
using DefiMonitor.Core.Risk.Options;
using DefiMonitor.Protocols.LyraV1;
using DefiMonitor.Tests.Protocols.LyraV1.Fake;

namespace DefiMonitor.Tests.Protocols.LyraV1;

public sealed class ReportTests
{
    private const ulong Day = 86_400;

    [Fact]
    public void At_the_edge_of_every_short_the_requirement_is_missed_and_one_unit_before_it_is_met()
    {
        var tried = 0;
        for (var seed = 1; seed <= 24; seed++)
        {
            var (market, run) = Begin(new FakeLyra(seed));
            foreach (var owner in market.Owners)
            {
                var state = State(run, market, owner);
                var shorts = state.Positions.Where(position => position.IsLiveShort(market.Header.Timestamp)).ToList();
                var edges = shorts.Select(position => (Position: position, Edge: SpotEdges.Of(state, position, market.Header.Timestamp))).ToList();
                Report(run, market, owner).Triggers.SelectMany(trigger => trigger.Edges).Select(edge => edge.Price)
                    .ShouldBe(edges.Where(pair => pair.Edge is not null).Select(pair => pair.Edge!.Value), ignoreOrder: true);
                foreach (var (position, edge) in edges)
                {
                    if (edge is { } price)
                    {
                        IsLiquidatable(position, price).ShouldBeTrue();
                        IsLiquidatable(position, position.IsCall ? price - UInt256.One : price + UInt256.One).ShouldBeFalse();
                        tried++;
                    }
                }

                bool IsLiquidatable(PositionState position, in UInt256 spot) =>
                    new ShortMargin(position, Requirements.Of(state, spot, market.Header.Timestamp).Of(position)).IsLiquidatable;
            }
        }

        tried.ShouldBeGreaterThan(60);
    }

    [Fact]
    public void In_bulk_the_verdict_is_the_reports_whatever_the_figures()
    {
        var seen = new Dictionary<MarginStatus, int> { [MarginStatus.Healthy] = 0, [MarginStatus.Liquidatable] = 0, [MarginStatus.Unknown] = 0 };
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            var market = new FakeLyra(seed, isEmpty: true);
            market.Spot = Words.Any(random, 73);
            foreach (var owner in market.Owners)
            {
                for (var i = random.Next(1, 4); i > 0; i--)
                {
                    market.Open(owner, (OptionType)random.Next(5), market.Strikes[random.Next(market.Strikes.Count)], Words.Any(random, 64), Words.Any(random, 76));
                }
            }

            var (_, run) = Begin(market);
            foreach (var owner in market.Owners)
            {
                var report = Report(run, market, owner);
                var verdicts = new Verdict[1];
                run.Protocol.JudgeMany([run.Protocol.SlotOf(run.Protocol.AccountOf(owner))], market.Header, new Instant(market.Header.Timestamp), verdicts);
                verdicts[0].ShouldBe(new Verdict(report.Status, report.Status == MarginStatus.Unknown ? UInt256.Zero : report.HealthFactor ?? UInt256.MaxValue), report.UnknownReason);
                seen[report.Status]++;
            }
        }

        seen.Values.ShouldAllBe(static count => count > 30);
    }

    [Fact]
    public void The_least_rate_there_is_has_a_size_and_a_sign_as_every_other()
    {
        var (market, run) = Begin(new FakeLyra(1));
        market.NextBlock();
        market.SetRate(Int128.MinValue);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var rate = Parameter("rateAndCarry");
        (rate.Value, Parameter("rateAndCarry below zero").Value).ShouldBe((UInt256.One << 127, UInt256.One));
        run.Protocol.Restore(rate with { Value = 7u }).ShouldBeTrue();
        State(run, market, market.Owners[0]).RateAndCarry.ShouldBe(-7);
        run.Protocol.Restore(rate).ShouldBeTrue();
        State(run, market, market.Owners[0]).RateAndCarry.ShouldBe(Int128.MinValue);

        MarketParameter Parameter(string name)
        {
            var parameters = new List<MarketParameter>();
            run.Protocol.Parameters(parameters);
            return parameters.Single(parameter => parameter.Name == name);
        }
    }

    [Fact]
    public void A_short_strangle_has_an_edge_on_either_side_and_the_nearer_one_is_the_distance()
    {
        var market = new FakeLyra(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, OptionType.ShortCallQuote, market.Strikes[2], FixedPoint.Wad, FakeLyra.Wad(1_600));
        market.Open(owner, OptionType.ShortPutQuote, market.Strikes[0], FixedPoint.Wad, FakeLyra.Wad(900));
        var (_, run) = Begin(market);
        var report = Report(run, market, owner);

        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Triggers.Count.ShouldBe(2);
        var up = report.Triggers.SelectMany(trigger => trigger.Edges).Single(edge => edge.Side == EdgeSide.Rises);
        var down = report.Triggers.SelectMany(trigger => trigger.Edges).Single(edge => edge.Side == EdgeSide.Falls);
        (up.Price > up.CurrentPrice).ShouldBeTrue();
        (down.Price < down.CurrentPrice).ShouldBeTrue();
        var distance = SigmaDistance.Of(report, new Profiles()).ShouldNotBeNull();
        var logs = new[] { up, down }.Select(edge => Math.Abs(Math.Log(edge.Price.ToDouble() / edge.CurrentPrice.ToDouble()))).ToList();
        distance.LogSlack.ShouldBe(logs.Min(), 2e-4);
        distance.Sigmas.ShouldBe(distance.LogSlack / 0.05, 1e-9);
    }

    [Fact]
    public void Each_sized_deposit_reaches_its_target_and_one_unit_less_does_not()
    {
        var sized = 0;
        for (var seed = 1; seed <= 10; seed++)
        {
            var (market, run) = Begin(new FakeLyra(seed));
            foreach (var owner in market.Owners)
            {
                var state = State(run, market, owner);
                var requirements = Requirements.Of(state, state.Spot, market.Header.Timestamp);
                foreach (var position in state.Positions.Where(position => position.IsLiveShort(market.Header.Timestamp)))
                {
                    var alone = run.Protocol.Evaluate(state with { Positions = [position] }, new Instant(market.Header.Timestamp), Shock.None);
                    foreach (var remedy in alone.Remedies)
                    {
                        var minimum = requirements.Of(position);
                        (ShortMargin.FactorOf(position.Collateral + remedy.Amount, minimum) >= remedy.TargetHealth).ShouldBeTrue();
                        (ShortMargin.FactorOf(position.Collateral + remedy.Amount - UInt256.One, minimum) < remedy.TargetHealth).ShouldBeTrue();
                        sized++;
                    }
                }
            }
        }

        sized.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void A_short_that_holds_all_that_can_ever_be_asked_has_no_edge()
    {
        var market = new FakeLyra(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, OptionType.ShortCallBase, market.Strikes[1], FixedPoint.Wad * 3u, FixedPoint.Wad * 3u);
        market.Open(owner, OptionType.ShortPutQuote, market.Strikes[1], FixedPoint.Wad, FakeLyra.Wad(2_000));
        var (_, run) = Begin(market);
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Triggers.ShouldAllBe(trigger => trigger.Edges.Count == 0 && trigger.SecondsAtConstantPrices == null);
        SigmaDistance.Of(report, new Profiles())!.Sigmas.ShouldBe(SigmaDistance.FarAway);
    }

    [Fact]
    public void Longs_alone_and_what_has_expired_can_not_be_liquidated()
    {
        var market = new FakeLyra(1, isEmpty: true);
        var owner = market.Owners[0];
        var board = market.List(market.Header.Timestamp + 100, 2_000);
        market.Open(owner, OptionType.LongPut, market.Strikes[0], FixedPoint.Wad, UInt256.Zero);
        market.Open(owner, OptionType.ShortCallQuote, market.Strikes.Single(strike => strike.Board == board), FixedPoint.Wad, UInt256.One);
        var (_, run) = Begin(market);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Liquidatable);
        market.NextBlock(200);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.HealthFactor.ShouldBeNull();
        report.Triggers.ShouldBeEmpty();
        report.Positions.Count(leg => leg.Option is not null).ShouldBe(2);
    }

    [Fact]
    public void The_clock_alone_can_pull_the_trigger_because_the_shock_volatility_rises_towards_expiry()
    {
        var market = new FakeLyra(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Parameters = market.Parameters with { ShockVolB = FixedPoint.Wad / 10u, ShockVolPointA = 14 * Day, ShockVolPointB = 28 * Day };
        var position = market.Open(owner, OptionType.ShortCallQuote, market.Strikes[2], FakeLyra.Wad(5), UInt256.Zero);
        position.Collateral = market.Requirement(position) + FakeLyra.Wad(1);
        var (_, run) = Begin(market);
        var at = market.Header.Timestamp;
        var seconds = Report(run, market, owner).Triggers.Single().SecondsAtConstantPrices.ShouldNotBeNull();
        var state = State(run, market, owner);
        Judge(seconds).ShouldBe(MarginStatus.Liquidatable);
        Judge(seconds - 1).ShouldBe(MarginStatus.Healthy);

        MarginStatus Judge(ulong later) => run.Protocol.Evaluate(state, new Instant(at) + later, Shock.None).Status;
    }

    [Fact]
    public void A_frozen_board_lets_nobody_liquidate_and_a_paused_market_lets_nobody_judge()
    {
        var market = new FakeLyra(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, OptionType.ShortCallQuote, market.Strikes[1], FixedPoint.Wad, UInt256.One);
        var (_, run) = Begin(market);
        Report(run, market, owner).Blocked.ShouldBeEmpty();
        market.NextBlock();
        market.Freeze(market.Strikes[1].Board, true);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, owner).Blocked.ShouldHaveSingleItem().Text.ShouldContain("frozen");

        market.NextBlock();
        market.Spot = null;
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, owner).UnknownReason.ShouldNotBeNull().ShouldContain("paused or the rate is invalid");
    }

    [Fact]
    public void A_liquidation_is_told_from_its_trade_and_discovery_finds_writers_only()
    {
        var market = new FakeLyra(1, isEmpty: true);
        var protocol = market.NewProtocol();
        var position = market.Open(market.Owners[0], OptionType.ShortCallBase, market.Strikes[0], FakeLyra.Wad(2), FakeLyra.Wad(1));
        protocol.Discover(market.Logs.Single()).ShouldBe(protocol.AccountOf(market.Owners[0]));
        market.NextBlock();
        market.Open(market.Owners[1], OptionType.LongCall, market.Strikes[0], FixedPoint.Wad, UInt256.Zero);
        protocol.Discover(market.Logs.Single()).ShouldBeNull();
        market.NextBlock();
        market.Liquidate(position);
        market.Logs.Select(protocol.LiquidationOf).Single(told => told is not null)
            .ShouldBe(new Liquidation(protocol.AccountOf(market.Owners[0]), FakeLyra.Base, FakeLyra.Wad(2), FakeLyra.Base, FixedPoint.Wad * 4u / 10u)
            {
                Option = new LiquidatedOption(OptionKind.Call, FakeLyra.Wad(1_800), 1_622_419_200),
            });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_contracts_own_view_is_asked_beside_the_spot_and_compared_at_whatever_spot_that_was(bool spotWasKnown)
    {
        var market = new FakeLyra(3);
        var isSpotThere = spotWasKnown;
        var run = new ProtocolRun(market.NewProtocol(), call => !isSpotThere && LyraAbi.GetSpotPriceForMarket.Function.IsCall(call) ? null : market.Answer(call));
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var asked = market.Owners.ToDictionary(owner => owner, owner => run.Protocol.Confirm(run.Protocol.AccountOf(owner)).ToList());

        market.NextBlock();
        market.Spot = market.Spot!.Value * 101u / 100u;
        isSpotThere = true;
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        foreach (var owner in market.Owners)
        {
            var answers = new CallResults();
            asked[owner].ForEach(call => answers.Set(call, market.Answer(call)));
            var agreement = run.Protocol.Compare(State(run, market, owner), answers);
            agreement.Kind.ShouldBe(AgreementKind.Equal, agreement.Text);
            agreement.Chain.Select(word => word.Value).ShouldBe(market.Truth(owner));
        }
    }

    [Fact]
    public void Positions_that_could_not_be_read_again_are_not_believed()
    {
        var (market, run) = Begin(new FakeLyra(4));
        var account = run.Protocol.AccountOf(market.Owners[0]);
        var call = run.Protocol.Snapshot(account, new CallResults()).First();
        var touched = new HashSet<MarginAccountId>();
        run.Protocol.ApplyRead(market.Header, call, new CallResult(false, default), touched);
        touched.ShouldBe([account]);
        run.Protocol.HasEntered(account).ShouldBeFalse();
        Report(run, market, market.Owners[0]).Status.ShouldBe(MarginStatus.Unknown);
        run.Protocol.ApplyRead(market.Header, call, market.Answer(call), touched);
        Report(run, market, market.Owners[0]).NativeWords.Select(word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
    }

    [Fact]
    public void A_price_that_fits_no_fixed_point_makes_unknown_and_says_why()
    {
        var market = new FakeLyra(1, isEmpty: true);
        market.Open(market.Owners[0], OptionType.ShortCallQuote, market.Strikes[1], FixedPoint.Wad, FakeLyra.Wad(1_000));
        market.Spot = UInt256.Pow10(45);
        var (_, run) = Begin(market);
        Report(run, market, market.Owners[0]).UnknownReason.ShouldNotBeNull().ShouldContain("does not fit");
    }

    [Fact]
    public void Net_greeks_are_what_the_options_marks_change_by()
    {
        const double spot = 2_000;
        var market = new FakeLyra(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, OptionType.ShortCallQuote, market.Strikes[2], FixedPoint.Wad * 3u, FakeLyra.Wad(5_000));
        market.Open(owner, OptionType.LongPut, market.Strikes[0], FixedPoint.Wad * 2u, UInt256.Zero);
        var (_, run) = Begin(market);
        var state = State(run, market, owner);
        var at = new Instant(market.Header.Timestamp);
        var greeks = OptionExposures.Of(run.Protocol.Evaluate(state, at, Shock.None)).ShouldHaveSingleItem();

        double Worth(uint ppm, ulong seconds)
        {
            var report = run.Protocol.Evaluate(state, at, new Shock(new Dictionary<Address, uint> { [FakeLyra.Base] = ppm }, seconds));
            return report.Positions.Where(leg => leg.Option is not null).Sum(leg => leg.Value.ToDouble() / 1e18 * (leg.Side == PositionSide.Debt ? -1 : 1));
        }

        var step = spot / 1_000;
        greeks.Delta.ShouldBe((Worth(1_001_000, 0) - Worth(999_000, 0)) / (2 * step), 1e-4);
        greeks.Gamma.ShouldBe((Worth(1_001_000, 0) - (2 * Worth(1_000_000, 0)) + Worth(999_000, 0)) / (step * step), 1e-6);
        greeks.ThetaDay.ShouldBe((Worth(1_000_000, 3_600) - Worth(1_000_000, 0)) * 24, Math.Abs(greeks.ThetaDay) * 0.01);
        greeks.Unpriced.ShouldBeEmpty();
    }

    private static (FakeLyra Market, ProtocolRun Run) Begin(FakeLyra market)
    {
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        market.NextBlock();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        return (market, run);
    }

    private static LyraV1State State(ProtocolRun run, FakeLyra market, Address owner) => (LyraV1State)run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header);

    private static MarginReport Report(ProtocolRun run, FakeLyra market, Address owner) =>
        run.Protocol.Evaluate(State(run, market, owner), new Instant(market.Header.Timestamp), Shock.None);

    private sealed class Profiles : IAssetProfiles
    {
        public string Text => "";

        public AssetProfile Of(ChainId chain, Address token, string symbol) => new("ETH", 0.05, 0, false);

        public double Correlation(string factor, string other) => 0;
    }
}
