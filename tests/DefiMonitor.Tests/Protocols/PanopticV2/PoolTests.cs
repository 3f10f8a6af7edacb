using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.PanopticV2;
using DefiMonitor.Tests.Protocols.PanopticV2.Fake;

namespace DefiMonitor.Tests.Protocols.PanopticV2;

public sealed class PoolTests
{
    [Fact]
    public void The_pools_decision_at_the_four_ticks_is_the_verdict()
    {
        var market = new FakePanoptic(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Mint(owner, market.Tick - 500, market.Tick + 700);
        var run = Begin(market);
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Tag.ShouldBe(ResultTag.ChainView);
        (report.HealthFactor >= FixedPoint.Wad).ShouldBeTrue();

        market.Tick -= 501;
        Next(market, run);
        var mixed = Report(run, market, owner);
        mixed.Status.ShouldBe(MarginStatus.Healthy, "insolvent at one of four ticks is no liquidation");
        mixed.HealthFactor.ShouldBe(FixedPoint.Wad);
        Agrees(run, market, owner, isLiquidatable: false);

        (market.Spot, market.Latest, market.Twap) = (market.Tick, market.Tick, market.Tick);
        Next(market, run);
        var insolvent = Report(run, market, owner);
        insolvent.Status.ShouldBe(MarginStatus.Liquidatable);
        (insolvent.HealthFactor < FixedPoint.Wad).ShouldBeTrue();
        insolvent.Triggers.Single().Active.ShouldBeTrue();
        Agrees(run, market, owner, isLiquidatable: true);
    }

    [Fact]
    public void The_edges_narrow_to_the_tick_in_a_few_blocks_with_a_bounded_number_of_calls()
    {
        var market = new FakePanoptic(2, isEmpty: true);
        var owner = market.Owners[0];
        var (low, high) = (market.Tick - 1_777, market.Tick + 333);
        market.Mint(owner, low, high);
        var run = Begin(market);
        for (var i = 0; i < 9; i++)
        {
            Next(market, run);
            run.LastReads.Count(PanopticAbi.IsAccountSolvent.Function.IsCall).ShouldBeLessThanOrEqualTo(ProbePlan.Most);
        }

        var units = new PoolUnits(State(run, market, owner));
        var edges = Report(run, market, owner).Triggers.Single().Edges;
        edges.Single(edge => edge.Side == EdgeSide.Falls).Price.ShouldBe(units.PriceAt(low));
        edges.Single(edge => edge.Side == EdgeSide.Rises).Price.ShouldBe(units.PriceAt(high));
        Report(run, market, owner).NearEdges!.Select(static edge => edge.Price).ShouldBe(edges.Select(static edge => edge.Price));
    }

    [Fact]
    public void Positions_of_before_are_taken_when_they_are_stated_and_proved_and_else_the_account_is_unknown()
    {
        var market = new FakePanoptic(3, isEmpty: true);
        var owner = market.Owners[0];
        var first = market.Mint(owner, market.Tick - 900, market.Tick + 900);
        var second = market.Mint(owner, market.Tick - 900, market.Tick + 900);
        market.NextBlock();

        market.Stated = () => [];
        var none = Report(Begin(market), market, owner);
        none.Status.ShouldBe(MarginStatus.Unknown);
        none.UnknownReason.ShouldNotBeNull().ShouldStartWith("The pool counts 2 legs of the account and 0 are known");

        market.Stated = () => [first];
        Report(Begin(market), market, owner).UnknownReason.ShouldNotBeNull().ShouldStartWith("The pool counts 2 legs of the account and 1 are known");

        market.Stated = () => [second, first, (UInt256)7u];
        Report(Begin(market), market, owner).Status.ShouldBe(MarginStatus.Healthy);
    }

    [Fact]
    public void A_stated_position_that_was_not_answered_on_entering_goes_on_being_asked_for()
    {
        var market = new FakePanoptic(3, isEmpty: true);
        var owner = market.Owners[0];
        var first = market.Mint(owner, market.Tick - 900, market.Tick + 900);
        var second = market.Mint(owner, market.Tick - 1_000, market.Tick + 900);
        market.NextBlock();
        market.Stated = () => [first, second];
        var isLost = true;
        var asked = PanopticAbi.FullPositionsData.Function.Call(FakePanoptic.Pool, owner, false, new[] { second });
        var run = new ProtocolRun(market.NewProtocol(), call => isLost && call.Equals(asked) ? new CallResult(false, default) : market.Answer(call));
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        for (var i = 0; i < 3; i++)
        {
            Report(run, market, owner).UnknownReason.ShouldNotBeNull().ShouldStartWith("The pool counts 2 legs of the account and 1 are known");
            Next(market, run);
        }

        isLost = false;
        Next(market, run);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Unknown, "what the pool said last it said of another list");
        Next(market, run);
        Next(market, run);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Healthy);
        Agrees(run, market, owner, isLiquidatable: false);
        Next(market, run);
        run.LastReads.ShouldNotContain(asked, "the hash is proved");
    }

    [Fact]
    public void Of_many_stated_positions_some_are_asked_for_in_each_block_and_the_missing_one_is_found()
    {
        var market = new FakePanoptic(3, isEmpty: true);
        var (owner, rich) = (market.Owners[0], market.Owners[5]);
        List<UInt256> stated = [.. Enumerable.Range(0, 300).Select(i => market.Mint(rich, market.Tick - 900 - i, market.Tick + 900))];
        var missing = market.Mint(owner, market.Tick - 900, market.Tick + 900);
        stated.Add(missing);
        market.NextBlock();
        market.Stated = () => stated;
        var isLost = true;
        var run = new ProtocolRun(market.NewProtocol(), call => isLost && PanopticAbi.FullPositionsData.Function.IsCall(call) ? new CallResult(false, default) : market.Answer(call));
        run.Take(market.Header, [], [owner], isHead: true);
        isLost = false;
        var blocks = 0;
        for (; Report(run, market, owner).Status == MarginStatus.Unknown; blocks++)
        {
            blocks.ShouldBeLessThan(300);
            market.NextBlock();
            run.Take(market.Header, [], [owner], isHead: true);
            run.LastReads.Count(PanopticAbi.FullPositionsData.Function.IsCall).ShouldBeLessThanOrEqualTo(33);
        }

        blocks.ShouldBeGreaterThan(3);
    }

    [Fact]
    public void A_lost_burn_and_a_lost_mint_are_mended_where_the_new_position_is_stated()
    {
        var market = new FakePanoptic(4, isEmpty: true);
        var owner = market.Owners[0];
        var gone = market.Mint(owner, market.Tick - 900, market.Tick + 900);
        var twin = new FakePanoptic(4, isEmpty: true);
        twin.Mint(owner, twin.Tick - 900, twin.Tick + 900);
        var next = twin.Mint(owner, twin.Tick - 900, twin.Tick + 900);
        market.Stated = () => [gone, next];
        var run = Begin(market);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Healthy);
        market.NextBlock();
        market.Burn(owner, gone);
        market.Mint(owner, market.Tick - 900, market.Tick + 900).ShouldBe(next);

        // The block's logs are lost.
        run.Take(market.Header, [], market.Owners, isHead: true);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Unknown);
        for (var i = 0; i < 3; i++)
        {
            Next(market, run);
        }

        Report(run, market, owner).Status.ShouldBe(MarginStatus.Healthy);
        State(run, market, owner).Positions.Select(static position => position.TokenId).ShouldBe([next]);
        Agrees(run, market, owner, isLiquidatable: false);
    }

    [Fact]
    public void A_list_with_as_many_legs_that_the_hash_does_not_stand_for_is_unknown()
    {
        var market = new FakePanoptic(4, isEmpty: true);
        var owner = market.Owners[0];
        var gone = market.Mint(owner, market.Tick - 900, market.Tick + 900);
        market.Mint(owner, market.Tick - 900, market.Tick + 900);
        var run = Begin(market);
        market.NextBlock();
        market.Burn(owner, gone);
        market.Mint(owner, market.Tick - 900, market.Tick + 900);

        // The block's logs are lost.
        run.Take(market.Header, [], market.Owners, isHead: true);
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason.ShouldNotBeNull().ShouldContain("hash stands for");
    }

    [Theory]
    [InlineData("NotEnoughTokens(address,uint256,uint256)", MarginStatus.Healthy)]
    [InlineData("StaleOracle()", MarginStatus.Healthy)]
    public void Where_settling_fails_for_a_reason_of_its_own_closing_tells(string why, MarginStatus expected)
    {
        var market = new FakePanoptic(5, isEmpty: true) { SettlingFails = why };
        var owner = market.Owners[0];
        market.Mint(owner, market.Tick - 900, market.Tick + 900);
        market.Mint(owner, market.Tick - 900, market.Tick + 900);
        Report(Begin(market), market, owner).Status.ShouldBe(expected);
    }

    [Theory]
    [InlineData(0u, 1u, MarginStatus.Healthy)]
    [InlineData(3u, 4u, MarginStatus.Healthy)]
    [InlineData(4u, 4u, MarginStatus.Unknown)]
    [InlineData(0u, 5u, MarginStatus.Unknown)]
    public void Who_fails_the_test_after_a_settlement_was_solvent_where_a_liquidation_is_decided(uint solvent, uint ticks, MarginStatus expected)
    {
        var market = new FakePanoptic(5, isEmpty: true) { SettlingFails = "AccountInsolvent(uint256,uint256)", SettlingFailsWith = [solvent, ticks] };
        var owner = market.Owners[0];
        market.Mint(owner, market.Tick - 900, market.Tick + 900);
        var run = Begin(market);
        Report(run, market, owner).Status.ShouldBe(expected);
        if (expected == MarginStatus.Healthy)
        {
            Agrees(run, market, owner, isLiquidatable: false);
        }
    }

    [Fact]
    public void Who_can_be_liquidated_is_told_one_block_after_his_list_was_mended()
    {
        var market = new FakePanoptic(3, isEmpty: true);
        var owner = market.Owners[0];
        var first = market.Mint(owner, market.Tick - 900, market.Tick + 900);
        var second = market.Mint(owner, market.Tick + 1, market.Tick + 900);
        market.NextBlock();
        market.Stated = () => [first, second];
        var isLost = true;
        var asked = PanopticAbi.FullPositionsData.Function.Call(FakePanoptic.Pool, owner, false, new[] { second });
        var run = new ProtocolRun(market.NewProtocol(), call => isLost && call.Equals(asked) ? new CallResult(false, default) : market.Answer(call));
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Next(market, run);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Unknown);
        isLost = false;
        Next(market, run);
        run.Protocol.HasEntered(run.Protocol.AccountOf(owner)).ShouldBeFalse();
        Next(market, run);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Liquidatable);
        Agrees(run, market, owner, isLiquidatable: true);
    }

    [Theory]
    [InlineData(900, MarginStatus.Healthy)]
    [InlineData(-900, MarginStatus.Unknown)]
    public void An_only_position_that_closing_exercises_is_of_a_solvent_account_unless_settling_speaks_of_insolvency(int room, MarginStatus expected)
    {
        var market = new FakePanoptic(5, isEmpty: true) { SettlingFails = "NotEnoughTokens(address,uint256,uint256)", IsExercisable = true, TickCount = 5 };
        var owner = market.Owners[0];
        market.Mint(owner, market.Tick - room, market.Tick + room);
        Report(Begin(market), market, owner).Status.ShouldBe(expected);
    }

    [Fact]
    public void Collateral_alone_has_nothing_to_liquidate_and_a_loan_is_a_leg()
    {
        var market = new FakePanoptic(6, isEmpty: true);
        var run = Begin(market);
        var report = Report(run, market, market.Owners[0]);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.HealthFactor.ShouldBeNull();
        report.Triggers.ShouldBeEmpty();
        report.Positions.Select(static leg => leg.Symbol).ShouldBe(["WETH", "USDC"]);
        report.Unit.ShouldBe("USDC");

        market.NextBlock();
        market.Mint(market.Owners[0], market.Tick - 900, market.Tick + 900);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var option = Report(run, market, market.Owners[0]).Positions.Single(static leg => leg.Option is not null);
        option.Side.ShouldBe(PositionSide.Debt);
        option.Option!.Kind.ShouldBe(OptionKind.Put);
        option.Option.Mark.ShouldBeNull("what it is worth stands in the margin alone");
    }

    [Fact]
    public void A_shocked_price_is_held_against_the_edges_and_says_that_it_is_a_model()
    {
        var market = new FakePanoptic(7, isEmpty: true);
        var owner = market.Owners[0];
        market.Mint(owner, market.Tick - 1_000, market.Tick + 40_000);
        var run = Begin(market);
        for (var i = 0; i < 8; i++)
        {
            Next(market, run);
        }

        // 1.0001^-1,000 is nine and a half per cent down.
        Shocked(920_000).Status.ShouldBe(MarginStatus.Healthy);
        var fallen = Shocked(900_000);
        fallen.Status.ShouldBe(MarginStatus.Liquidatable);
        fallen.Tag.ShouldBe(ResultTag.Model);
        Shocked(50_000_000).UnknownReason.ShouldNotBeNull("nothing was asked out there").ShouldContain("probed");
        market.Tick -= 1_001;
        (market.Spot, market.Latest, market.Twap) = (market.Tick, market.Tick, market.Tick);
        Next(market, run);
        Shocked(990_000).Status.ShouldBe(MarginStatus.Unknown, "who is insolvent does not become healthy by a fall");

        MarginReport Shocked(uint ppm) => run.Protocol.Evaluate(
            State(run, market, owner), new Instant(market.Header.Timestamp), new Shock(new Dictionary<Address, uint> { [FakePanoptic.Weth] = ppm }, 0));
    }

    [Fact]
    public void Where_nothing_is_required_of_one_token_the_other_decides()
    {
        // Insolvent in token1, of which all is required, with nothing in token0 at all: on either side of a price of 1.
        foreach (var tick in new[] { -6_000, 6_000 })
        {
            var (balance, requirement, _) = Solvency.Weakest(new PanopticMargin(tick, 0, 0, 60u, 90u, 0, 0), 8_000_000u, 8_000_000u);
            (balance < requirement).ShouldBeTrue($"tick {tick}");
            (balance, requirement, _) = Solvency.Weakest(new PanopticMargin(tick, 60u, 90u, 0, 0, 0, 0), 8_000_000u, 8_000_000u);
            (balance < requirement).ShouldBeTrue($"tick {tick}");
        }
    }

    [Fact]
    public void A_liquidation_is_told_and_a_mint_is_discovered()
    {
        var market = new FakePanoptic(8, isEmpty: true);
        var owner = market.Owners[2];
        var run = Begin(market);
        market.NextBlock();
        market.Mint(owner, 0, 1);
        market.Logs.Select(run.Protocol.Discover).OfType<MarginAccountId>().ShouldBe([run.Protocol.AccountOf(owner)]);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);

        market.NextBlock();
        market.Liquidate(owner);
        market.Logs.Select(run.Protocol.LiquidationOf).OfType<Liquidation>().Single().Account.ShouldBe(run.Protocol.AccountOf(owner));
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, owner).HealthFactor.ShouldBeNull();
    }

    private static void Next(FakePanoptic market, ProtocolRun run)
    {
        market.NextBlock();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
    }

    private static void Agrees(ProtocolRun run, FakePanoptic market, Address owner, bool isLiquidatable)
    {
        var answers = new CallResults();
        foreach (var call in run.Protocol.Confirm(run.Protocol.AccountOf(owner)))
        {
            answers.Set(call, market.Answer(call));
        }

        var agreement = run.Protocol.Compare(State(run, market, owner), answers);
        agreement.Kind.ShouldBe(AgreementKind.Equal, agreement.Text);
        agreement.ChainSaysLiquidatable.ShouldBe(isLiquidatable);
    }

    private static ProtocolRun Begin(FakePanoptic market)
    {
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        return run;
    }

    private static PanopticV2State State(ProtocolRun run, FakePanoptic market, Address owner) => (PanopticV2State)run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header);

    private static MarginReport Report(ProtocolRun run, FakePanoptic market, Address owner) => run.Protocol.Evaluate(State(run, market, owner), new Instant(market.Header.Timestamp), Shock.None);
}
