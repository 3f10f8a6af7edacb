using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.CompoundV3;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using DefiMonitor.Tests.Protocols.CompoundV3.Fake;

namespace DefiMonitor.Tests.Protocols.CompoundV3;

public sealed class FollowingTests
{
    private static readonly Address Stranger = FakeAddress.Of(0xef, 1);

    [Fact]
    public void A_borrower_who_is_not_in_stands_outside_the_debts_and_the_collaterals()
    {
        var market = new FakeComet(3, 3);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Step(market, run);
        Equations(run, market).ShouldAllBe(static equation => equation.Holds == true);
        market.NextBlock();
        market.SupplyCollateral(Stranger, 1, 7);
        market.WithdrawBase(Stranger, 1_000);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var equations = Equations(run, market);
        equations.Select(static equation => equation.Holds).ShouldBe([false, true, false, true]);
        equations[0].Outside.ShouldBe((UInt128)(-market.PrincipalOf(Stranger)));
        equations[2].Outside.ShouldBe(7u * UInt256.Pow10(18));
    }

    [Fact]
    public void An_upgrade_to_what_is_no_address_is_said_to_be_none()
    {
        var market = new FakeComet(3, 3);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Step(market, run);
        var odd = Keccak256.HashUtf8("no address");
        var log = new Log(FakeComet.Comet, [CometAbi.Upgraded.Topic0, odd], ReadOnlyMemory<byte>.Empty, odd, 0);
        Should.Throw<AbiException>(() => run.Protocol.Apply(market.Header, log, new HashSet<MarginAccountId>()));
    }

    [Fact]
    public void A_loan_by_a_transfer_that_leaves_no_log_is_seen_in_its_block()
    {
        var market = new FakeComet(3, 4);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Step(market, run);
        market.NextBlock();
        var (from, to) = (market.Owners[1], market.Owners[2]);
        (market.PrincipalOf(from) < 0 && market.PrincipalOf(to) < 0).ShouldBeTrue();
        run.Touched.Clear();
        market.TransferBase(from, to, 50_000_000);
        market.Logs.ShouldBeEmpty();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        run.Touched.Order().ShouldBe(new[] { run.Protocol.AccountOf(from), run.Protocol.AccountOf(to) }.Order());
        Words(run, market, from).ShouldBe(market.Truth(from));
        Words(run, market, to).ShouldBe(market.Truth(to));
    }

    [Fact]
    public void Among_more_accounts_than_a_block_reads_those_that_waited_longest_have_their_turn_and_nobody_is_forgotten()
    {
        const int people = 350;
        var market = new FakeComet(3, 5, people: people);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Step(market, run);
        for (var i = 0; i < 5; i++)
        {
            Pass();
        }

        Pass().ShouldBeEmpty("nothing has moved since everybody was read");
        var (from, to) = (market.Owners[7], market.Owners[8]);
        market.NextBlock();
        market.TransferBase(from, to, 50_000_000);
        market.Logs.ShouldBeEmpty();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Equations(run, market)[0].Unsettled.ShouldBe("350 accounts must be read again.");
        market.Owners.Select(TagOf).Count(tag => tag == ResultTag.ChainView).ShouldBeInRange(people - 100, people, "who waits for his turn may have moved");
        var asked = new HashSet<Address>();
        for (var i = 0; i < 4; i++)
        {
            var now = Pass();
            now.Count.ShouldBeLessThanOrEqualTo(100);
            now.ShouldAllBe(user => asked.Add(user), "nobody has a second turn before everybody had one");
        }

        asked.Count.ShouldBe(people);
        Pass().ShouldBeEmpty();
        market.Owners.Select(TagOf).ShouldAllBe(tag => tag == ResultTag.Exact);
        Equations(run, market)[0].Holds.ShouldBe(true);
        Words(run, market, from).ShouldBe(market.Truth(from));
        Words(run, market, to).ShouldBe(market.Truth(to));

        ResultTag TagOf(Address user) => run.Protocol.Evaluate(
            run.Protocol.Capture(run.Protocol.AccountOf(user), market.Header), new Instant(market.Header.Timestamp), Shock.None).Tag;

        List<Address> Pass()
        {
            market.NextBlock();
            run.Take(market.Header, [], market.Owners, isHead: true);
            return [.. run.LastReads.Where(CometAbi.UserBasic.Function.IsCall).Select(CallArguments.First)];
        }
    }

