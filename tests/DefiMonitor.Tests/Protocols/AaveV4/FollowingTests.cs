using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.AaveV4;
using DefiMonitor.Tests.Protocols.AaveV4.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;
using FakeAddress = DefiMonitor.Tests.Protocols.AaveV3.Fake.FakeAddress;

namespace DefiMonitor.Tests.Protocols.AaveV4;

/// <summary>What a Spoke's and a hub's events change, one at a time.</summary>
public sealed class FollowingTests
{
    // Prices, the count of reserves, the liquidation configuration; and of one reserve itself, its source, its hub's asset and terms, its newest key.
    private const int Standing = 8;

    [Fact]
    public void A_new_key_moves_nobody_until_his_own_action_and_a_changed_key_moves_all_who_are_bound_to_it()
    {
        var (market, run, account) = Borrowed(15_000);
        Health(run, market, account).ShouldBe(Expected(20_000, 8_000, 15_000));

        market.NextBlock(0);
        market.AddKey(market.Reserves[0], new DynamicConfig(5_000, 10_500, 1_000));
        Take(market, run);
        Health(run, market, account).ShouldBe(Expected(20_000, 8_000, 15_000));

        market.NextBlock(0);
        market.ChangeKey(market.Reserves[0], 0, new DynamicConfig(7_600, 10_500, 1_000));
        Take(market, run);
        Health(run, market, account).ShouldBe(Expected(20_000, 7_600, 15_000));

        // In one block a refresh and then a newer key: he is bound to what was the latest in between.
        market.NextBlock(0);
        market.RefreshAll(market.Owners[0]);
        market.AddKey(market.Reserves[0], new DynamicConfig(9_000, 10_500, 1_000));
        Take(market, run);
        Health(run, market, account).ShouldBe(Expected(20_000, 5_000, 15_000));
    }

    [Fact]
    public void An_edge_is_the_oracles_own_integer_and_one_unit_beside_it_nothing_happens()
    {
        var (market, run, account) = Borrowed(15_000);
        var report = Report(run, market, account);
        report.Unit.ShouldBe("USD");
        report.UnitDecimals.ShouldBe(8);
        var trigger = report.Triggers.ShouldHaveSingleItem();
        trigger.Edges.Select(static edge => (edge.Asset, edge.Side)).ShouldBe([(FakeAaveV4.Weth, EdgeSide.Falls), (FakeAaveV4.Usdc, EdgeSide.Rises)]);
        foreach (var edge in trigger.Edges)
        {
            var source = edge.Asset == FakeAaveV4.Weth ? FakeAaveV4.EthSource : FakeAaveV4.UsdSource;
            var was = market.Prices[source];
            edge.CurrentPrice.ShouldBe(was);
            foreach (var (price, status) in new[] { (edge.Price, MarginStatus.Liquidatable), (edge.Side == EdgeSide.Falls ? edge.Price + UInt256.One : edge.Price - UInt256.One, MarginStatus.Healthy) })
            {
                market.NextBlock(0);
                market.Prices[source] = (ulong)price;
                Take(market, run);
                Report(run, market, account).Status.ShouldBe(status, edge.ToString());
            }

            market.Prices[source] = was;
        }
    }

    [Fact]
    public void Two_reserves_of_one_source_are_one_edge()
    {
        var (market, run, account) = Borrowed(9_000);
        market.NextBlock(0);
        market.Supply(market.Owners[0], market.Reserves[3], 2_000_000000);
        market.SetCollateral(market.Owners[0], market.Reserves[3], true);
        Take(market, run);
        Report(run, market, account).Triggers[0].Edges.Select(static edge => edge.Asset).ShouldBe([FakeAaveV4.Weth, FakeAaveV4.Usdc]);
        Report(run, market, account).Positions.Count(static leg => leg.Asset == FakeAaveV4.Usdc).ShouldBe(2);
    }

