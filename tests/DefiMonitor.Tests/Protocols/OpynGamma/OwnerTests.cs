using DefiMonitor.App.Reading;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.OpynGamma;
using DefiMonitor.Tests.Ledger;
using DefiMonitor.Tests.Protocols.OpynGamma.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;
using static DefiMonitor.Tests.Protocols.OpynGamma.Fake.GammaSteps;

namespace DefiMonitor.Tests.Protocols.OpynGamma;

/// <summary>Many vaults of one owner: the contract liquidates each on its own, so none may hide another.</summary>
public sealed class OwnerTests
{
    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    public void An_expired_vault_whose_price_is_gone_blinds_no_live_one_and_is_told_beside_it(ulong type)
    {
        var (market, run, owner, _) = OnePut(1_000, static call => GammaAbi.GetExpiryPrice.Function.IsCall(call));
        var alone = Report(run, market, owner);
        market.NextBlock();
        market.Open(owner, market.List(600, 2_000, isPut: true), type, Option, Dollar * 2_000u);
        Take(market, run);
        market.NextBlock(1_200);
        Take(market, run);
        var healthy = Report(run, market, owner);
        healthy.Status.ShouldBe(MarginStatus.Healthy);
        healthy.HealthFactor.ShouldBe(alone.HealthFactor);
        var beside = healthy.Triggers.Single(static trigger => trigger.Unarmed is not null);
        beside.Unarmed.ShouldBe("nothing of vault 2 can be liquidated; the rest of it is UNKNOWN: The price of USDC at the expiry of vault 2 could not be read.");
        beside.Active.ShouldBeFalse();
        healthy.Missing.ShouldBeEmpty("each of its legs is told");
        healthy.IsDebtPartial.ShouldBeTrue("but not at what price its short is settled");
        healthy.NativeWords.ShouldNotContain(static word => word.Name == "vault 2 proceed");
        healthy.Positions.Count(static leg => leg.Option is not null && leg.Side == PositionSide.Debt).ShouldBe(2, "what it owes is not left out");
        AsInBulk(run, market, owner);

        Next(market, run, 60, 1_200);
        var fallen = Report(run, market, owner);
        fallen.Status.ShouldBe(MarginStatus.Liquidatable);
        fallen.Triggers.Count(static trigger => trigger.Active).ShouldBe(1);
        AsInBulk(run, market, owner);
        Agrees(run, market, owner, isLiquidatable: true);
    }

    [Fact]
    public void A_token_that_nobody_prices_any_more_blinds_none_but_the_live_naked_vaults_made_of_it()
    {
        var isGone = false;
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        market.Open(owner, market.List(600, 2_000, isPut: true, underlying: FakeGamma.Staked), 1, Option, Dollar * 2_000u);
        var run = new ProtocolRun(market.NewProtocol(), call => isGone && call.Equals(GammaAbi.GetPrice.Function.Call(market.Oracle, FakeGamma.Staked)) ? AbiWords.Reverted : market.Answer(call));
        Take(market, run);
        isGone = true;
        market.NextBlock();
        Take(market, run);

        // It may be short already, and nobody knows.
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason.ShouldNotBeNull().ShouldStartWith("The price of stWETH can't be read");
        Compare(run, market, owner, run.Protocol.Confirm(run.Protocol.AccountOf(owner))).Kind.ShouldBe(AgreementKind.Unreadable);
        AsInBulk(run, market, owner);

        // But the other one is known to be.
        Next(market, run, 12, 1_200);
        report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Liquidatable);
        report.Liquidations.Count.ShouldBe(1);
        report.Triggers.Single(static trigger => trigger.Unknown is not null).Unknown.ShouldNotBeNull().ShouldStartWith("vault 2: The price of stWETH can't be read");
        AsInBulk(run, market, owner);
        Agrees(run, market, owner, isLiquidatable: true);