    [Fact]
    public void An_account_that_is_not_read_in_its_turn_becomes_unknown_when_the_market_has_moved()
    {
        var market = new FakeComet(3, 6);
        var silent = market.Owners[2];
        var lost = false;
        var run = new ProtocolRun(market.NewProtocol(), call => lost && CometAbi.UserBasic.Function.IsCall(call) && CallArguments.First(call) == silent ? null : market.Answer(call));
        Step(market, run);
        market.NextBlock();
        run.Take(market.Header, [], market.Owners, isHead: true);
        lost = true;
        for (var i = 0; i < 6; i++)
        {
            market.NextBlock();
            run.Take(market.Header, [], market.Owners, isHead: true);
        }

        Report(run, market, silent).Status.ShouldNotBe(MarginStatus.Unknown, "nobody has moved anything since it was read");
        market.NextBlock();
        market.Accrue();
        run.Take(market.Header, [], market.Owners, isHead: true);
        (Report(run, market, silent) is { Status: not MarginStatus.Unknown, Tag: ResultTag.ChainView }).ShouldBeTrue("it may have moved, and its read is one block late");
        for (var i = 0UL; i < new ProtocolOptions().MaxReadAgeBlocks; i++)
        {
            market.NextBlock();
            run.Take(market.Header, [], market.Owners, isHead: true);
        }

        Report(run, market, silent).UnknownReason.ShouldNotBeNull().ShouldContain("the market has moved since");
        Report(run, market, market.Owners[1]).Status.ShouldNotBe(MarginStatus.Unknown);
    }

    [Fact]
    public void Totals_that_can_not_be_read_at_the_block_make_everybody_unknown()
    {
        var market = new FakeComet(3, 7);
        var reverts = false;
        var run = new ProtocolRun(market.NewProtocol(), call => reverts && CometAbi.TotalsBasic.Function.IsCall(call) ? new CallResult(false, default) : market.Answer(call));
        Step(market, run);
        reverts = true;
        Step(market, run);
        Report(run, market, market.Owners[1]).UnknownReason.ShouldNotBeNull().ShouldContain("totals");
        reverts = false;
        Step(market, run);
        Words(run, market, market.Owners[1]).ShouldBe(market.Truth(market.Owners[1]));
    }

    [Fact]
    public void An_upgrade_closes_the_market_until_its_parameters_are_read_again()
    {
        var market = new FakeComet(3, 8);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Step(market, run);
        market.NextBlock();
        market.Upgrade(0, 600_000_000_000_000_000);
        run.Take(market.Header, market.Logs, market.Owners, isHead: false);
        run.Protocol.IsOpen.ShouldBeFalse();
        Report(run, market, market.Owners[1]).UnknownReason.ShouldNotBeNull().ShouldContain("upgraded");
        market.NextBlock();
        run.Take(market.Header, [], market.Owners, isHead: true);
        Words(run, market, market.Owners[1]).ShouldBe(market.Truth(market.Owners[1]));
    }