    [Fact]
    public void A_liquidator_who_takes_shares_has_them_without_another_event()
    {
        var (market, run, account) = Borrowed(15_000);
        var liquidator = run.Protocol.AccountOf(market.Owners[1]);
        market.NextBlock(0);
        market.Prices[FakeAaveV4.EthSource] = 1_800_00000000;
        Take(market, run);
        Report(run, market, account).Status.ShouldBe(MarginStatus.Liquidatable);
        var quote = Report(run, market, account).Liquidations.ShouldHaveSingleItem();

        market.NextBlock(0);
        market.Liquidate(market.Owners[0], market.Owners[1], market.Reserves[0], market.Reserves[1], receiveShares: true);
        var happened = market.Logs.Select(run.Protocol.LiquidationOf).OfType<Liquidation>().ShouldHaveSingleItem();
        Take(market, run);
        happened.ShouldBe(new Liquidation(account, FakeAaveV4.Usdc, quote.DebtToCover, FakeAaveV4.Weth, quote.CollateralTaken));
        var got = Report(run, market, liquidator).Positions.ShouldHaveSingleItem();
        got.Shares.ShouldBe(market.PositionOf(market.Owners[1], market.Reserves[0]).SuppliedShares);
        got.Shares.IsZero.ShouldBeFalse();
        got.Counts.ShouldBeFalse("shares that are given are no collateral until the owner says so");
        run.LastReads.Count.ShouldBe(Standing, "nothing had to be read again");
    }

    [Fact]
    public void A_liquidation_that_leaves_no_collateral_cancels_every_debt_of_the_spoke()
    {
        var (market, run, account) = Borrowed(15_000);
        market.NextBlock(0);
        market.Borrow(market.Owners[0], market.Reserves[3], 500_000000);
        market.Prices[FakeAaveV4.EthSource] = 1_000_00000000;
        Take(market, run);
        Report(run, market, account).Status.ShouldBe(MarginStatus.Insolvent);

        market.NextBlock(0);
        market.Liquidate(market.Owners[0], market.Owners[1], market.Reserves[0], market.Reserves[1], receiveShares: false);
        Take(market, run);
        var report = Report(run, market, account);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.HealthFactor.ShouldBeNull();
        report.Positions.ShouldBeEmpty();
    }

    [Fact]
    public void Paused_halted_inactive_and_without_liquidity_nobody_can_liquidate_and_it_says_why()
    {
        var (market, run, account) = Borrowed(15_000);
        var (eth, usd) = (market.Reserves[0], market.Reserves[1]);
        market.Prices[FakeAaveV4.EthSource] = 1_800_00000000;
        Blocked(() => market.SetFlags(usd, ReserveFlags.Paused, 500)).ShouldBe("paused");
        Blocked(() => market.SetFlags(usd, ReserveFlags.Frozen, 500)).ShouldBe("");
        Blocked(() => market.SetSpokeConfig(usd, active: true, halted: true)).ShouldBe("halted");
        Blocked(() => market.SetSpokeConfig(usd, active: true, halted: false)).ShouldBe("");
        Blocked(() => market.SetSpokeConfig(eth, active: true, halted: true)).ShouldBe("", "shares can still be taken");
        Blocked(() => market.SetFlags(eth, ReserveFlags.Borrowable, 500)).ShouldBe("halted");
        Blocked(() => market.SetSpokeConfig(eth, active: false, halted: false)).ShouldBe("inactive");
        Blocked(() => market.SetSpokeConfig(eth, active: true, halted: false)).ShouldBe("");
        Blocked(() => market.Borrow(market.Owners[7], eth, eth.State.Liquidity)).ShouldBe("hub-liquidity");

        string Blocked(Action change)
        {
            market.NextBlock(0);
            change();
            Take(market, run);
            return string.Join(' ', Report(run, market, account).Blocked.Select(static blocked => blocked.Code));
        }
    }

