using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.EulerV2;
using DefiMonitor.Tests.Protocols.EulerV2.Fake;

namespace DefiMonitor.Tests.Protocols.EulerV2;

public sealed class FollowingTests
{
    private const ulong Eth = 1_000_000_000_000_000_000;

    [Fact]
    public void An_edge_is_the_feeds_own_answer_at_which_equality_pulls()
    {
        var (market, run, account) = Borrowed(10 * Eth, 20_000_000000);
        var report = Report(run, market, account);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Unit.ShouldBe("USD");
        report.UnitDecimals.ShouldBe(18);
        var edge = report.Triggers.ShouldHaveSingleItem().Edges.Single(edge => edge.Side == EdgeSide.Falls);
        edge.Asset.ShouldBe(FakeEuler.Weth);
        edge.CurrentPrice.ShouldBe(2_500u * UInt256.Pow10(18));
        foreach (var (more, status) in new[] { (0ul, MarginStatus.Liquidatable), (1ul, MarginStatus.Healthy) })
        {
            market.NextBlock(0);
            market.Prices[FakeEuler.EthFeed] = (ulong)(edge.Price / UInt256.Pow10(10)) + more;
            run.Take(market.Header, market.Logs, market.Owners, isHead: true);
            Report(run, market, account).Status.ShouldBe(status);
        }
    }

    [Fact]
    public void A_ramp_is_followed_second_by_second_without_an_event()
    {
        var (market, run, account) = Borrowed(10 * Eth, 20_000_000000);
        market.NextBlock();
        market.SetLtv(market.Collaterals[0], 5_000, 5_000, 1_000);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var state = run.Protocol.Capture(account, market.Header);
        var report = Report(run, market, account);
        report.Positions.Single(leg => leg.Side == PositionSide.Collateral).ThresholdBps.ShouldBe(8_500u);
        var seconds = report.Triggers[0].SecondsAtConstantPrices.ShouldNotBeNull();
        seconds.ShouldBeInRange(1ul, 999ul);
        report.RecheckAt.ShouldBe(market.Header.Timestamp + seconds);
        run.Protocol.Evaluate(state, new Instant(market.Header.Timestamp) + (seconds - 1), Shock.None).Status.ShouldBe(MarginStatus.Healthy);
        var below = run.Protocol.Evaluate(state, new Instant(market.Header.Timestamp) + seconds, Shock.None);
        below.Status.ShouldBe(MarginStatus.Liquidatable);
        below.Liquidations.ShouldHaveSingleItem().DebtAsset.ShouldBe(FakeEuler.Usdc);
    }