    [Fact]
    public void A_dead_feed_makes_only_its_holders_unknown_and_is_named()
    {
        var market = new FakeComet(3, 9, isEmpty: true);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        market.SupplyBase(market.Owners[0], 1_000_000);
        market.SupplyCollateral(market.Owners[1], 0, 10);
        market.SupplyCollateral(market.Owners[2], 1, 10);
        market.WithdrawBase(market.Owners[1], 1_000);
        market.WithdrawBase(market.Owners[2], 1_000);
        market.Prices[0] = null;
        run.Take(market.Header, [], market.Owners, isHead: true);
        Report(run, market, market.Owners[1]).UnknownReason.ShouldNotBeNull().ShouldContain(market.Assets[0].PriceFeed.ToString());
        Report(run, market, market.Owners[2]).Status.ShouldBe(MarginStatus.Healthy);
        Report(run, market, market.Owners[0]).Status.ShouldBe(MarginStatus.Healthy);
        var slots = market.Owners.Select(owner => run.Protocol.SlotOf(run.Protocol.AccountOf(owner))).ToArray();
        var verdicts = new Verdict[slots.Length];
        run.Protocol.JudgeMany(slots, market.Header, new Instant(market.Header.Timestamp), verdicts);
        verdicts.Take(3).Select(static verdict => verdict.Status).ShouldBe([MarginStatus.Healthy, MarginStatus.Unknown, MarginStatus.Healthy]);
    }

    [Fact]
    public void Whoever_gets_collateral_is_found_as_one_who_may_borrow_and_whoever_only_lends_is_not()
    {
        var market = new FakeComet(3, 10, isEmpty: true);
        var protocol = market.NewProtocol();
        market.SupplyBase(market.Owners[0], 1_000);
        market.SupplyCollateral(market.Owners[1], 0, 10);
        market.TransferCollateral(market.Owners[1], market.Owners[2], 0, 50);
        market.Logs.Select(protocol.Discover).Where(static found => found is not null)
            .ShouldBe([protocol.AccountOf(market.Owners[1]), protocol.AccountOf(market.Owners[2])]);
    }

    [Fact]
    public void An_absorb_is_told_once_with_all_that_it_took_and_the_debt_that_it_ended()
    {
        var market = new FakeComet(3, 11, isEmpty: true);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        var alice = market.Owners[1];
        market.SupplyBase(market.Owners[0], 1_000_000);
        market.SupplyCollateral(alice, 0, 10);
        market.SupplyCollateral(alice, 2, 5);
        market.WithdrawBase(alice, 15_000);
        run.Take(market.Header, [], market.Owners, isHead: true);
        market.NextBlock();
        market.Absorb(market.Owners[0]);
        market.Absorb(alice);
        market.Absorb(alice);
        var told = new List<Liquidation>();
        foreach (var log in market.Logs)
        {
            run.Protocol.Apply(market.Header, log, run.Touched);
            told.AddRange(run.Protocol.LiquidationOf(log) is { } found ? [found] : []);
        }

        var one = told.ShouldHaveSingleItem();
        one.Account.ShouldBe(run.Protocol.AccountOf(alice));
        one.DebtAsset.ShouldBe(FakeComet.BaseToken);
        one.DebtRepaid.ShouldBeInRange(15_000_000_000ul, 15_001_000_000ul);
        (one.CollateralAsset, one.CollateralTaken).ShouldBe((market.Assets[0].Asset, 10u * UInt256.Pow10(18)));
        one.AlsoTaken.ShouldHaveSingleItem().ShouldBe(new TakenCollateral(market.Assets[2].Asset, 5u * UInt256.Pow10(8)));
        market.PrincipalOf(alice).ShouldBeGreaterThan(0, "what was left over is supply now, and no part of the debt");
    }