    [Fact]
    public void What_an_owner_can_do_goes_by_the_newest_keys_and_by_what_the_hub_lets_the_spoke_do()
    {
        var (market, run, account) = Borrowed(15_000);
        var (eth, usd) = (market.Reserves[0], market.Reserves[1]);
        Said(() => { }).ShouldBe("Deposit yes; Withdraw limited health; Repay yes");
        Said(() => market.AddKey(eth, new DynamicConfig(5_000, 10_500, 1_000))).ShouldBe("Deposit yes; Withdraw no health; Repay yes");
        Report(run, market, account).Status.ShouldBe(MarginStatus.Healthy);
        Said(() => market.AddKey(eth, new DynamicConfig(8_000, 10_500, 1_000))).ShouldBe("Deposit yes; Withdraw limited health; Repay yes");
        Said(() => market.SetSpokeConfig(eth, active: true, halted: false, addCap: 900)).ShouldBe("Deposit unknown supply-cap; Withdraw limited health; Repay yes");
        Said(() => market.SetSpokeConfig(eth, active: true, halted: false, addCap: 0)).ShouldBe("Deposit no supply-cap; Withdraw limited health; Repay yes");
        Said(() => market.SetSpokeConfig(eth, active: true, halted: false)).ShouldBe("Deposit yes; Withdraw limited health; Repay yes");
        Said(() => market.SetFlags(usd, ReserveFlags.Paused, 0)).ShouldBe("Deposit yes; Withdraw limited health; Repay no paused");
        Said(() => market.SetFlags(eth, ReserveFlags.Frozen, 0)).ShouldBe("Deposit no frozen; Withdraw limited health; Repay no paused");
        Said(() => market.Borrow(market.Owners[7], eth, eth.State.Liquidity)).ShouldBe("Deposit no frozen; Withdraw no health liquidity; Repay no paused");

        string Said(Action change)
        {
            market.NextBlock(0);
            change();
            Take(market, run);
            return string.Join("; ", Report(run, market, account).Actions.Select(static action =>
                string.Join(' ', [$"{action.Kind} {action.Possible.ToString().ToLowerInvariant()}", .. action.Reasons.Select(static reason => reason.Code)])));
        }
    }

    [Fact]
    public void An_upgrade_of_spoke_or_hub_closes_the_market_until_it_is_read_again()
    {
        foreach (var contract in new[] { FakeAaveV4.Spoke, new FakeAaveV4(1, isEmpty: true).Prime.Address })
        {
            var (market, run, account) = Borrowed(15_000);
            market.NextBlock();
            market.Upgrade(contract);
            run.Take(market.Header, market.Logs, market.Owners, isHead: false);
            run.Protocol.IsOpen.ShouldBeFalse();
            Report(run, market, account).UnknownReason.ShouldBe("A contract of aave-v4/eip155:31337/fake was upgraded in block 1003 and the market has not been read again since.");

            // What his logs mean meanwhile is not known: he is read again as well.
            market.NextBlock();
            market.Repay(market.Owners[0], market.Reserves[1], 1_000_000000);
            Take(market, run);
            run.LastReads.Count.ShouldBeGreaterThan(Standing);
            Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
        }
    }

    [Fact]
    public void A_revision_that_is_not_known_is_named_and_judges_nobody()
    {
        var (market, run, account) = Borrowed(15_000);
        market.NextBlock();
        market.Revision = 2;
        market.Upgrade(FakeAaveV4.Spoke);
        Take(market, run);
        Report(run, market, account).UnknownReason.ShouldBe($"SPOKE_REVISION 2 of {FakeAaveV4.Spoke} is not known to this version, so no account of it can be judged.");

        market.NextBlock();
        market.Revision = 1;
        market.Prime.Revision = 7;
        Take(market, run);
        Report(run, market, account).UnknownReason.ShouldBe($"HUB_REVISION 7 of {market.Prime.Address} is not known to this version, so no account of aave-v4/eip155:31337/fake can be judged.");
        var verdicts = new Verdict[1];
        run.Protocol.JudgeMany([run.Protocol.SlotOf(account)], market.Header, new Instant(market.Header.Timestamp), verdicts);
        verdicts[0].Status.ShouldBe(MarginStatus.Unknown);
    }

