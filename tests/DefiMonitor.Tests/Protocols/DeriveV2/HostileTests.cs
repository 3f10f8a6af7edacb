using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.DeriveV2;
using DefiMonitor.Tests.Protocols.DeriveV2.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.DeriveV2;

/// <summary>What is asked of whom, what is kept of it, and what strangers and odd answers may not do.</summary>
public sealed class HostileTests
{
    private static readonly Address Stranger = FakeDerive.At(0x77, 7);

    private readonly FakeDerive fake = new(1, isEmpty: true);
    private readonly ProtocolRun run;

    public HostileTests() => run = new ProtocolRun(fake.NewProtocol(), call => Lost.Any(function => function.IsCall(call)) ? null : Twist?.Invoke(call) ?? fake.Answer(call));

    /// <summary>Asked, and never answered.</summary>
    private HashSet<AbiFunction> Lost { get; } = [];

    private Func<Call, CallResult?>? Twist { get; set; }

    private FakeSubAccount One => fake.Accounts[1];

    private ulong NextWeek => fake.Expiries[1];

    [Fact]
    public void A_manager_that_nobody_named_is_not_asked_and_brings_nobody_in()
    {
        Short();
        fake.NextBlock();
        fake.Move(One, Stranger);
        fake.Set(One, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(-5));
        fake.Logs.Select(run.Protocol.Discover).ShouldAllBe(static found => found == null);
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
        var account = run.Protocol.AccountOf(FakeDerive.KeyOf(1));
        run.LastReads.Concat(run.Protocol.Confirm(account)).ShouldAllBe(call => call.To != Stranger);
        Report().Status.ShouldBe(MarginStatus.Unknown);

        // And once he is back with a manager that is known he is judged as before.
        fake.NextBlock();
        fake.Move(One, FakeDerive.Standard);
        fake.Set(One, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(-6));
        fake.Logs.Select(run.Protocol.Discover).ShouldContain(account);
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
        Report().Status.ShouldNotBe(MarginStatus.Unknown);
    }

    [Fact]
    public void Whether_an_auction_may_start_is_asked_at_every_block_and_no_older_word_is_told()
    {
        Short(cash: 10);
        Report().Blocked.ShouldBeEmpty();
        fake.IsAccepted = false;
        Step();
        Report().Blocked.Single().Code.ShouldBe("manager");
        fake.IsAccepted = true;
        Step();
        Report().Blocked.ShouldBeEmpty();

        fake.IsAccepted = false;
        Step();
        Lost.Add(DeriveAbi.ManagerWhitelisted);
        for (ulong i = 0; i <= new ProtocolOptions().MaxReadAgeBlocks; i++)
        {
            Step();
        }

        Report().Status.ShouldBe(MarginStatus.Liquidatable);
        Report().Blocked.ShouldBeEmpty();
    }

    [Fact]
    public void What_a_first_bid_takes_goes_by_the_auctions_terms_of_the_block_and_is_not_told_without_them()
    {
        Short(cash: 0);
        fake.Set(One, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(-1) - fake.Margin(One).Maintenance);
        Step();
        var before = Report().Liquidations.Single();
        fake.AuctionStart = FakeDerive.Wad(8) / 10;
        Step();
        Report().Liquidations.Single().DebtToCover.ShouldNotBe(before.DebtToCover);

        Lost.Add(DeriveAbi.GetAuctionParams);
        for (ulong i = 0; i <= new ProtocolOptions().MaxReadAgeBlocks; i++)
        {
            Step();
        }

        Report().Status.ShouldBe(MarginStatus.Liquidatable);
        Report().Liquidations.ShouldBeEmpty();
    }

    [Fact]
    public void A_what_if_of_a_model_that_is_off_is_unknown_and_says_by_what()
    {
        Short();
        var rise = new Shock(new Dictionary<Address, uint> { [fake.Ethereum.Token] = 1_100_000 }, 0);
        Report(rise).Status.ShouldBe(MarginStatus.Healthy);
        fake.Offset = FakeDerive.Wad(1);
        Step();
        Report().Status.ShouldBe(MarginStatus.Healthy);
        Report(rise).Status.ShouldBe(MarginStatus.Unknown);
        Report(rise).UnknownReason!.ShouldContain("our model is off");
    }

    [Fact]
    public void What_nobody_needs_any_more_is_not_kept()
    {
        Short();
        Pass();
        var kept = Answers();
        for (var strike = 1_000; strike < 1_020; strike++)
        {
            fake.Hold(One, fake.Ethereum, fake.Expiries[2], strike, isCall: true, FakeDerive.Wad(-1));
            Step();
            fake.Hold(One, fake.Ethereum, fake.Expiries[2], strike, isCall: true, 0);
            Step();
        }

        Answers().ShouldBeGreaterThan(kept);
        Pass();
        Answers().ShouldBe(kept);
        Report().Status.ShouldBe(MarginStatus.Healthy);
        Report().Triggers.Single().Edges.ShouldNotBeEmpty();

        int Answers() => run.Protocol.Tables.Single(static table => table.Name == "answer").Count;

        void Pass()
        {
            for (ulong i = 0; i <= new ProtocolOptions().MaxReadAgeBlocks + 1; i++)
            {
                Step();
            }
        }
    }