    [Fact]
    public void A_report_tells_edges_ways_out_and_what_an_absorb_takes()
    {
        var market = new FakeComet(3, 12, isEmpty: true);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        var alice = market.Owners[1];
        market.SupplyBase(market.Owners[0], 1_000_000);
        market.SupplyCollateral(alice, 0, 10);
        market.SupplyCollateral(alice, 1, 2);
        market.WithdrawBase(alice, 15_000);
        run.Take(market.Header, [], market.Owners, isHead: true);
        var report = Report(run, market, alice);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Unit.ShouldBe("USD");
        var edges = report.Triggers.ShouldHaveSingleItem().Edges;
        edges.Select(static edge => edge.Symbol).ShouldBe(["C0", "USDC"]);
        report.Remedies.Select(static remedy => remedy.Kind).ShouldBe([RemedyKind.Repay, RemedyKind.Deposit, RemedyKind.Deposit], ignoreOrder: true);
        report.Remedies.ShouldAllBe(static remedy => remedy.Caveat == null);

        market.NextBlock(0);
        market.Prices[0] = edges[0].Price;
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var below = Report(run, market, alice);
        below.Status.ShouldBe(MarginStatus.Liquidatable);
        below.Liquidations.Select(static quote => quote.CollateralTaken).ShouldBe([10u * UInt256.Pow10(18), 2u * UInt256.Pow10(18)]);

        market.NextBlock(0);
        market.Prices[0] = edges[0].Price + UInt256.One;
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, alice).Status.ShouldBe(MarginStatus.Healthy);
    }

    [Fact]
    public void Pauses_caps_and_the_least_loan_are_said_where_they_stand_in_the_way()
    {
        var market = new FakeComet(3, 13, isEmpty: true);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        var alice = market.Owners[1];
        market.SupplyBase(market.Owners[0], 1_000_000);
        market.SupplyCollateral(alice, 0, 10);
        market.WithdrawBase(alice, 16_000);
        market.Assets[0] = market.Assets[0] with { SupplyCap = (UInt128)(11u * UInt256.Pow10(18)) };
        run.Take(market.Header, [], market.Owners, isHead: true);
        Report(run, market, alice).Remedies.Single(static remedy => remedy.Kind == RemedyKind.Deposit).Caveat
            .ShouldBe("The supply cap leaves room for 1 C0 only.");

        market.NextBlock(0);
        market.Prices[0] = market.Prices[0] * 93u / 100u;
        market.Pause(PauseFlags.Supply | PauseFlags.Absorb);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var paused = Report(run, market, alice);
        paused.Status.ShouldBe(MarginStatus.Liquidatable);
        paused.Blocked.ShouldHaveSingleItem().Code.ShouldBe("paused");
        paused.Remedies.ShouldAllBe(static remedy => remedy.Caveat!.Contains("paused"));

        market.NextBlock(0);
        market.Pause(PauseFlags.None);
        market.Prices[0] = 600_000_000u;
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, alice).Remedies.Single(static remedy => remedy.Kind == RemedyKind.Repay).Caveat.ShouldNotBeNull().ShouldContain("least loan of 100 USDC");
    }

    [Fact]
    public void A_log_that_does_not_follow_has_the_collaterals_read_again()
    {
        var market = new FakeComet(3, 14);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Step(market, run);
        var alice = market.Owners[1];
        var asset = Enumerable.Range(0, 3).First(i => market.CollateralOf(alice, i) != 0);
        var before = market.CollateralOf(alice, asset);
        market.NextBlock();

        // A balance that came without a log, then more is taken than we know of.
        market.Give(alice, asset, before);
        market.WithdrawCollateral(alice, asset, 90);
        run.Take(market.Header, market.Logs, market.Owners, isHead: false);
        Report(run, market, alice).Status.ShouldBe(MarginStatus.Unknown);
        market.NextBlock();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Words(run, market, alice).ShouldBe(market.Truth(alice));
    }

    private static IReadOnlyList<Completeness> Equations(ProtocolRun run, FakeComet market)
    {
        var answers = new CallResults();
        foreach (var call in run.Protocol.Totals())
        {
            answers.Set(call, market.Answer(call));
        }

        return run.Protocol.Complete(answers);
    }

    private static List<UInt256> Words(ProtocolRun run, FakeComet market, Address owner) => [.. Report(run, market, owner).NativeWords.Select(static word => word.Value)];

    private static MarginReport Report(ProtocolRun run, FakeComet market, Address owner) => run.Protocol.Evaluate(
        run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header), new Instant(market.Header.Timestamp), Shock.None);

    private static void Step(FakeComet market, ProtocolRun run)
    {
        market.Mine();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
    }
}