    [Fact]
    public void A_new_reserve_closes_the_market_for_one_reading_and_its_positions_are_folded_from_then_on()
    {
        var (market, run, account) = Borrowed(15_000);
        market.NextBlock();
        var added = market.AddReserve();
        Take(market, run);
        run.Protocol.IsOpen.ShouldBeTrue();
        market.NextBlock();
        market.Supply(market.Owners[0], added, 10_000_000);
        market.SetCollateral(market.Owners[0], added, true);
        Take(market, run);
        run.LastReads.Count.ShouldBe(Standing);
        Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
        Report(run, market, account).Positions.Count(static leg => leg.Asset == FakeAaveV4.Wbtc).ShouldBe(1);
    }

    [Fact]
    public void A_broken_feed_blinds_only_whoever_has_flagged_or_borrowed_it()
    {
        var (market, run, account) = Borrowed(15_000);
        var other = run.Protocol.AccountOf(market.Owners[2]);
        market.NextBlock();
        market.Supply(market.Owners[2], market.Reserves[2], 1_00000000);
        market.SetCollateral(market.Owners[2], market.Reserves[2], true);
        Take(market, run);
        market.Broken.Add(FakeAaveV4.BtcSource);
        market.NextBlock();
        Take(market, run);
        market.NextBlock();
        Take(market, run);
        Report(run, market, account).Status.ShouldBe(MarginStatus.Healthy);
        Report(run, market, other).UnknownReason.ShouldBe($"The price of WBTC can't be read: the oracle reverted in block {market.Header.Number}.");
    }

    [Fact]
    public void An_event_that_does_not_follow_from_the_state_has_it_read_again()
    {
        var (market, run, account) = Borrowed(15_000);
        market.NextBlock();
        market.Supply(market.Owners[0], market.Reserves[1], 9_000_000000);
        run.Take(market.Header, [.. market.Logs.Where(log => log.Address != FakeAaveV4.Spoke)], market.Owners, isHead: false);
        market.NextBlock();
        market.Withdraw(market.Owners[0], market.Reserves[1], UInt256.MaxValue >> 8);
        Take(market, run);
        run.LastReads.Count.ShouldBeGreaterThan(Standing);
        Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
    }

    [Fact]
    public void A_log_of_a_hub_that_was_lost_shows_when_the_account_is_compared_and_is_mended_by_that()
    {
        var (market, run, account) = Borrowed(15_000);
        market.NextBlock();
        market.Supply(market.Owners[1], market.Reserves[0], FakeAaveV4.Units(market.Reserves[0], 7_777));
        run.Take(market.Header, [.. market.Logs.Where(log => log.Address == FakeAaveV4.Spoke)], market.Owners, isHead: true);
        var hubs = run.Protocol.Confirm(account).Where(AaveV4Abi.GetAsset.Function.IsCall).ToList();
        hubs.Count.ShouldBe(2, "one of each reserve that the account uses");
        market.NextBlock(3_600);
        Take(market, run);
        foreach (var call in hubs)
        {
            run.Protocol.ApplyRead(market.Header, call, market.Answer(call), new HashSet<MarginAccountId>());
        }

        Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
    }

    [Fact]
    public void After_an_upgrade_no_one_answer_less_opens_the_market()
    {
        Call? missing = null;
        var (market, run, account) = Borrowed(15_000, call => call.Equals(missing));
        var opening = new CallResults();
        foreach (var call in Opening(run.Protocol, market, opening))
        {
            // A name that is not told, or an older key, blinds nobody or only who is bound to it.
            if (AaveV4Abi.Symbol.Function.IsCall(call)
                || (AaveV4Abi.GetDynamicConfig.Function.IsCall(call) && CallArguments.Key(call) + 1 < market.Reserves[CallArguments.Id(call)].Keys.Count))
            {
                continue;
            }

            missing = call;
            market.NextBlock();
            market.Upgrade(FakeAaveV4.Spoke);
            Take(market, run);
            run.Protocol.IsOpen.ShouldBeFalse(call.ToString());
            Report(run, market, account).Status.ShouldBe(MarginStatus.Unknown);
            missing = null;
            market.NextBlock();
            Take(market, run);
            Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
        }
    }

