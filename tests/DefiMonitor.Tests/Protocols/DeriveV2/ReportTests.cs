using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.DeriveV2;
using DefiMonitor.Tests.Protocols.DeriveV2.Fake;
using DefiMonitor.Tests.Risk.Derive;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.DeriveV2;

/// <summary>What is said of a Derive v2 account, and what is not said when a feed is bad.</summary>
public sealed class ReportTests
{
    private readonly FakeDerive fake = new(1, isEmpty: true);
    private readonly ProtocolRun run;

    public ReportTests() => run = new ProtocolRun(fake.NewProtocol(), call => fake.Answer(call));

    private FakeSubAccount Standard => fake.Accounts[1];

    private FakeSubAccount Portfolio => fake.Accounts[4];

    private ulong NextWeek => fake.Expiries[1];

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_short_strangle_is_healthy_and_has_an_edge_on_either_side_tagged_as_a_model(int id)
    {
        var report = Strangle((ulong)id, 2_500);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Tag.ShouldBe(ResultTag.ChainView);
        report.Unit.ShouldBe("USDC");
        var trigger = report.Triggers.Single();
        trigger.Tag.ShouldBe(ResultTag.Model);
        trigger.Active.ShouldBeFalse();
        trigger.Unknown.ShouldBeNull();
        trigger.Edges.Select(static edge => edge.Side).ShouldBe([EdgeSide.Falls, EdgeSide.Rises]);
        trigger.Edges.ShouldAllBe(edge => edge.Symbol == "WETH" && edge.Asset == fake.Ethereum.Token && edge.CurrentPrice == (UInt256)(UInt128)fake.Ethereum.Spot);
        trigger.VolatilityRisePpm.ShouldNotBeNull().ShouldBeGreaterThan(0u);
        trigger.UniformFallPpm.ShouldNotBeNull();
        report.NearEdges.ShouldBe(trigger.Edges);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Where_the_price_really_goes_to_the_edge_the_model_says_liquidatable_and_before_it_does_not(int id)
    {
        foreach (var side in new[] { EdgeSide.Falls, EdgeSide.Rises })
        {
            var edge = Strangle((ulong)id, 5_000).Triggers.Single().Edges.First(edge => edge.Side == side);
            fake.Ethereum.Spot = (Int128)(UInt128)edge.Price * (side == EdgeSide.Falls ? 10_010 : 9_990) / 10_000;
            Next(0).Status.ShouldBe(MarginStatus.Healthy);
            fake.Ethereum.Spot = (Int128)(UInt128)edge.Price * (side == EdgeSide.Falls ? 9_990 : 10_010) / 10_000;
            Next(0).Status.ShouldBe(MarginStatus.Liquidatable);
            fake.Ethereum.Spot = FakeDerive.Wad(2_000);
        }

        MarginReport Next(ulong seconds)
        {
            Step(seconds);
            return Report((ulong)id);
        }
    }

    [Fact]
    public void The_verdict_is_the_managers_word_with_the_interest_that_an_auction_settles_first()
    {
        fake.Set(Standard, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(1_000));
        fake.Hold(Standard, fake.Ethereum, NextWeek, 2_000, isCall: true, FakeDerive.Wad(-1));
        Step();
        var slack = fake.Margin(Standard).Maintenance;
        fake.Set(Standard, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(1_000) - slack + 1);
        Step(0);
        var word = fake.Margin(Standard).Maintenance;
        Report(1).Status.ShouldBe(word < 0 ? MarginStatus.Liquidatable : MarginStatus.Healthy);

        Standard.Interest = -word;
        Step(0);
        Report(1).Status.ShouldBe(MarginStatus.Healthy);
        Report(1).HealthFactor.ShouldBe(FixedPoint.Wad);
        Standard.Interest = -word - 1;
        Step(0);
        Report(1).Status.ShouldBe(MarginStatus.Liquidatable);
        Report(1).HealthFactor.ShouldNotBeNull().ShouldBeLessThan(FixedPoint.Wad);
    }

    [Fact]
    public void The_deposit_that_is_named_brings_the_account_to_the_target_to_the_unit()
    {
        Strangle(1, 2_500);
        fake.Ethereum.Spot = FakeDerive.Wad(2_250);
        Step();
        var remedy = Report(1).Remedies.Single();
        fake.Set(Standard, FakeDerive.Cash, UInt256.Zero, Standard[FakeDerive.Cash, UInt256.Zero] + (Int128)(UInt128)remedy.Amount);
        Step(0);
        var after = Report(1).HealthFactor!.Value;
        ((after.ToDouble() - remedy.TargetHealth.ToDouble()) / 1e18).ShouldBe(0, 1e-9);
        remedy.HealthAfter!.Value.ShouldBeGreaterThanOrEqualTo(remedy.TargetHealth);
    }

    [Fact]
    public void A_running_auction_makes_it_liquidatable_whatever_the_margin_and_says_since_when()
    {
        Strangle(1, 20_000);
        Standard.AuctionSince = fake.Header.Timestamp;
        Step();
        Report(1).Status.ShouldBe(MarginStatus.Liquidatable);
        Report(1).NativeWords.Single(static word => word.Name == "auctionSince").Value.ShouldBe(Standard.AuctionSince);
        Report(1).Remedies.ShouldAllBe(static remedy => remedy.Caveat != null);
        Standard.IsInsolvent = true;
        Step();
        Report(1).Status.ShouldBe(MarginStatus.Insolvent);
    }

    [Fact]
    public void A_manager_that_the_auction_house_does_not_take_is_said_to_block()
    {
        fake.IsAccepted = false;
        var report = Strangle(1, 10);
        report.Status.ShouldBe(MarginStatus.Liquidatable);
        report.Blocked.Single().Code.ShouldBe("manager");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Who_owes_more_than_everything_is_insolvent_and_a_quote_is_not_made_up(int id)
    {
        var report = Strangle((ulong)id, -5_000);
        report.Status.ShouldBe(MarginStatus.Insolvent);
        report.HealthFactor.ShouldBe(UInt256.Zero);
        report.Liquidations.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_first_bid_takes_the_share_that_the_auction_house_works_out(int id)
    {
        Strangle((ulong)id, 20_000);
        var account = fake.Accounts[(ulong)id];
        var slack = fake.Margin(account).Maintenance;
        fake.Set(account, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(20_000) - slack - FakeDerive.Wad(10));
        Step(0);
        var (mm, _, mtm) = fake.Margin(account);
        var quote = Report((ulong)id).Liquidations.Single();

        // DutchAuction._getMaxProportion: BM / (BM - MtM d), BM = MM - 0.15 (MtM - MM), d = 0.95; and d = 1 for the fee, which is paid first.
        var (margin, value) = ((double)mm / 1e18, (double)mtm / 1e18);
        var buffer = margin - (0.15 * (value - margin));
        var fee = buffer / (buffer - value) * value * 0.1;
        (buffer, value) = (buffer - fee, value - fee);
        var share = buffer / (buffer - (value * 0.95));
        (quote.CollateralTaken.ToDouble() / 1e18).ShouldBe(share * value, 1e-6);
        (quote.DebtToCover.ToDouble() / 1e18).ShouldBe(share * value * 0.95, 1e-6);
        (quote.Loss.ToDouble() / 1e18).ShouldBe((share * value * 0.05) + fee, 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Below_the_cutoff_a_first_bid_takes_everything_and_the_fee_is_of_everything(int id)
    {
        Strangle((ulong)id, 20_000);
        var account = fake.Accounts[(ulong)id];
        fake.Set(account, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(20_000) - fake.Margin(account).Maintenance - FakeDerive.Wad(10));
        Step(0);
        var mark = fake.Margin(account).MarkToMarket;
        var part = Quote();

        // As long as it is not below: the fee, which is a part, may bring it there.
        fake.MtmCutoff = mark;
        Step(0);
        var begun = Quote();
        begun.CollateralSymbol.ShouldBe("100 % of the account");
        (mark - (Int128)(UInt128)begun.CollateralTaken).ShouldBe((Int128)(UInt128)(part.Loss - (part.CollateralTaken - part.DebtToCover)), "the fee of a part");

        fake.MtmCutoff = mark + 1;
        Step(0);
        var all = Quote();
        var fee = mark / 10;
        all.CollateralSymbol.ShouldBe("100 % of the account");
        all.CollateralTaken.ShouldBe((UInt256)(UInt128)(mark - fee));
        all.DebtToCover.ShouldBe(FixedPoint.MulDivFloor(all.CollateralTaken, 950_000_000_000_000_000u, FixedPoint.Wad));
        all.Loss.ShouldBe((UInt256)(UInt128)mark - all.DebtToCover);

        // A negative one is below everybody, and an older contract has none.
        fake.MtmCutoff = -1;
        Step(0);
        Quote().ShouldBe(part);
        fake.MtmCutoff = mark + 1;
        fake.Refused.Add(DeriveAbi.MtmCutoff);
        Step(0);
        Quote().ShouldBe(part);

        LiquidationQuote Quote() => Report((ulong)id).Liquidations.Single();
    }

    [Fact]
    public void Positions_are_decoded_from_their_sub_ids()
    {
        Strangle(1, 20_000);
        fake.Set(Standard, fake.Ethereum.Perp, UInt256.Zero, FakeDerive.Wad(-3));
        fake.Set(Standard, fake.Bitcoin.Base, UInt256.Zero, FakeDerive.Wad(1));
        Step();
        var positions = Report(1).Positions;
        var call = positions.Single(static leg => leg.Option?.Kind == OptionKind.Call);
        call.Side.ShouldBe(PositionSide.Debt);
        call.Option!.Strike.ShouldBe((UInt256)(UInt128)FakeDerive.Wad(2_400));
        call.Option.Expiry.ShouldBe(NextWeek);
        call.Symbol.ShouldBe($"WETH 2,400 call {DateTimeOffset.FromUnixTimeSeconds((long)NextWeek):yyyy-MM-dd}");
        positions.Single(static leg => leg.Symbol.Contains("perpetual", StringComparison.Ordinal)).Symbol.ShouldBe("USDC from 3 WETH perpetual short");
        positions.Single(leg => leg.Asset == fake.Bitcoin.Token).Value.ShouldBe((UInt256)(UInt128)fake.Bitcoin.Spot);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_feed_that_is_too_old_or_has_nothing_for_an_expiry_makes_the_account_unknown_and_is_named(int id)
    {
        Strangle((ulong)id, 20_000);
        fake.Ethereum.IsStale = true;
        Step();
        Report((ulong)id).Status.ShouldBe(MarginStatus.Unknown);
        Report((ulong)id).UnknownReason!.ShouldContain($"the spot feed {fake.Ethereum.SpotFeed}");
        Report((ulong)id).UnknownReason!.ShouldContain("heartbeat");

        fake.Ethereum.IsStale = false;
        fake.Ethereum.Missing.Add(NextWeek);
        Step();
        Report((ulong)id).UnknownReason!.ShouldContain($"the forward feed {fake.Ethereum.ForwardFeed}");

        fake.Ethereum.Missing.Clear();
        Step();
        Report((ulong)id).Status.ShouldBe(MarginStatus.Healthy);
    }

    [Fact]
    public void Another_markets_feed_does_not_matter()
    {
        Strangle(1, 20_000);
        fake.Bitcoin.IsStale = true;
        Step();
        Report(1).Status.ShouldBe(MarginStatus.Healthy);
    }

    [Fact]
    public void A_volatility_of_zero_is_priced_as_the_contract_does()
    {
        Strangle(1, 20_000);
        fake.Ethereum.Volatilities[NextWeek] = 0;
        Step();
        Report(1).Status.ShouldBe(MarginStatus.Healthy);
        Report(1).Triggers.Single().Edges.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_volatility_below_zero_leaves_the_managers_word_alone_and_has_no_edges()
    {
        Strangle(1, 20_000).NearEdges.ShouldNotBeNull().ShouldNotBeEmpty();
        Standard.Kept = fake.Margin(Standard);
        fake.Ethereum.Volatilities[NextWeek] = -1;
        Step();
        var report = Report(1);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.NativeWords.Select(static word => word.Value).ShouldBe(fake.Truth(FakeDerive.KeyOf(1)));
        report.NearEdges.ShouldBeNull();
        report.Triggers.Single().Edges.ShouldBeEmpty();
        report.Triggers.Single().Unknown.ShouldNotBeNull();
    }

    [Fact]
    public void A_manager_that_reverts_makes_the_account_unknown()
    {
        Strangle(1, 20_000);
        fake.Refused.Add(DeriveAbi.GetMargin);
        Step();
        Report(1).Status.ShouldBe(MarginStatus.Unknown);
        Report(1).UnknownReason!.ShouldContain("reverted when it was asked for the account's margin");
    }

    [Fact]
    public void Confidence_of_nothing_changes_the_initial_margin_alone()
    {
        Strangle(1, 20_000);
        var before = fake.Margin(Standard);
        fake.Ethereum.Confidence = 0;
        Step(0);
        var after = fake.Margin(Standard);
        after.Maintenance.ShouldBe(before.Maintenance);
        after.Initial.ShouldBeLessThan(before.Initial);
        Report(1).NativeWords.Select(static word => word.Value).ShouldBe(fake.Truth(FakeDerive.KeyOf(1)));
        Report(1).Triggers.Single().Edges.ShouldNotBeEmpty();
    }

    [Fact]
    public void An_expiry_within_a_block_range_is_its_payoff_until_somebody_settles_it()
    {
        var soon = fake.Expiries[0];
        fake.Set(Standard, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(5_000));
        fake.Hold(Standard, fake.Ethereum, soon, 1_900, isCall: true, FakeDerive.Wad(-2));
        Step();
        fake.NextBlock(1_200);
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: false);
        Step();
        var over = Report(1);
        over.Positions.Single(static leg => leg.Option is not null).Value.ShouldBe((UInt256)(UInt128)FakeDerive.Wad(200));
        over.NativeWords.Select(static word => word.Value).ShouldBe(fake.Truth(FakeDerive.KeyOf(1)));

        fake.NextBlock();
        fake.Settle(Standard);
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
        var settled = Report(1);
        settled.Positions.Single().Amount.ShouldBe((UInt256)(UInt128)FakeDerive.Wad(4_800));
        settled.Triggers.ShouldBeEmpty();
        settled.HealthFactor.ShouldBeNull();
    }

    [Fact]
    public void Where_the_model_is_off_by_more_than_a_millionth_no_edges_are_told_and_the_comparison_says_so()
    {
        Strangle(1, 20_000);
        fake.Offset = FakeDerive.Wad(1);
        Step();
        var report = Report(1);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.NearEdges.ShouldBeNull();
        report.Triggers.Single().Edges.ShouldBeEmpty();
        report.Triggers.Single().Unknown!.ShouldContain("model is off");

        var answers = new CallResults();
        foreach (var call in run.Protocol.Confirm(report.Account))
        {
            answers.Set(call, fake.Answer(call));
        }

        var agreement = run.Protocol.Compare(run.Protocol.Capture(report.Account, fake.Header), answers);
        agreement.Kind.ShouldBe(AgreementKind.Different);
        agreement.Text.ShouldContain("maintenance margin by the model");
    }

    [Fact]
    public void A_what_if_moves_the_managers_words_by_the_model_and_says_that_it_is_one()
    {
        Strangle(1, 20_000);
        var account = run.Protocol.AccountOf(FakeDerive.KeyOf(1));
        var state = run.Protocol.Capture(account, fake.Header);
        var shocked = run.Protocol.Evaluate(state, new Instant(fake.Header.Timestamp), new Shock(new Dictionary<Address, uint> { [fake.Ethereum.Token] = 1_100_000 }, 0));
        shocked.Tag.ShouldBe(ResultTag.Model);
        fake.Ethereum.Spot = fake.Ethereum.Spot * 11 / 10;
        Step(0);
        (Report(1).HealthFactor!.Value.ToDouble() / shocked.HealthFactor!.Value.ToDouble()).ShouldBe(1, 1e-3);
    }

    [Fact]
    public void An_owner_is_unknown_until_every_one_of_his_sub_accounts_is_watched()
    {
        fake.NextBlock();
        run.Take(fake.Header, fake.Logs, [FakeDerive.KeyOf(1), FakeDerive.People[1]], isHead: true);
        var owner = run.Protocol.AccountOf(FakeDerive.People[1]);
        MarginReport Owner() => run.Protocol.Evaluate(run.Protocol.Capture(owner, fake.Header), new Instant(fake.Header.Timestamp), Shock.None);
        Owner().Status.ShouldBe(MarginStatus.Unknown);
        Owner().UnknownReason!.ShouldBe("The owner has 3 sub-accounts, of which 1 are watched: name the others in owners.json (\"deriveSubAccounts\": [ids]), each is judged by itself.");

        fake.NextBlock();
        run.Take(fake.Header, fake.Logs, [FakeDerive.KeyOf(3), FakeDerive.KeyOf(5)], isHead: true);
        Owner().Status.ShouldBe(MarginStatus.Healthy);

        fake.NextBlock();
        fake.Give(fake.Accounts[2], FakeDerive.People[1]);
        run.Touched.Clear();
        run.Take(fake.Header, fake.Logs, [], isHead: true);
        run.Touched.ShouldContain(owner);
        Owner().Status.ShouldBe(MarginStatus.Unknown);
    }

    [Fact]
    public void A_bid_is_a_liquidation_of_the_sub_account()
    {
        fake.NextBlock();
        fake.BidOn(Standard, FakeDerive.Wad(700));
        var liquidation = run.Protocol.LiquidationOf(fake.Logs.Single()).ShouldNotBeNull();
        liquidation.Account.ToString().ShouldBe("derive-v2/eip155:31337/fake/1");
        liquidation.DebtRepaid.ShouldBe((UInt256)(UInt128)FakeDerive.Wad(700));
    }

    [Fact]
    public void Whoever_is_short_or_owes_is_found_by_his_log()
    {
        fake.NextBlock();
        fake.Set(Standard, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(10));
        fake.Hold(Standard, fake.Ethereum, NextWeek, 2_000, isCall: true, FakeDerive.Wad(-1));
        fake.Logs.Select(run.Protocol.Discover).ShouldBe([null, run.Protocol.AccountOf(FakeDerive.KeyOf(1))]);
    }

    [Fact]
    public void A_figure_of_another_dimension_stops_nobody_and_makes_only_whoever_has_it_unknown()
    {
        Strangle(1, 5_000);
        fake.NextBlock();
        fake.Set(Standard, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(10));
        var log = fake.Logs.Single();
        var hostile = log with { Data = AbiWords.Join([UInt256.Zero, UInt256.Zero, UInt256.MaxValue - (UInt256.One << 200), 1u]) };
        var touched = new HashSet<MarginAccountId>();
        var stranger = hostile with { Topics = [log.Topics[0], Hash32.FromUInt256(777u), .. log.Topics.Skip(2)] };
        run.Protocol.Apply(fake.Header, stranger, touched);
        touched.ShouldBeEmpty();
        run.Protocol.Discover(stranger).ShouldBe(run.Protocol.AccountNamed("777"));
        var account = run.Protocol.AccountOf(FakeDerive.KeyOf(1));
        run.Protocol.Apply(fake.Header, hostile, touched);
        touched.ShouldBe([account]);
        run.Protocol.HasEntered(account).ShouldBeFalse();
        run.Protocol.Evaluate(run.Protocol.Capture(account, fake.Header), new Instant(fake.Header.Timestamp), Shock.None).Status.ShouldBe(MarginStatus.Unknown);
    }

    [Fact]
    public void A_sub_account_is_named_by_its_number_and_by_the_address_that_has_it()
    {
        var one = run.Protocol.AccountOf(FakeDerive.KeyOf(1));
        one.ToString().ShouldBe("derive-v2/eip155:31337/fake/1");
        run.Protocol.AccountNamed("1").ShouldBe(one);
        run.Protocol.AccountNamed(FakeDerive.KeyOf(1).ToHex()).ShouldBe(one);
        run.Protocol.AccountNamed("0").ShouldBeNull();
        run.Protocol.AccountNamed("99999999999999999999999").ShouldBeNull();
        MarginAccountId.TryParse(one.ToString(), out var parsed).ShouldBeTrue();
        run.Protocol.SlotOf(parsed!).ShouldBe(run.Protocol.SlotOf(one));
    }

    [Fact]
    public void A_manager_that_the_configuration_does_not_name_is_unknown_and_is_named()
    {
        Strangle(1, 20_000);
        fake.Move(Standard, FakeDerive.At(0x77, 7));
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
        Report(1).Status.ShouldBe(MarginStatus.Unknown);
        Report(1).UnknownReason!.ShouldContain("add it to \"pmrm2\" or \"pmrm\"");
    }

    private MarginReport Strangle(ulong id, long cash)
    {
        var account = fake.Accounts[id];
        fake.NextBlock();
        fake.Ethereum.Volatilities[NextWeek] = Books.Wad(0.6);
        fake.Set(account, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(cash));
        fake.Hold(account, fake.Ethereum, NextWeek, 2_400, isCall: true, FakeDerive.Wad(-5));
        fake.Hold(account, fake.Ethereum, NextWeek, 1_600, isCall: false, FakeDerive.Wad(-5));
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
        return Report(id);
    }

    // Whatever was done since the last block is in the next one.
    private void Step(ulong seconds = 2)
    {
        var pending = fake.Logs.ToList();
        fake.NextBlock(seconds);
        run.Take(fake.Header, pending, fake.Owners, isHead: true);
    }

    private MarginReport Report(ulong id) => run.Protocol.Evaluate(
        run.Protocol.Capture(run.Protocol.AccountOf(FakeDerive.KeyOf(id)), fake.Header), new Instant(fake.Header.Timestamp), Shock.None);
}