    [Fact]
    public void After_its_feeds_were_changed_a_market_is_not_open_before_every_one_was_read_again()
    {
        Short();
        Lost.Add(DeriveAbi.GetMarketFeeds);
        fake.SetOracles(fake.Ethereum);
        Step();
        run.Protocol.IsOpen.ShouldBeFalse();
        Report().Status.ShouldBe(MarginStatus.Unknown);
        Lost.Clear();
        Step();
        run.Protocol.IsOpen.ShouldBeTrue();
        Report().Status.ShouldBe(MarginStatus.Healthy);
        Report().Triggers.Single().Edges.ShouldNotBeEmpty();
    }

    [Fact]
    public void Where_interest_is_accrued_no_more_nobody_is_called_healthy_and_where_that_is_not_told_nothing_is_said()
    {
        Short();
        Report().AccruedAt.ShouldBe(fake.Header.Timestamp);
        fake.AccruedAt = fake.Header.Timestamp;
        fake.NextBlock(2 * 86_400);
        run.Take(fake.Header, [], fake.Owners, isHead: true);
        Report().Status.ShouldBe(MarginStatus.Healthy);
        Step();
        var account = run.Protocol.AccountOf(FakeDerive.KeyOf(1));
        var owner = run.Protocol.AccountOf(FakeDerive.People[1]);
        foreach (var one in new[] { account, owner })
        {
            var report = run.Protocol.Evaluate(run.Protocol.Capture(one, fake.Header), new Instant(fake.Header.Timestamp), Shock.None);
            report.Status.ShouldBe(MarginStatus.Unknown);
            report.AccruedAt.ShouldBe(fake.AccruedAt);
            report.UnknownReason.ShouldBe("No interest has been accrued in derive-v2/eip155:31337/fake since 2025-06-15 15:06:42 UTC, as any movement of cash would: it no longer trades, and what was held there may have moved to Derive v3; name the sub-accounts there in venues.json.");
        }

        var verdicts = new Verdict[1];
        run.Protocol.JudgeMany([run.Protocol.SlotOf(account)], fake.Header, new Instant(fake.Header.Timestamp), verdicts);
        verdicts[0].Status.ShouldBe(MarginStatus.Unknown);

        // What can be liquidated is told all the same.
        One.AuctionSince = fake.Header.Timestamp;
        Step();
        Report().Status.ShouldBe(MarginStatus.Liquidatable);
        One.AuctionSince = 0;

        // A deployment that has no such view, and one that trades again.
        fake.Refused.Add(DeriveAbi.LastTimestamp);
        Step();
        (Report().Status, Report().AccruedAt).ShouldBe((MarginStatus.Healthy, null));
        fake.Refused.Clear();
        fake.AccruedAt = null;
        Step();
        Report().Status.ShouldBe(MarginStatus.Healthy);
    }

    public static TheoryData<string> Figures128() => ["GetMargin", "GetMarginAndMarkToMarket", "CalculateBalanceWithInterest"];

    [Theory]
    [MemberData(nameof(Figures128))]
    public void A_figure_beyond_all_is_unknown_one_by_one_and_in_bulk(string view)
    {
        Short();
        foreach (var figure in new[] { UInt256.One << 127, (UInt256.One << 127) - UInt256.One, (UInt256.One << 125), UInt256.MaxValue - (UInt256.One << 127), UInt256.MaxValue - (UInt256.One << 125), UInt256.MaxValue >> 1 })
        {
            Twist = call => Function().IsCall(call) ? Function() == DeriveAbi.GetMarginAndMarkToMarket ? AbiWords.Answer(0u, figure) : AbiWords.Answer(figure) : null;
            Step();
            Report().Status.ShouldBe(MarginStatus.Unknown);
            Report().UnknownReason!.ShouldContain("beyond all figures");
            var account = run.Protocol.AccountOf(FakeDerive.KeyOf(1));
            var verdicts = new Verdict[1];
            run.Protocol.JudgeMany([run.Protocol.SlotOf(account)], fake.Header, new Instant(fake.Header.Timestamp), verdicts);
            verdicts[0].Status.ShouldBe(MarginStatus.Unknown);
        }

        Twist = null;
        Step();
        Report().Status.ShouldBe(MarginStatus.Healthy);

        AbiFunction Function() => view switch
        {
            "GetMargin" => DeriveAbi.GetMargin,
            "GetMarginAndMarkToMarket" => DeriveAbi.GetMarginAndMarkToMarket,
            _ => DeriveAbi.CalculateBalanceWithInterest,
        };
    }