    [Fact]
    public void A_log_that_cannot_be_read_is_refused_and_everybody_is_right_when_all_was_given_up_for_it()
    {
        var (market, run, account) = Borrowed(15_000);
        market.NextBlock();
        market.Repay(market.Owners[0], market.Reserves[1], 1_000_000000);
        market.Upgrade(market.Prime.Address);
        foreach (var log in market.Logs)
        {
            Should.Throw<AbiException>(() => run.Protocol.Apply(market.Header, Cut(log), new HashSet<MarginAccountId>()), log.Address.ToString());
        }

        run.Protocol.IsOpen.ShouldBeTrue("what is refused changes nothing");
        run.Protocol.Distrust();
        Report(run, market, account).Status.ShouldBe(MarginStatus.Unknown);
        Take(market, run);
        Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));

        market.NextBlock();
        market.Borrow(market.Owners[1], market.Reserves[1], 1_000_000000);
        market.Prices[FakeAaveV4.EthSource] = 1_000_00000000;
        market.Liquidate(market.Owners[0], market.Owners[1], market.Reserves[0], market.Reserves[1], receiveShares: true);
        market.Logs.Select(run.Protocol.Discover).OfType<MarginAccountId>().ShouldHaveSingleItem();
        market.Logs.Select(run.Protocol.LiquidationOf).OfType<Liquidation>().ShouldHaveSingleItem();
        market.Logs.Select(Cut).Select(run.Protocol.Discover).OfType<MarginAccountId>().ShouldBeEmpty();
        market.Logs.Select(Cut).Select(run.Protocol.LiquidationOf).OfType<Liquidation>().ShouldBeEmpty();

        static Log Cut(Log log) => log.Data.IsEmpty ? log with { Topics = [log.Topics[0], Keccak256.HashUtf8("no address")] } : log with { Data = log.Data[..^1] };
    }

    [Fact]
    public void A_log_of_a_reserve_that_is_not_known_has_the_list_of_reserves_read_again()
    {
        var (market, run, account) = Borrowed(15_000);
        market.NextBlock();
        var added = market.AddReserve();
        run.Take(market.Header, [.. market.Logs.Where(log => log.Address != FakeAaveV4.Spoke)], market.Owners, isHead: false);
        market.NextBlock();
        market.Supply(market.Owners[0], added, 10_000_000);
        market.SetCollateral(market.Owners[0], added, true);
        Take(market, run);
        market.NextBlock();
        Take(market, run);
        Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
    }

    [Fact]
    public void A_reserve_whose_log_never_came_is_found_by_their_count_and_whoever_used_it_is_read()
    {
        var (market, run, account) = Borrowed(15_000);
        market.NextBlock();
        var added = market.AddReserve();
        market.Supply(market.Owners[0], added, 10_000_000);
        market.SetCollateral(market.Owners[0], added, true);
        Lose(market, run);
        market.NextBlock();
        Take(market, run);
        Report(run, market, account).UnknownReason.ShouldBe($"The list of reserves of aave-v4/eip155:31337/fake changed in block {market.Header.Number} and has not been read again since.");
        market.NextBlock();
        Take(market, run);
        Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
        Report(run, market, account).Positions.Count(static leg => leg.Asset == FakeAaveV4.Wbtc).ShouldBe(1);
        market.NextBlock();
        Take(market, run);
        run.LastReads.Count.ShouldBe(Standing);
    }

    [Fact]
    public void Whoever_waits_already_when_a_reserve_is_missed_is_not_made_whole_by_answers_of_the_old_list()
    {
        var (market, run, account) = Borrowed(15_000);
        var owner = market.Owners[0];
        market.NextBlock();
        var added = market.AddReserve();
        market.Supply(owner, market.Reserves[1], 9_000_000000);
        market.Borrow(owner, added, FakeAaveV4.Units(added, 500));
        Lose(market, run);

        // He has to be read again, by the same question that counts the reserves.
        market.NextBlock();
        market.Withdraw(owner, market.Reserves[1], UInt256.MaxValue >> 8);
        Take(market, run);
        run.LastReads.ShouldContain(static call => AaveV4Abi.GetUserPosition.Function.IsCall(call));
        run.Protocol.IsOpen.ShouldBeFalse();
        market.NextBlock();
        Take(market, run);
        Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(owner));
        Report(run, market, account).Positions.ShouldContain(static leg => leg.Asset == FakeAaveV4.Wbtc);
    }

    [Fact]
    public void When_everybody_must_be_read_again_a_block_reads_some_and_the_others_are_unknown_until_their_turn()
    {
        var (market, run, account) = Borrowed(15_000);
        IReadOnlyList<Address> many = [.. market.Owners, .. Enumerable.Range(1, 600).Select(static i => FakeAddress.Of(0xef, i))];
        market.NextBlock();
        run.Take(market.Header, market.Logs, many, isHead: true);
        market.NextBlock();
        market.AddReserve();
        Lose(market, run);
        market.NextBlock();
        Take(market, run);
        List<int> waiting = [];
        do
        {
            market.NextBlock();
            Take(market, run);
            run.LastReads.Count.ShouldBeLessThanOrEqualTo(Standing + 1 + (2 * market.Reserves.Count * PendingTurns.Most));
            waiting.Add(many.Count(user => Report(run, market, run.Protocol.AccountOf(user)).Status == MarginStatus.Unknown));
        }
        while (waiting[^1] > 0 && waiting.Count < 10);

        waiting.ShouldBe([many.Count - PendingTurns.Most, many.Count - (2 * PendingTurns.Most), 0]);
        Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(3)]
    public void A_count_that_is_wrong_once_closes_the_market_no_longer_than_it_is_wrong(int count)
    {
        var isWrong = false;
        var (market, run, account) = Borrowed(15_000, instead: call => isWrong && AaveV4Abi.ReserveCount.Function.IsCall(call) ? AbiWords.Answer(count) : null);
        isWrong = true;
        market.NextBlock();
        market.Upgrade(FakeAaveV4.Spoke);
        Take(market, run);
        run.Protocol.IsOpen.ShouldBeFalse();
        isWrong = false;
        market.NextBlock();
        Take(market, run);
        Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
    }

    [Fact]
    public void What_only_logs_tell_is_held_against_the_contract_in_turn_and_a_change_whose_log_never_came_is_seen()
    {
        var (market, run, account) = Borrowed(15_000);
        var eth = market.Reserves[0];
        Lost(() => market.ChangeKey(eth, 0, new DynamicConfig(7_600, 10_500, 1_000)));
        Health(run, market, account).ShouldBe(Expected(20_000, 7_600, 15_000));
        Lost(() => market.SetFlags(eth, ReserveFlags.Paused, 0));
        Report(run, market, account).Actions.First(static action => action.Kind == ActionKind.Withdraw).Reasons[0].Code.ShouldBe("paused");
        Lost(() => market.SetFlags(eth, ReserveFlags.Borrowable, 0));
        Lost(() => market.SetSpokeConfig(eth, active: false, halted: false));
        Report(run, market, account).Actions.First(static action => action.Kind == ActionKind.Withdraw).Reasons[0].Code.ShouldBe("inactive");
        Lost(() => market.SetLiquidation(market.Liquidation with { LiquidationBonusFactor = 77 }));
        ((AaveV4State)run.Protocol.Capture(account, market.Header)).Liquidation.ShouldBe(market.Liquidation);
        Lost(() => market.SetSource(eth, FakeAaveV4.BtcSource));
        ((AaveV4State)run.Protocol.Capture(account, market.Header)).Reserves[0].PriceSource.ShouldBe(FakeAaveV4.BtcSource);

        // A key that came unseen, to which he was bound then; and with two keys one more is asked for.
        Lost(() =>
        {
            market.AddKey(eth, new DynamicConfig(6_000, 10_500, 1_000));
            market.RefreshAll(market.Owners[0]);
        });
        Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
        Lost(() => market.ChangeKey(eth, 0, new DynamicConfig(5_500, 10_500, 1_000)), blocks: 8 * market.Reserves.Count);
        var listed = new List<MarketParameter>();
        run.Protocol.Parameters(listed);
        listed.ShouldContain(static p => p.Subject.What == "key 0 of reserve" && p.Subject.Number == 0 && p.Name == "collateralFactor" && p.Value == 5_500u);

        // Every reserve has its turn within as many blocks as there are; one block more where the market had to be opened again.
        void Lost(Action change, int? blocks = null)
        {
            market.NextBlock(0);
            change();
            Lose(market, run);
            for (var i = 0; i <= (blocks ?? market.Reserves.Count); i++)
            {
                market.NextBlock(0);
                Take(market, run);
                run.LastReads.Count.ShouldBeLessThanOrEqualTo(Standing + 1 + (2 * market.Reserves.Count * market.Owners.Count));
            }

            run.LastReads.Count.ShouldBeInRange(Standing, Standing + 1);
        }
    }

    [Fact]
    public void A_newest_key_beyond_measure_judges_nobody_otherwise_in_bulk_and_is_not_believed_for_long()
    {
        var (market, run, account) = Borrowed(15_000);
        market.NextBlock(0);
        Hash32[] topics = [AaveV4Abi.AddDynamicConfig.Topic0, Hash32.FromUInt256(UInt256.Zero), Hash32.FromUInt256(uint.MaxValue)];
        run.Take(market.Header, [new Log(FakeAaveV4.Spoke, topics, AbiWords.Join([6_000, 10_700, 800]), market.Header.Hash, 0)], [], isHead: false);
        var report = Report(run, market, account);
        report.Status.ShouldBe(MarginStatus.Healthy);
        var verdicts = new Verdict[1];
        run.Protocol.JudgeMany([run.Protocol.SlotOf(account)], market.Header, new Instant(market.Header.Timestamp), verdicts);
        verdicts[0].ShouldBe(new Verdict(report.Status, report.HealthFactor!.Value));
        for (var i = 0; i <= market.Reserves.Count; i++)
        {
            market.NextBlock(0);
            Take(market, run);
        }

        ((AaveV4State)run.Protocol.Capture(account, market.Header)).Reserves[0].NewestTerms.CollateralFactor.ShouldBe((ushort)8_000);
    }

    [Fact]
    public void What_is_held_against_the_contract_and_is_not_answered_changes_nothing()
    {
        var isSilent = false;
        var (market, run, account) = Borrowed(15_000, instead: call => isSilent && !AaveV4Abi.GetReservesPrices.Function.IsCall(call) && !AaveV4Abi.GetAsset.Function.IsCall(call) ? AbiWords.Reverted : null);
        isSilent = true;
        for (var i = 0; i < 6; i++)
        {
            market.NextBlock();
            market.SetFlags(market.Reserves[0], ReserveFlags.Borrowable, (uint)i);
            Take(market, run);
            Report(run, market, account).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(market.Owners[0]));
        }

        market.NextBlock(0);
        market.RefreshAll(market.Owners[0]);
        Take(market, run);
        run.LastReads.Count.ShouldBe(Standing, "nobody has to be read again");
    }

    [Fact]
    public void Nobody_is_told_to_deposit_what_counts_for_nothing_and_what_was_not_read_is_no_answer()
    {
        var (market, run, account) = Borrowed(15_000);
        var btc = market.Reserves[2];
        market.NextBlock(0);
        market.Supply(market.Owners[0], btc, 1_00000000);
        Take(market, run);
        Said().ShouldBe("Withdraw yes");
        market.Broken.Add(FakeAaveV4.BtcSource);
        for (var i = 0; i < 2; i++)
        {
            market.NextBlock(0);
            Take(market, run);
        }

        Report(run, market, account).Status.ShouldBe(MarginStatus.Healthy);
        Said().ShouldBe("Withdraw unknown liquidity");
        market.NextBlock(0);
        market.Broken.Clear();
        market.AddKey(btc, new DynamicConfig(0, 10_500, 1_000));
        market.SetCollateral(market.Owners[0], btc, true);
        Take(market, run);
        Said().ShouldBe("Withdraw limited health");

        string Said() => string.Join("; ", Report(run, market, account).Actions.Where(static action => action.Asset == FakeAaveV4.Wbtc).Select(static action =>
            string.Join(' ', [$"{action.Kind} {action.Possible.ToString().ToLowerInvariant()}", .. action.Reasons.Select(static reason => reason.Code)])));
    }

    // A block whose logs of the Spoke and its hubs' configuration never come; what moves balances at hubs does.
    private static void Lose(FakeAaveV4 market, ProtocolRun run) => run.Take(
        market.Header, [.. market.Logs.Where(static log => log.Address != FakeAaveV4.Spoke && !AaveV4Abi.UpdateSpokeConfig.Matches(log))], market.Owners, isHead: false);

    private static List<Call> Opening(IProtocol protocol, FakeAaveV4 market, CallResults answers)
    {
        var before = -1;
        List<Call> calls = [];
        while (calls.Count != before)
        {
            before = calls.Count;
            calls = [.. protocol.Open(answers).Distinct()];
            foreach (var call in calls)
            {
                answers.Set(call, market.Answer(call));
            }
        }

        return calls;
    }

    private static UInt256 Expected(ulong collateral, uint factor, ulong debt) =>
        UInt256.Pow10(18) * collateral * factor / 10_000u * 100_000_000u / (debt * (UInt256)99_990_000u);

    // Owner 0 has ten ether and owes so many dollars; no time passes and nobody pays a premium, so figures are round.
    private static (FakeAaveV4 Market, ProtocolRun Run, MarginAccountId Account) Borrowed(int dollars, Func<Call, bool>? isMissing = null, Func<Call, CallResult?>? instead = null)
    {
        var market = new FakeAaveV4(1, isEmpty: true);
        foreach (var reserve in market.Reserves)
        {
            market.SetFlags(reserve, reserve.Flags, 0);
        }

        market.NextBlock(0);
        market.Supply(market.Owners[0], market.Reserves[0], FakeAaveV4.Units(market.Reserves[0], 20_000));
        market.SetCollateral(market.Owners[0], market.Reserves[0], true);
        market.NextBlock(0);
        market.Borrow(market.Owners[0], market.Reserves[1], FakeAaveV4.Units(market.Reserves[1], dollars));
        var run = new ProtocolRun(market.NewProtocol(new ProtocolOptions()), call => isMissing?.Invoke(call) == true ? null : instead?.Invoke(call) ?? market.Answer(call));
        Take(market, run);
        return (market, run, run.Protocol.AccountOf(market.Owners[0]));
    }

    private static void Take(FakeAaveV4 market, ProtocolRun run) => run.Take(market.Header, market.Logs, market.Owners, isHead: true);

    private static UInt256? Health(ProtocolRun run, FakeAaveV4 market, MarginAccountId account) => Report(run, market, account).HealthFactor;

    private static MarginReport Report(ProtocolRun run, FakeAaveV4 market, MarginAccountId account) =>
        run.Protocol.Evaluate(run.Protocol.Capture(account, market.Header), new Instant(market.Header.Timestamp), Shock.None);
}