        Next(market, run, 1_200, 2_000);
        market.NextBlock();
        market.Sync(new VaultKey(owner, 1));
        Take(market, run);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Healthy, "what has expired can't be liquidated at any price");
        AsInBulk(run, market, owner);
    }

    [Fact]
    public void A_vault_that_is_being_read_again_does_not_hide_one_that_can_be_liquidated()
    {
        VaultKey? lost = null;
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var other = market.Open(owner, market.Series[0], 1, Option, Dollar * 1_990u);
        var run = new ProtocolRun(market.NewProtocol(), call => lost is { } key && call.Equals(VenueCalls.Vault(FakeGamma.Controller, key)) ? AbiWords.Reverted : market.Answer(call));
        Take(market, run);
        lost = other;
        market.NextBlock();
        market.Deposit(other, FakeGamma.Usdc, Dollar);
        Take(market, run);
        Report(run, market, owner).UnknownReason.ShouldBe("Vault 2 changed and has not been read since.");
        Next(market, run, 12, 1_200);
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Liquidatable);
        report.NativeWords.ShouldNotContain(static word => word.Name.StartsWith("vault 2", StringComparison.Ordinal), "nothing of it is known");
        report.Triggers.ShouldContain(static trigger => trigger.Unknown == "vault 2: Vault 2 changed and has not been read since.");
        report.Missing.ShouldBe(["vault 2: Vault 2 changed and has not been read since."]);
        report.IsDebtPartial.ShouldBeTrue();
        AsInBulk(run, market, owner);
    }

    [Fact]
    public void What_the_first_question_does_not_reach_is_read_in_the_next_blocks_while_nobody_else_waits()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var (owner, other) = (market.Owners[0], market.Owners[1]);
        for (var i = 0; i < 99; i++)
        {
            market.OpenVault(owner, 1);
        }

        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        for (var i = 0; i < 4_900; i++)
        {
            market.OpenVault(owner, 0);
        }

        var key = market.Open(other, market.Series[0], 1, Option, Dollar * 1_000u);
        var (_, run) = Begin(market);
        var first = Report(run, market, owner);
        first.Status.ShouldBe(MarginStatus.Unknown);
        first.UnknownReason.ShouldNotBeNull().ShouldEndWith("has not been read yet.");
        var blocks = 0;
        for (; Report(run, market, owner).Status == MarginStatus.Unknown; blocks++)
        {
            market.NextBlock();
            market.Deposit(key, FakeGamma.Usdc, Dollar);
            Take(market, run);
            run.LastReads.Count(static call => GammaAbi.Vault.Function.IsCall(call)).ShouldBeLessThanOrEqualTo(1_032);
            StateOf(run, market, other).Vaults.Single().CollateralAmount.ShouldBe(market.Vaults[key].CollateralAmount);
        }

        blocks.ShouldBe(2, "2,032 of 5,000 on entering, 1,000 with the reads of that block and of each after it");
        StateOf(run, market, owner).Vaults.Single().Id.ShouldBe(100UL);
        Next(market, run, 12, 1_200);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Liquidatable);
        Agrees(run, market, owner, isLiquidatable: true);
    }

    [Fact]
    public void Who_has_too_many_to_be_followed_is_told_so_and_his_latest_are_judged_all_the_same()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        for (ulong i = 0; i < Entry.MostFollowed; i++)
        {
            market.OpenVault(owner, 0);
        }

        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var (_, run) = Begin(market);
        for (var i = 0; i < 18; i++)
        {
            market.NextBlock();
            Take(market, run);
        }

        Report(run, market, owner).UnknownReason.ShouldBe("The account has opened 20001 vaults: no more than 20000 are followed.");
        AsInBulk(run, market, owner);
        Next(market, run, 12, 1_200);
        var fallen = Report(run, market, owner);
        fallen.Status.ShouldBe(MarginStatus.Liquidatable);
        fallen.Missing.ShouldBe(["The account has opened 20001 vaults: no more than 20000 are followed."]);
        fallen.IsDebtPartial.ShouldBeTrue();
        AsInBulk(run, market, owner);
    }

    [Fact]
    public void What_a_vault_holds_without_its_terms_is_missing_from_the_ledger_and_is_no_nothing()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        Address? lost = market.Series[0].Otoken;
        var run = new ProtocolRun(market.NewProtocol(), call => call.To == lost ? AbiWords.Reverted : market.Answer(call));
        market.Open(owner, market.Series[0], 0, Option, Dollar * 2_000u);
        for (var i = 0; i < 3; i++)
        {
            Take(market, run);
            market.NextBlock();
        }

        var first = Report(run, market, owner);
        first.Status.ShouldBe(MarginStatus.Healthy, "a vault that is no naked one can't be liquidated");
        first.Positions.ShouldNotContain(static leg => leg.Side == PositionSide.Debt);
        first.CollateralValue.ShouldBe(2_000u * UInt256.Pow10(8));
        first.IsDebtPartial.ShouldBeTrue();
        first.Missing.ShouldBe([$"vault 1: The terms of oToken {lost} in vault 1 could not be read."]);
        var risk = MarketRisk.Of(run.Protocol, new MarketReading(market.Header, DefiMonitor.Ethereum.Pin.Strong, [StateOf(run, market, owner)], [], []), [], LedgerSamples.Book);
        (risk.Now.Partial, risk.Ranked.Single().Report.Account).ShouldBe((1, first.Account), "nobody knows that he owes nothing");
        var sums = LedgerSamples.Build(LedgerSamples.Chain(first)).Whole;
        (sums.Debts.State, sums.Net.State).ShouldBe((FigureState.Unknown, FigureState.Unknown));

        lost = null;
        for (var i = 0; i < 3; i++)
        {
            market.NextBlock();
            Take(market, run);
        }

        var whole = Report(run, market, owner);
        whole.Missing.ShouldBeEmpty();
        whole.IsDebtPartial.ShouldBeFalse();
        whole.Positions.Count.ShouldBe(2);

        lost = FakeGamma.Yield;
        market.NextBlock();
        market.Open(owner, market.List(86_400, 2_000, isPut: true, collateral: FakeGamma.Yield), 0, Option, Dollar * 2_000u);
        Take(market, run);
        market.NextBlock();
        Take(market, run);
        var decimals = Report(run, market, owner);
        decimals.Positions.Count.ShouldBe(3, "the short is known, its collateral is not");
        decimals.Missing.ShouldHaveSingleItem().ShouldStartWith("vault 2: The decimals and dust of token");
        decimals.IsDebtPartial.ShouldBeTrue();
    }

    [Fact]
    public void Of_an_owner_with_hundreds_the_chains_own_view_is_asked_of_the_naked_ones_first()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        for (var i = 0; i < 300; i++)
        {
            market.Open(owner, market.Series[0], 0, Option, Dollar * 2_000u);
        }

        var key = market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var (_, run) = Begin(market);
        Next(market, run, 60, 1_200);
        var asked = run.Protocol.Confirm(run.Protocol.AccountOf(owner)).ToList();
        asked.Count(static call => GammaAbi.Vault.Function.IsCall(call)).ShouldBe(VenueCalls.MostConfirmed);
        asked.ShouldContain(VenueCalls.Vault(FakeGamma.Controller, key));
        Agrees(run, market, owner, isLiquidatable: true);
        Compare(run, market, owner, asked.Where(call => !call.Equals(VenueCalls.Vault(FakeGamma.Controller, key)))).ChainSaysLiquidatable.ShouldBeNull("nobody was asked about the naked one");
    }

    [Fact]
    public void Every_naked_vault_is_read_again_in_turn_however_far_apart_the_judged_blocks_are()
    {
        var market = new FakeGamma(1, isEmpty: true);
        foreach (var owner in market.Owners.Take(4))
        {
            for (var i = 0; i < 16; i++)
            {
                market.Open(owner, market.Series[0], 1, Option, Dollar * 1_900u);
            }
        }

        var (_, run) = Begin(market);
        var asked = new HashSet<Call>();
        for (var i = 0; i < 4; i++)
        {
            market.NextBlock();
            if (i % 2 == 0)
            {
                run.Take(market.Header, market.Logs, market.Owners, isHead: false);
                continue;
            }

            Take(market, run);
            asked.UnionWith(run.LastReads.Where(static call => GammaAbi.Vault.Function.IsCall(call)));
        }

        asked.Count.ShouldBe(64, "32 in each of two judged blocks");
    }

    [Fact]
    public void A_vault_that_was_empty_when_the_venue_closed_is_read_when_it_opens_again()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var empty = market.OpenVault(owner, 1);
        var isLost = false;
        var run = new ProtocolRun(market.NewProtocol(), call => isLost && GammaAbi.CalculatorOf.Function.IsCall(call) ? AbiWords.Reverted : market.Answer(call));
        Take(market, run);
        isLost = true;
        market.NextBlock();
        Take(market, run);
        run.Protocol.IsOpen.ShouldBeFalse();

        // Nobody hears this.
        market.NextBlock();
        market.Deposit(empty, FakeGamma.Usdc, Dollar * 600u);
        market.Mint(empty, market.Series[0], Option);
        Take(market, run);
        isLost = false;
        market.NextBlock();
        Take(market, run);
        UntilKnown(market, run, owner).Status.ShouldBe(MarginStatus.Liquidatable);
        StateOf(run, market, owner).Vaults.Select(static vault => vault.Id).ShouldBe([1UL, 2UL]);
    }

    [Fact]
    public void An_answer_about_a_feed_that_was_forgotten_in_the_same_question_makes_no_token_of_it()
    {
        var market = new FakeGamma(1, isEmpty: true);
        market.Open(market.Owners[0], market.Series[0], 1, Option, Dollar * 1_000u);
        var isLost = true;
        var run = new ProtocolRun(market.NewProtocol(), call => isLost && call.To == market.Feed && GammaAbi.Decimals.Function.IsCall(call) ? null : market.Answer(call));
        Take(market, run);
        isLost = false;
        market.NextBlock();
        market.ReplaceCalculator(FakeGamma.Ray4(7_500), isAnnounced: false);
        Take(market, run);
        run.LastReads.ShouldContain(GammaAbi.Decimals.Function.Call(market.Feed));
        run.Dump().ShouldNotContain(row => row.StartsWith($"token {Convert.ToHexString(market.Feed.ToArray())}", StringComparison.Ordinal));
        UntilKnown(market, run, market.Owners[0]).Status.ShouldBe(MarginStatus.Healthy);
    }

    [Fact]
    public void In_bulk_the_verdict_is_the_reports_whatever_the_figures()
    {
        var seen = new Dictionary<MarginStatus, int> { [MarginStatus.Healthy] = 0, [MarginStatus.Liquidatable] = 0, [MarginStatus.Unknown] = 0 };
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            var market = new FakeGamma(seed, isEmpty: true);
            market.SetShock(Words.Any(random, 92));
            market.SetStep(28 * 86_400, Words.Any(random, 92));
            foreach (var owner in market.Owners)
            {
                for (var i = random.Next(1, 4); i > 0; i--)
                {
                    var series = market.List((ulong)random.Next(1, 28) * 86_400, (ulong)random.NextInt64(1, 1L << random.Next(1, 63)), random.Next(2) == 0);
                    market.Open(owner, series, random.Next(4) == 0 ? 0UL : 1UL, Words.Any(random, 27), Words.Any(random, 60));
                }
            }

            if (random.Next(2) == 0)
            {
                market.Write(Words.Any(random, 40));
            }

            var (_, run) = Begin(market);
            foreach (var owner in market.Owners)
            {
                seen[AsInBulk(run, market, owner)]++;
            }
        }

        seen.Values.ShouldAllBe(static count => count > 30);
    }

    private static MarginStatus AsInBulk(ProtocolRun run, FakeGamma market, Address owner)
    {
        var report = Report(run, market, owner);
        var verdicts = new Verdict[1];
        run.Protocol.JudgeMany([run.Protocol.SlotOf(run.Protocol.AccountOf(owner))], market.Header, new Instant(market.Header.Timestamp), verdicts);
        verdicts[0].ShouldBe(new Verdict(report.Status, report.Status == MarginStatus.Unknown ? UInt256.Zero : report.HealthFactor ?? UInt256.MaxValue), report.UnknownReason);
        return report.Status;
    }

    private static (FakeGamma Market, ProtocolRun Run, Address Owner, VaultKey Key) OnePut(uint dollars, Predicate<Call> isLost)
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        var key = market.Open(owner, market.Series[0], 1, Option, Dollar * dollars);
        var run = new ProtocolRun(market.NewProtocol(), call => isLost(call) ? AbiWords.Reverted : market.Answer(call));
        Take(market, run);
        return (market, run, owner, key);
    }
}
