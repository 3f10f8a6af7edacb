using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.MorphoBlue;
using DefiMonitor.Tests.Protocols.MorphoBlue.Fake;

namespace DefiMonitor.Tests.Protocols.MorphoBlue;

public sealed class FollowingTests
{
    [Fact]
    public void The_shares_of_all_accounts_are_the_markets_at_every_block()
    {
        var market = new FakeMorpho(IrmKind.AdaptiveCurve, 3);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        for (var i = 0; i < 100; i++)
        {
            Step(market, run);
            var sum = UInt256.Zero;
            foreach (var owner in market.Owners)
            {
                sum += Word(Report(run, market, owner), "borrowShares");
            }

            sum.ShouldBe(Word(Report(run, market, market.Owners[0]), "totalBorrowShares"));
        }
    }

    [Fact]
    public void A_log_that_does_not_follow_closes_the_market_until_it_is_read_again()
    {
        var market = new FakeMorpho(IrmKind.AdaptiveCurve, 4);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Step(market, run);
        market.NextBlock();
        market.Totals = market.Totals with { SupplyAssets = UInt128.MaxValue / 4, SupplyShares = UInt128.MaxValue / 4 };
        market.Withdraw(1_000_000_000_000_000_000);
        run.Take(market.Header, market.Logs, market.Owners, isHead: false);
        run.Protocol.IsOpen.ShouldBeFalse();
        Report(run, market, market.Owners[1]).UnknownReason.ShouldNotBeNull().ShouldContain("does not follow from the totals");
        Step(market, run);
        Report(run, market, market.Owners[1]).NativeWords.Select(word => word.Value).ShouldBe(market.Truth(market.Owners[1]));
    }

    [Fact]
    public void A_market_that_morpho_does_not_have_is_named_and_never_opens()
    {
        var market = new FakeMorpho(IrmKind.AdaptiveCurve, 5, isEmpty: true) { Parameters = default };
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Step(market, run);
        run.Protocol.IsOpen.ShouldBeFalse();
        Report(run, market, market.Owners[0]).UnknownReason.ShouldNotBeNull().ShouldContain("Morpho has no market with the id");
    }

    [Fact]
    public void An_oracle_that_reverts_makes_its_market_unknown_and_says_which()
    {
        var market = new FakeMorpho(IrmKind.AdaptiveCurve, 6);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Step(market, run);
        market.NextBlock();
        market.Price = null;
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, market.Owners[0]).UnknownReason.ShouldNotBeNull().ShouldContain(FakeMorpho.Oracle.ToString());
    }

    [Fact]
    public void Only_whose_own_position_moved_is_touched()
    {
        var market = new FakeMorpho(IrmKind.AdaptiveCurve, 7);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Step(market, run);
        run.Touched.Clear();
        market.NextBlock();
        market.Price = FakeMorpho.PriceOf(1_900);
        market.Borrow(market.Owners[2], 100);
        market.BorrowElsewhere(market.Owners[3]);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        run.Touched.ShouldHaveSingleItem().ShouldBe(run.Protocol.AccountOf(market.Owners[2]));
    }

    [Fact]
    public void A_borrower_is_discovered_in_his_own_market_only()
    {
        var market = new FakeMorpho(IrmKind.AdaptiveCurve, 8, isEmpty: true);
        var protocol = market.NewProtocol();
        market.NextBlock();
        market.BorrowElsewhere(market.Owners[0]);
        market.Logs.Select(protocol.Discover).ShouldAllBe(found => found == null);
        market.Supply(1_000);
        market.Borrow(market.Owners[1], 10);
        market.Logs.Select(protocol.Discover).Where(found => found is not null).ShouldHaveSingleItem().ShouldBe(protocol.AccountOf(market.Owners[1]));
    }

    [Fact]
    public void A_liquidation_is_told_with_both_tokens()
    {
        var market = new FakeMorpho(IrmKind.AdaptiveCurve, 9, isEmpty: true);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        market.Supply(1_000_000);
        market.SupplyCollateral(market.Owners[1], 10);
        market.Borrow(market.Owners[1], 20_000);
        run.Take(market.Header, [], market.Owners, isHead: true);
        market.NextBlock();
        market.Price = FakeMorpho.PriceOf(2_200);
        market.Liquidate(market.Owners[1], 40);
        var told = market.Logs.Select(run.Protocol.LiquidationOf).Where(found => found is not null).ShouldHaveSingleItem().ShouldNotBeNull();
        told.Account.ShouldBe(run.Protocol.AccountOf(market.Owners[1]));
        told.CollateralAsset.ShouldBe(FakeMorpho.CollateralToken);
        told.CollateralTaken.ShouldBe(4u * UInt256.Pow10(18));
        told.DebtAsset.ShouldBe(FakeMorpho.LoanToken);
    }

    [Fact]
    public void A_report_tells_its_edge_in_the_oracles_own_units_and_its_quote()
    {
        var market = new FakeMorpho(IrmKind.AdaptiveCurve, 10, isEmpty: true);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        market.Supply(1_000_000);
        market.SupplyCollateral(market.Owners[1], 10);
        market.Borrow(market.Owners[1], 20_000);
        run.Take(market.Header, [], market.Owners, isHead: true);
        var report = Report(run, market, market.Owners[1]);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Unit.ShouldBe("USDC");
        report.UnitDecimals.ShouldBe(24);
        var edge = report.Triggers.ShouldHaveSingleItem().Edges.ShouldHaveSingleItem();
        edge.CurrentPrice.ShouldBe(market.Price.ShouldNotBeNull());
        report.Remedies.Select(remedy => remedy.Kind).ShouldBe([RemedyKind.Repay, RemedyKind.Deposit], ignoreOrder: true);

        market.NextBlock(0);
        market.Price = edge.Price;
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var below = Report(run, market, market.Owners[1]);
        below.Status.ShouldBe(MarginStatus.Liquidatable);
        below.Liquidations.ShouldHaveSingleItem().DebtToCover.ShouldBe(Word(below, "borrowed"));

        market.NextBlock(0);
        market.Price = edge.Price + UInt256.One;
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, market.Owners[1]).Status.ShouldBe(MarginStatus.Healthy);
    }

    [Fact]
    public void A_dearer_loan_token_is_a_cheaper_collateral()
    {
        var market = new FakeMorpho(IrmKind.AdaptiveCurve, 11);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Step(market, run);
        var state = run.Protocol.Capture(run.Protocol.AccountOf(market.Owners[0]), market.Header);
        var shock = new Shock(new Dictionary<Address, uint> { [FakeMorpho.LoanToken] = 1_250_000 }, 0);
        var report = run.Protocol.Evaluate(state, new Instant(market.Header.Timestamp), shock);
        Word(report, "price").ShouldBe(market.Price!.Value * 1_000_000u / 1_250_000u);
    }

    private static UInt256 Word(MarginReport report, string name) => report.NativeWords.Single(word => word.Name == name).Value;

    private static MarginReport Report(ProtocolRun run, FakeMorpho market, Address owner) => run.Protocol.Evaluate(
        run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header), new Instant(market.Header.Timestamp), Shock.None);

    private static void Step(FakeMorpho market, ProtocolRun run)
    {
        market.Mine();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
    }
}