    [Fact]
    public void A_state_whose_sums_do_not_fit_is_one_account_unknown_and_no_dead_loop()
    {
        Short();
        var state = (DeriveV2State)run.Protocol.Capture(run.Protocol.AccountOf(FakeDerive.KeyOf(1)), fake.Header);
        var report = Evaluate(state with { Words = state.Words with { Maintenance = Int128.MinValue }, Interest = -1 });
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason!.ShouldContain("fits no number");
        Evaluate(state with { Words = state.Words with { Maintenance = Int128.MinValue, MarkToMarket = Int128.MaxValue }, Interest = 0 }).Status.ShouldBe(MarginStatus.Unknown);
        run.Protocol.Compare(state with { Cash = Int128.MinValue }, Confirmed()).Kind.ShouldBe(AgreementKind.Unreadable);

        MarginReport Evaluate(DeriveV2State odd) => run.Protocol.Evaluate(odd, new Instant(fake.Header.Timestamp), Shock.None);
    }

    [Fact]
    public void The_least_balance_there_is_has_a_size()
    {
        Short();
        var state = (DeriveV2State)run.Protocol.Capture(run.Protocol.AccountOf(FakeDerive.KeyOf(1)), fake.Header);
        var report = run.Protocol.Evaluate(
            state with { Holdings = [.. state.Holdings.Select(static held => held with { Balance = Int128.MinValue, Unsettled = Int128.MinValue })] }, new Instant(fake.Header.Timestamp), Shock.None);
        report.Positions.ShouldAllBe(static leg => leg.Amount == UInt256.One << 127 && leg.Side == PositionSide.Debt);
        ReportBuilder.Word("x", Int128.MinValue).ShouldBe(new NativeWord("x below 0 by", UInt256.One << 127));
    }

    public static TheoryData<int, bool> OddLogs()
    {
        var odd = new TheoryData<int, bool>();
        for (var log = 0; log < 3; log++)
        {
            odd.Add(log, true);
            odd.Add(log, false);
        }

        return odd;
    }

    [Theory]
    [MemberData(nameof(OddLogs))]
    public void A_log_with_a_topic_too_few_or_data_cut_off_throws_nothing_and_has_everybody_read_again(int kind, bool isTopic)
    {
        Short();
        fake.NextBlock();
        fake.Set(One, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(7));
        fake.Give(One, FakeDerive.People[0]);
        fake.Move(One, FakeDerive.Portfolio2);
        var log = fake.Logs[kind];
        var odd = isTopic ? log with { Topics = [.. log.Topics.SkipLast(1)] } : log with { Data = log.Data.IsEmpty ? new byte[3] : log.Data[..^1], Topics = log.Data.IsEmpty ? [.. log.Topics.SkipLast(2)] : log.Topics };
        var touched = new HashSet<MarginAccountId>();
        run.Protocol.Discover(odd).ShouldBeNull();
        run.Protocol.Apply(fake.Header, odd, touched);
        var account = run.Protocol.AccountOf(FakeDerive.KeyOf(1));
        touched.ShouldContain(account);
        run.Protocol.HasEntered(account).ShouldBeFalse();
        run.Take(fake.Header, [], fake.Owners, isHead: true);
        Report().NativeWords.Select(static word => word.Value).ShouldBe(fake.Truth(FakeDerive.KeyOf(1)));
    }

    [Fact]
    public void A_bid_or_a_listing_that_can_not_be_read_is_no_liquidation_and_closes_the_markets()
    {
        Short();
        fake.NextBlock();
        fake.BidOn(One, FakeDerive.Wad(700));
        var bid = fake.Logs.Single();
        run.Protocol.LiquidationOf(bid).ShouldNotBeNull();
        foreach (var odd in new[] { bid with { Data = bid.Data[..^32] }, bid with { Topics = [bid.Topics[0], bid.Topics[0]] }, bid with { Topics = [] } })
        {
            run.Protocol.LiquidationOf(odd).ShouldBeNull();
            run.Protocol.Apply(fake.Header, odd, new HashSet<MarginAccountId>());
        }

        run.Protocol.IsOpen.ShouldBeTrue();
        run.Protocol.Apply(fake.Header, bid with { Address = FakeDerive.Standard, Topics = [DeriveAbi.AssetWhitelisted.Topic0], Data = new byte[64] }, new HashSet<MarginAccountId>());
        run.Protocol.IsOpen.ShouldBeFalse();
    }

    private CallResults Confirmed()
    {
        var answers = new CallResults();
        foreach (var call in run.Protocol.Confirm(run.Protocol.AccountOf(FakeDerive.KeyOf(1))))
        {
            answers.Set(call, fake.Answer(call));
        }

        return answers;
    }

    // Whatever was done since the last block is in the next one.
    private void Step()
    {
        var pending = fake.Logs.ToList();
        fake.NextBlock();
        run.Take(fake.Header, pending, fake.Owners, isHead: true);
    }

    private void Short(long cash = 20_000)
    {
        fake.NextBlock();
        fake.Set(One, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(cash));
        fake.Hold(One, fake.Ethereum, NextWeek, 2_400, isCall: true, FakeDerive.Wad(-5));
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
    }

    private MarginReport Report() => Report(Shock.None);

    private MarginReport Report(Shock shock) => run.Protocol.Evaluate(
        run.Protocol.Capture(run.Protocol.AccountOf(FakeDerive.KeyOf(1)), fake.Header), new Instant(fake.Header.Timestamp), shock);
}
