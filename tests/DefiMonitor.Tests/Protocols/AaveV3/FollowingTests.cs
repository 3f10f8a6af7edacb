using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV3;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiException = DefiMonitor.Ethereum.Abi.AbiException;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>What the market does that no plain event tells, or that changes what is listened to.</summary>
public sealed class FollowingTests
{
    [Fact]
    public void From_3_5_on_a_liquidation_paid_in_aTokens_moves_the_collateral_in_silence_and_it_is_read_again()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() => market.Fake.Borrow(MarketUnderTest.Bob, market.Weth, 500), seconds: 1_000_000);
        market.Block(() => market.Fake.LiquidateForATokens(MarketUnderTest.Alice, MarketUnderTest.Bob, market.Weth, market.Usdc), seconds: 5_000_000);
        market.LastReads.ShouldContain(call => AaveAbi.GetReserveData.Function.IsCall(call) && CallArguments.Address(call) == market.Weth.Asset);
        market.Block(seconds: 5_000_000);
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.ShouldBeRight(MarketUnderTest.Bob);
    }

    [Fact]
    public void A_topic_that_is_no_address_is_said_to_be_none()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        var odd = Keccak256.HashUtf8("no address");
        Should.Throw<AbiException>(() => Apply(FakeAave.PoolAddress, AaveAbi.Upgraded.Topic0));
        Should.Throw<AbiException>(() => Apply(FakeAave.ConfiguratorAddress, AaveAbi.OneReserve[0].Topic0));

        void Apply(Address contract, Hash32 topic) =>
            market.Protocol.Apply(market.Fake.Header, new Log(contract, [topic, odd], ReadOnlyMemory<byte>.Empty, odd, 0), new HashSet<MarginAccountId>());
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(4u)]
    public void Up_to_3_1_a_stable_debt_is_read_at_every_block_until_it_is_gone(uint revision)
    {
        var market = new MarketUnderTest(revision);
        market.Open();
        market.Block(() => market.Fake.Borrow(MarketUnderTest.Bob, market.Weth, 300, isStable: true));
        for (var i = 0; i < 5; i++)
        {
            market.ShouldBeRight(MarketUnderTest.Bob);
            market.LastReads.ShouldContain(call => AaveAbi.BalanceOf.Function.IsCall(call));
            market.Block(seconds: 77);
        }

        market.Block(() => market.Fake.RepayStable(MarketUnderTest.Bob, market.Weth));
        market.ShouldBeRight(MarketUnderTest.Bob);
        market.State(MarketUnderTest.Bob).Configuration.ShouldBe(market.Fake.User(MarketUnderTest.Bob).Configuration);
        market.Block();
        market.LastReads.ShouldNotContain(call => AaveAbi.BalanceOf.Function.IsCall(call));
    }

    [Fact]
    public void A_stable_debt_that_can_not_be_read_makes_its_owner_unknown()
    {
        var reverts = false;
        var market = new MarketUnderTest(1, answer: (fake, call) => reverts && AaveAbi.BalanceOf.Function.IsCall(call) ? new CallResult(false, default) : fake.Answer(call));
        market.Open();
        market.Block(() => market.Fake.Borrow(MarketUnderTest.Bob, market.Weth, 300, isStable: true));
        reverts = true;
        market.Block();
        market.Report(MarketUnderTest.Bob).UnknownReason.ShouldBe($"The WETH debt is told by no event and could not be read at block {market.Fake.Header.Number}.");
        market.ShouldBeRight(MarketUnderTest.Alice);
    }

    [Fact]
    public void In_3_3_a_discounted_debt_is_what_balanceOf_says_at_the_block()
    {
        var market = new MarketUnderTest(7, prepare: fake => fake.Reserves[2].HasVirtualAccounting = false);
        market.Open();
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.Block(() => market.Fake.Borrow(MarketUnderTest.Alice, market.Usdc, 100), seconds: 90_000);
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.Block(() => market.Fake.Repay(MarketUnderTest.Alice, market.Usdc, 100));
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.Report(MarketUnderTest.Alice).HealthFactor.ShouldBeNull();
        market.Block();
        market.LastReads.ShouldNotContain(call => AaveAbi.BalanceOf.Function.IsCall(call));
    }

    [Fact]
    public void Up_to_3_1_a_category_may_bring_its_own_price_which_counts_unless_it_is_zero()
    {
        var source = FakeAddress.Of(0x66, 1);
        var market = new MarketUnderTest(1, prepare: fake =>
        {
            fake.EModes[1].PriceSource = source;
            fake.EModes[1].SourcePrice = 2_400_00000000UL;
        });
        market.Open(supplied: 10_000, borrowed: 4_000);
        market.Block(() => market.Fake.SetEMode(MarketUnderTest.Alice, 1));
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.Report(MarketUnderTest.Alice).Positions[0].Price.ShouldBe((UInt256)2_400_00000000UL);
        market.Block(() => market.Fake.EModes[1].SourcePrice = UInt256.Zero);
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.Report(MarketUnderTest.Alice).Positions[0].Price.ShouldBe(market.Weth.Price);
    }

    [Fact]
    public void An_upgrade_closes_the_market_and_it_opens_again_with_the_new_formulas_in_the_same_block()
    {
        var market = new MarketUnderTest(8);
        market.Open();
        market.Block(
            () =>
            {
                market.Fake.Repay(MarketUnderTest.Alice, market.Usdc, 10);
                market.Fake.Upgrade(9);
                market.Fake.Repay(MarketUnderTest.Alice, market.Usdc, 10);
                market.Fake.Supply(MarketUnderTest.Bob, market.Weth, 77);
            },
            seconds: 40_000);
        market.Protocol.IsOpen.ShouldBeTrue();
        market.State(MarketUnderTest.Alice).Version.ShouldBe(AaveVersion.V35);
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.ShouldBeRight(MarketUnderTest.Bob);
    }

    [Fact]
    public void Between_an_upgrade_and_the_next_reading_everybody_is_unknown()
    {
        var market = new MarketUnderTest(9);
        market.Open();
        market.Block(() => market.Fake.Upgrade(10), isHead: false);
        market.Protocol.IsOpen.ShouldBeFalse();
        market.Report(MarketUnderTest.Alice).UnknownReason.ShouldBe(
            $"A contract of aave-v3/eip155:31337/fake was upgraded in block {market.Fake.Header.Number} and the market has not been read again since.");
        market.Block(() => market.Fake.Borrow(MarketUnderTest.Alice, market.Wbtc, 50), isHead: false);
        market.Block();
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.Undo();
        market.Undo();
        market.Undo();
        market.Protocol.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public void A_new_reserve_is_listened_to_from_the_block_in_which_it_appears()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() =>
        {
            market.Fake.ListReserve("LINK", 18, 15_00000000UL);
            market.Fake.Supply(MarketUnderTest.Bob, market.Fake.Reserves[4], 700);
        });
        market.ShouldBeRight(MarketUnderTest.Bob);
        market.Block(() => market.Fake.Withdraw(MarketUnderTest.Bob, market.Fake.Reserves[4], 40));
        market.ShouldBeRight(MarketUnderTest.Bob);
        market.Report(MarketUnderTest.Bob).Positions.ShouldContain(position => position.Symbol == "LINK");
    }

    [Fact]
    public void A_dropped_reserve_is_passed_over_as_the_contract_passes_over_it()
    {
        var market = new MarketUnderTest(8);
        market.Open();
        market.Block(() => market.Fake.Supply(MarketUnderTest.Alice, market.Wbtc, 100));
        market.Block(() => market.Fake.DropReserve(market.Wbtc));
        market.ShouldBeRight(MarketUnderTest.Alice);
        market.Report(MarketUnderTest.Alice).Positions.ShouldNotContain(position => position.Symbol == "WBTC");
    }

    [Fact]
    public void Names_are_hostile()
    {
        var market = new MarketUnderTest(10, prepare: fake =>
        {
            fake.Symbols["WETH"] = AbiWords.Answer("MKR"u8.ToArray());
            fake.Symbols["WBTC"] = AbiWords.Reverted;
            fake.Symbols["USDC"] = AbiWords.Text("\u001b[31m" + new string('x', 200));
        });
        market.Open();
        market.Report(MarketUnderTest.Alice).Positions.Select(position => position.Symbol).ShouldBe(["MKR", "?[31m" + new string('x', 27)]);
        market.Report(MarketUnderTest.Bob).Positions[0].Symbol.ShouldBe("0xa100..0001".Replace("a100", "a000"));
    }

    [Fact]
    public void Logs_of_who_has_not_entered_are_ignored_and_a_borrower_is_discovered()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        var stranger = FakeAddress.Of(0xdd, 9);
        market.Block(() => market.Fake.Borrow(stranger, market.Usdc, 100));
        market.Touched.ShouldNotContain(account => account.Key == stranger.ToHex());
        market.Protocol.HasEntered(market.Protocol.AccountOf(stranger)).ShouldBeFalse();
        market.Fake.Logs.Select(market.Protocol.Discover).Where(account => account is not null).ShouldBe([market.Protocol.AccountOf(stranger)]);
    }

    [Fact]
    public void A_liquidation_is_told_with_whom_and_what()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() => market.Fake.LiquidateForATokens(MarketUnderTest.Alice, MarketUnderTest.Bob, market.Weth, market.Usdc));
        var told = market.Fake.Logs.Select(market.Protocol.LiquidationOf).Where(liquidation => liquidation is not null).ShouldHaveSingleItem()!;
        told.Account.ShouldBe(market.Protocol.AccountOf(MarketUnderTest.Alice));
        (told.DebtAsset, told.CollateralAsset).ShouldBe((market.Usdc.Asset, market.Weth.Asset));
        market.Touched.ShouldContain(told.Account);
    }

    [Fact]
    public void What_changes_for_everybody_touches_nobody()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() => market.Wbtc.Price *= 2u);
        market.Touched.ShouldBeEmpty();
        market.Block(() => market.Fake.SetThreshold(market.Weth, 7_000));
        market.Touched.ShouldBeEmpty();
        market.ShouldBeRight(MarketUnderTest.Alice);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(5u)]
    [InlineData(7u)]
    [InlineData(11u)]
    [InlineData(12u)]
    public void Whoever_has_a_row_of_their_own_changed_is_touched(uint revision)
    {
        var broken = new Random((int)revision);
        var fake = new FakeAave(revision, 5);
        var run = new ProtocolRun(fake.NewProtocol(), call => broken.Next(40) == 0 ? AbiWords.Reverted : fake.Answer(call));
        string[] own = ["account", "balance", "read-debt", "pending", "agreement"];
        var seen = 0;
        for (var i = 0; i < 80; i++)
        {
            fake.Mine();
            run.Touched.Clear();
            run.Take(fake.Header, fake.Logs, fake.Owners, isHead: i % 4 != 3);
            foreach (var change in run.LastDiffs.Where(diff => own.Contains(diff.Table)).SelectMany(diff => diff.Changes))
            {
                run.Touched.ShouldContain(run.Protocol.AccountOf(Address.FromBytes(change.Key.AsSpan(0, 20))), $"block {i}");
                seen++;
            }
        }

        seen.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Who_moves_a_token_while_the_market_is_closed_by_an_upgrade_is_touched_and_read_again()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(
            () =>
            {
                market.Fake.Upgrade(11);
                market.Fake.Supply(MarketUnderTest.Alice, market.Weth, 10);
            },
            isHead: false);
        market.Touched.ShouldBe([market.Protocol.AccountOf(MarketUnderTest.Alice)]);
        market.Block();
        market.Touched.ShouldContain(market.Protocol.AccountOf(MarketUnderTest.Alice));
        market.ShouldBeRight(MarketUnderTest.Alice);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(8u)]
    [InlineData(9u)]
    [InlineData(11u)]
    public void A_users_word_stays_the_chains_own_though_no_event_tells_the_borrowing_bit(uint revision)
    {
        var fake = new FakeAave(revision, 3);
        var run = new ProtocolRun(fake.NewProtocol(), call => fake.Answer(call));
        for (var i = 0; i < 80; i++)
        {
            fake.Mine();
            run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
            foreach (var owner in fake.Owners)
            {
                ((AaveV3State)run.Protocol.Capture(run.Protocol.AccountOf(owner), fake.Header)).Configuration.ShouldBe(fake.User(owner).Configuration);
            }
        }
    }

    [Fact]
    public void An_account_read_again_forgets_debts_that_the_chain_does_not_name()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        // Behind our back the debt is gone, and comes back smaller.
        var alice = market.Protocol.AccountOf(MarketUnderTest.Alice);
        market.Usdc.DebtToken.Set(MarketUnderTest.Alice, UInt256.Zero, market.Usdc.Indexes.BorrowIndex);
        market.Fake.User(MarketUnderTest.Alice).Configuration = market.Fake.User(MarketUnderTest.Alice).Configuration.WithBorrowing(market.Usdc.Id, false);
        foreach (var call in market.Protocol.Snapshot(alice, new CallResults()).ToList())
        {
            market.Protocol.ApplyRead(market.Fake.Header, call, market.Fake.Answer(call), market.Touched);
        }

        market.Block(() => market.Fake.Borrow(MarketUnderTest.Alice, market.Usdc, 10));
        market.ShouldBeRight(MarketUnderTest.Alice);
    }

    [Fact]
    public void In_a_quiet_block_there_is_one_read_for_prices_and_one_for_the_sentinel_whatever_the_accounts()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block();
        market.LastReads.Count.ShouldBe(2);
    }
}