    [Fact]
    public void Within_its_cool_off_an_account_below_the_edge_is_blocked_until_a_known_second()
    {
        var (market, run, account) = Borrowed(10 * Eth, 20_000_000000);
        market.NextBlock(5);
        market.SetCoolOff(60);
        market.Prices[FakeEuler.EthFeed] = 1_000_00000000;
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var report = Report(run, market, account);
        report.Status.ShouldBe(MarginStatus.Insolvent);
        var blocked = report.Blocked.ShouldHaveSingleItem();
        blocked.Code.ShouldBe("cool-off");
        blocked.Until.ShouldBe(market.Header.Timestamp + 55);

        market.NextBlock(55);
        market.SetHooks(market.Liability, new Hooks(Address.Zero, Hooks.Liquidate));
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, account).Blocked.ShouldHaveSingleItem().Code.ShouldBe("paused");
    }

    [Fact]
    public void A_feed_that_reverts_makes_its_holders_unknown_and_nobody_else()
    {
        var (market, run, account) = Borrowed(10 * Eth, 20_000_000000);
        var other = run.Protocol.AccountOf(market.Owners[2]);
        market.EnableController(market.Owners[2]);
        market.Enable(market.Owners[2], market.Collaterals[2]);
        market.Deposit(market.Collaterals[2], market.Owners[2], 10 * Eth);
        market.Borrow(market.Owners[2], 1_000000);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        market.NextBlock();
        market.Stale.Add(FakeEuler.EthFeed);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, account).UnknownReason.ShouldNotBeNull().ShouldContain(FakeEuler.EthFeed.ToString());
        Report(run, market, other).Status.ShouldBe(MarginStatus.Healthy);
    }

    [Fact]
    public void An_oracle_that_is_no_plain_ratio_is_found_out()
    {
        var (market, _, _) = Borrowed(10 * Eth, 20_000_000000);
        var run = new ProtocolRun(market.NewProtocol(), call =>
        {
            var result = market.Answer(call);
            return call.To == FakeEuler.Router && EulerAbi.GetQuote.Function.IsCall(call) && CallArguments.Quote(call).Base == market.Collaterals[0].Address
                ? new CallResult(true, Hash32.FromUInt256(UInt256.FromBigEndian(result.Data.Span) + UInt256.One).ToArray())
                : result;
        });
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, run.Protocol.AccountOf(market.Owners[1])).UnknownReason.ShouldNotBeNull().ShouldContain("otherwise than its parts");
    }

    [Fact]
    public void A_collateral_that_is_new_is_read_before_anybody_is_judged_with_it()
    {
        var (market, run, account) = Borrowed(10 * Eth, 20_000_000000, recognised: 1);
        market.NextBlock();
        market.Enable(market.Owners[1], market.Collaterals[1]);
        market.Deposit(market.Collaterals[1], market.Owners[1], 1_00000000);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, account).NativeWords.Select(word => word.Value).ShouldBe(market.Truth(market.Owners[1]));
        market.NextBlock();
        market.SetLtv(market.Collaterals[1], 7_000, 8_000, 0);
        run.Take(market.Header, market.Logs, market.Owners, isHead: false);
        Report(run, market, account).Status.ShouldBe(MarginStatus.Unknown);
        market.NextBlock();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, account).NativeWords.Select(word => word.Value).ShouldBe(market.Truth(market.Owners[1]));
        Report(run, market, account).Positions.Count.ShouldBe(3);
    }

    [Fact]
    public void Once_a_vault_has_told_what_it_stored_its_figures_are_read_no_more()
    {
        var (market, run, account) = Borrowed(10 * Eth, 20_000_000000);
        market.NextBlock();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, account).Tag.ShouldBe(ResultTag.ChainView);
        run.LastReads.Count(EulerAbi.TotalBorrowsExact.Function.IsCall).ShouldBe(4);
        market.NextBlock();
        market.Borrow(market.Owners[1], 1_000000);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        market.NextBlock();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, account).Tag.ShouldBe(ResultTag.Exact);
        run.LastReads.Where(EulerAbi.TotalBorrowsExact.Function.IsCall).ShouldNotContain(call => call.To == market.Liability.Address);
    }

    [Fact]
    public void A_log_of_the_vault_that_never_came_shows_in_its_interest_and_nobody_is_judged_by_it()
    {
        var (market, run, account) = Borrowed(10 * Eth, 20_000_000000);
        market.NextBlock();
        market.Borrow(market.Owners[1], 1_000000);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, account).Tag.ShouldBe(ResultTag.Exact);

        // Somebody else borrows so much that the rate rises, and we do not hear of it.
        market.NextBlock();
        market.EnableController(market.Owners[2]);
        market.Enable(market.Owners[2], market.Collaterals[0]);
        market.Deposit(market.Collaterals[0], market.Owners[2], 15 * Eth);
        market.Borrow(market.Owners[2], 25_000_000000);
        run.Take(market.Header, [], market.Owners, isHead: true);
        market.NextBlock(100_000);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, account).Status.ShouldBe(MarginStatus.Unknown);
        market.NextBlock();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, account).NativeWords.Select(word => word.Value).ShouldBe(market.Truth(market.Owners[1]));
        Report(run, market, account).Tag.ShouldBe(ResultTag.ChainView);
    }

    [Fact]
    public void A_collateral_that_counts_for_nothing_any_more_still_covers_the_debt_and_is_what_a_liquidator_takes()
    {
        var (market, run, account) = Borrowed(10 * Eth, 12_000_000000);
        market.NextBlock();
        market.SetLtv(market.Collaterals[0], 0, 0, 0);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        var report = Report(run, market, account);
        report.Status.ShouldBe(MarginStatus.Liquidatable, "the collateral is worth twice the debt");
        report.Liquidations.ShouldHaveSingleItem().CollateralAsset.ShouldBe(FakeEuler.Weth);
        var verdicts = new Verdict[1];
        run.Protocol.JudgeMany([run.Protocol.SlotOf(account)], market.Header, new Instant(market.Header.Timestamp), verdicts);
        verdicts[0].Status.ShouldBe(MarginStatus.Liquidatable);
    }

    [Fact]
    public void A_collateral_that_counts_for_nothing_takes_no_verdict_with_it_however_much_it_is()
    {
        var (market, run, account) = Borrowed(10 * Eth, 20_000_000000);
        market.NextBlock();
        market.Enable(market.Owners[1], market.Collaterals[1]);
        market.SetLtv(market.Collaterals[1], 0, 0, 0);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        market.NextBlock();

        // More shares than an EVault can make assets of.
        var much = new Log(
            market.Collaterals[1].Address,
            [EulerAbi.Transfer.Topic0, Hash32.Zero, market.Owners[1].ToWord()],
            Hash32.FromUInt256(UInt256.One << 127).ToArray(),
            Keccak256.HashUtf8("much"),
            0);
        run.Take(market.Header, [much], market.Owners, isHead: true);
        var report = Report(run, market, account);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[1]));
        report.Positions.Select(static leg => leg.Asset).ShouldBe([FakeEuler.Weth, FakeEuler.Usdc]);
        report.Triggers.ShouldHaveSingleItem().Edges.ShouldNotBeEmpty();
        report.Actions.Where(static action => action.Kind == ActionKind.Deposit).Select(static action => action.Asset).ShouldBe([FakeEuler.Weth]);
        Judged().ShouldBe(new Verdict(MarginStatus.Healthy, report.HealthFactor!.Value));

        market.NextBlock();
        market.SetLtv(market.Collaterals[1], 100, 100, 0);
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        Report(run, market, account).Status.ShouldBe(MarginStatus.Unknown, "the contract asks for it now, and reverts");
        Judged().Status.ShouldBe(MarginStatus.Unknown);

        Verdict Judged()
        {
            var verdicts = new Verdict[1];
            run.Protocol.JudgeMany([run.Protocol.SlotOf(account)], market.Header, new Instant(market.Header.Timestamp), verdicts);
            return verdicts[0];
        }
    }

    [Fact]
    public void A_debt_of_next_to_nothing_against_a_collateral_beyond_measure_is_healthy()
    {
        var (market, run, account) = Borrowed(10 * Eth, 20_000_000000);
        var state = (EulerV2State)run.Protocol.Capture(account, market.Header);
        var collateral = state.Collaterals.ShouldHaveSingleItem();
        var dear = state with
        {
            Owed = UInt256.One,
            UnitFace = state.UnitFace with { Decimals = 6 },
            Collaterals =
            [
                collateral with { Shares = UInt128.One << 111, Route = [collateral.Route[0], collateral.Route[1] with { Rate = UInt256.One << 240 }] },
                collateral with { Shares = UInt128.One << 111, Ltv = default, Route = [collateral.Route[0], collateral.Route[1] with { Rate = (UInt256.One << 254) - UInt256.One }] },
            ],
        };
        var report = run.Protocol.Evaluate(dear, new Instant(market.Header.Timestamp), Shock.None);
        (report.Status, report.HealthFactor, report.CollateralValue).ShouldBe((MarginStatus.Healthy, UInt256.MaxValue, UInt256.MaxValue));
        report.Positions.Count.ShouldBe(3);
    }

    [Fact]
    public void The_shares_that_it_lends_on_are_tokens_that_a_wallet_may_hold()
    {
        var (market, run, _) = Borrowed(10 * Eth, 20_000_000000);
        run.Protocol.Tokens.Select(static token => token.Asset).ShouldBe(market.Collaterals.Select(static vault => vault.Address), ignoreOrder: true);
        run.Protocol.Tokens.Single(token => token.Asset == market.Collaterals[0].Address).Decimals.ShouldBe(18);
    }

    [Fact]
    public void A_borrower_is_discovered_in_his_own_vault_only_and_a_sub_account_is_an_account()
    {
        var (market, run, _) = Borrowed(10 * Eth, 20_000_000000);
        var bytes = market.Owners[1].ToArray();
        bytes[19] ^= 5;
        var sub = Address.FromBytes(bytes);
        market.NextBlock();
        market.EnableController(sub);
        market.Enable(sub, market.Collaterals[0]);
        market.Deposit(market.Collaterals[0], sub, Eth);
        market.Borrow(sub, 100_000000);
        var found = market.Logs.Select(run.Protocol.Discover).Where(static account => account is not null).ShouldHaveSingleItem().ShouldNotBeNull();
        found.ShouldBe(run.Protocol.AccountOf(sub));
        run.Take(market.Header, market.Logs, [.. market.Owners, sub], isHead: true);
        Report(run, market, found).NativeWords.Select(word => word.Value).ShouldBe(market.Truth(sub));
    }

    [Fact]
    public void A_liquidation_is_told_in_the_assets_behind_the_shares()
    {
        var (market, run, account) = Borrowed(10 * Eth, 20_000_000000);
        market.NextBlock();
        market.EnableController(market.Owners[3]);
        market.Liquidate(market.Owners[3], market.Owners[1], market.Collaterals[0], 50);
        var told = market.Logs.Select(run.Protocol.LiquidationOf).Where(static found => found is not null).ShouldHaveSingleItem().ShouldNotBeNull();
        told.Account.ShouldBe(account);
        told.DebtAsset.ShouldBe(FakeEuler.Usdc);
        told.CollateralAsset.ShouldBe(FakeEuler.Weth);
        told.CollateralTaken.ShouldBe((UInt256)(5 * Eth));
        run.Touched.Clear();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        run.Touched.ShouldBe([account, run.Protocol.AccountOf(market.Owners[3])], ignoreOrder: true);
        Report(run, market, account).NativeWords.Select(word => word.Value).ShouldBe(market.Truth(market.Owners[1]));
    }

    [Fact]
    public void A_dearer_debt_and_a_cheaper_collateral_pull_alike()
    {
        var (market, run, account) = Borrowed(10 * Eth, 20_000_000000);
        var state = run.Protocol.Capture(account, market.Header);
        foreach (var (asset, ppm) in new[] { (FakeEuler.Weth, 900_000u), (FakeEuler.Usdc, 1_100_000u) })
        {
            var shock = new Shock(new Dictionary<Address, uint> { [asset] = ppm }, 0);
            run.Protocol.Evaluate(state, new Instant(market.Header.Timestamp), shock).Status.ShouldBe(MarginStatus.Liquidatable);
        }
    }

    // One account with ETH against dollars; the liquidation LTV is 85 %.
    private static (FakeEuler Market, ProtocolRun Run, MarginAccountId Account) Borrowed(ulong wei, ulong usdc, int recognised = 3)
    {
        var market = new FakeEuler(isOwnUnit: false, 1, isEmpty: true);
        for (var i = 0; i < recognised; i++)
        {
            market.SetLtv(market.Collaterals[i], 8_000, 8_500, 0);
        }

        market.Deposit(market.Liability, market.Owners[0], 1_000_000_000000);
        market.EnableController(market.Owners[1]);
        market.Enable(market.Owners[1], market.Collaterals[0]);
        market.Deposit(market.Collaterals[0], market.Owners[1], wei);
        market.Borrow(market.Owners[1], usdc);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        run.Take(market.Header, [], market.Owners, isHead: true);
        return (market, run, run.Protocol.AccountOf(market.Owners[1]));
    }

    private static MarginReport Report(ProtocolRun run, FakeEuler market, MarginAccountId account) =>
        run.Protocol.Evaluate(run.Protocol.Capture(account, market.Header), new Instant(market.Header.Timestamp), Shock.None);
}
