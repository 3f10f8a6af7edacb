using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.OpynGamma;
using DefiMonitor.Tests.Protocols.OpynGamma.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;
using static DefiMonitor.Tests.Protocols.OpynGamma.Fake.GammaSteps;

namespace DefiMonitor.Tests.Protocols.OpynGamma;

/// <summary>What is replaced under the venue, and what its contracts should not say.</summary>
public sealed class VenueTests
{
    private static readonly UInt256 Half = FakeGamma.Ray4(5_000);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_calculator_is_read_afresh_whether_or_not_an_event_told_of_it(bool isAnnounced)
    {
        var (market, run, owner, _) = OnePut(1_000);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Healthy);
        market.NextBlock();
        market.ReplaceCalculator(Half, isAnnounced);
        market.UsdcDust = Dollar * 200u;
        Take(market, run);
        UntilKnown(market, run, owner).Status.ShouldBe(MarginStatus.Liquidatable, "the new spot shock asks for more");
        StateOf(run, market, owner).Vaults.Single().Dust.ShouldBe(Dollar * 200u);
        run.Protocol.Filters.ShouldContain(filter => filter.Addresses.Contains(market.Calculator));
        Agrees(run, market, owner, isLiquidatable: false);
    }

    [Fact]
    public void What_the_former_calculator_answers_in_the_same_question_is_not_taken_for_the_new_ones()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var isLost = true;
        var run = new ProtocolRun(market.NewProtocol(), call => isLost && GammaAbi.SpotShock.Function.IsCall(call) ? null : market.Answer(call));
        Take(market, run);
        isLost = false;
        market.NextBlock();
        market.ReplaceCalculator(Half, isAnnounced: false);
        Take(market, run);
        run.LastReads.ShouldContain(call => GammaAbi.SpotShock.Function.IsCall(call) && call.To != market.Calculator);
        UntilKnown(market, run, owner).Status.ShouldBe(MarginStatus.Liquidatable);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_happens_while_the_venue_is_closed_is_read_once_it_is_open_again(bool isUpgraded)
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        var key = market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var isLost = false;
        var run = new ProtocolRun(market.NewProtocol(), call => isLost && GammaAbi.CalculatorOf.Function.IsCall(call) ? AbiWords.Reverted : market.Answer(call));
        Take(market, run);
        market.NextBlock();
        if (isUpgraded)
        {
            market.Upgrade();
        }

        isLost = true;
        Take(market, run);
        run.Protocol.IsOpen.ShouldBeFalse();
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Unknown);

        // Nobody hears any of this.
        market.NextBlock();
        market.SetShock(Half);
        market.Deposit(key, FakeGamma.Usdc, Dollar * 500u);
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_100u);
        Take(market, run);
        isLost = false;
        market.NextBlock();
        Take(market, run);
        UntilKnown(market, run, owner);
        var state = StateOf(run, market, owner);
        state.Counter.ShouldBe(2UL);
        state.Vaults.Select(static vault => vault.CollateralAmount).ShouldBe([Dollar * 1_500u, Dollar * 1_100u]);
        state.Vaults[0].SpotShock.ShouldBe(Half);
    }

    [Fact]
    public void A_long_in_a_naked_vault_is_refused_as_the_contract_refuses_it()
    {
        var (market, run, owner, _) = OnePut(1_000);
        market.NextBlock();
        var key = market.OpenVault(owner, 1);
        market.DepositLong(key, market.Series[0], Option);
        Take(market, run);
        Report(run, market, owner).UnknownReason.ShouldBe("Vault 2 changed and has not been read since.");
    }

    [Fact]
    public void A_naked_vault_with_a_long_alone_has_no_requirement_that_could_be_computed()
    {
        var (market, run, owner, _) = OnePut(1_000);
        var state = StateOf(run, market, owner);
        var vault = state.Vaults.Single() with { Short = null, Long = state.Vaults.Single().Short };
        VaultMargin.Proceed(vault, market.Header.Timestamp).ShouldBeNull();
        run.Protocol.Evaluate(state with { Vaults = [vault] }, new Instant(market.Header.Timestamp), Shock.None).Status.ShouldBe(MarginStatus.Healthy);
    }

    [Fact]
    public void Another_pricer_brings_a_feed_and_rounds_of_its_own()
    {
        var (market, run, owner, _) = OnePut(1_000);
        Next(market, run, 60, 1_200);
        Report(run, market, owner).Blocked.ShouldBeEmpty();
        market.NextBlock();
        market.ReplacePricer(2_000_00000000u);
        Take(market, run);
        UntilKnown(market, run, owner).Status.ShouldBe(MarginStatus.Healthy, "a round of the former feed can no longer be named");
        Agrees(run, market, owner, isLiquidatable: false);
        Next(market, run, 60, 1_300);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Liquidatable);
        Agrees(run, market, owner, isLiquidatable: true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(18)]
    public void A_rounds_price_has_eight_decimals_whatever_the_feed_has(int decimals)
    {
        var market = new FakeGamma(1, isEmpty: true) { FeedDecimals = decimals };
        var owner = market.Owners[0];
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var (_, run) = Begin(market);
        Next(market, run, 60, 1_200);
        StateOf(run, market, owner).Vaults.Single().Newest!.Value.Price.ShouldBe(1_200_00000000u);
        Agrees(run, market, owner, isLiquidatable: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_otoken_of_the_first_version_is_read_getter_by_getter(bool isThereFirst)
    {
        var market = new FakeGamma(1, isEmpty: true) { IsFirstVersion = true };
        var owner = market.Owners[0];
        if (isThereFirst)
        {
            market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        }

        var (_, run) = Begin(market);
        if (!isThereFirst)
        {
            market.NextBlock();
            market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
            Take(market, run);
        }

        Report(run, market, owner).Status.ShouldBe(MarginStatus.Healthy);
        Agrees(run, market, owner, isLiquidatable: false);
        run.Dump().ShouldNotContain(static row => row.StartsWith("draft ", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_underlyings_with_one_feed_are_both_known()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var staked = market.List(28 * 86_400, 2_000, isPut: true, underlying: FakeGamma.Staked);
        market.Open(market.Owners[0], market.Series[0], 1, Option, Dollar * 1_000u);
        market.Open(market.Owners[1], staked, 1, Option, Dollar * 1_000u);
        var (_, run) = Begin(market);
        Next(market, run, 60, 1_200);
        foreach (var owner in market.Owners.Take(2))
        {
            Report(run, market, owner).Status.ShouldBe(MarginStatus.Liquidatable);
            Agrees(run, market, owner, isLiquidatable: true);
        }
    }

    [Fact]
    public void Rounds_that_only_expired_vaults_are_older_than_are_not_kept()
    {
        var (market, run, _, _) = OnePut(1_000);
        var expiry = market.Series[0].Expiry;
        market.NextBlock(expiry - market.Header.Timestamp);
        market.Open(market.Owners[1], market.List(86_400, 2_000, isPut: true), 1, Option, Dollar * 1_500u);
        Take(market, run);
        for (var i = 0; i < 5; i++)
        {
            Next(market, run, 60, 2_000);
        }

        market.NextBlock();
        market.Sync(new VaultKey(market.Owners[1], 1));
        Take(market, run);
        Next(market, run, 60, 2_000);
        Next(market, run, 60, 2_000);
        run.Dump().Count(static row => row.StartsWith("round ", StringComparison.Ordinal)).ShouldBe(3, "two since the last change, and the one before it");
    }

    [Fact]
    public void The_chains_own_requirement_is_compared_although_it_is_asked_for_with_the_reads_and_an_answer_that_is_missing_is_no_agreement()
    {
        var (market, run, owner, _) = OnePut(1_000);
        var account = run.Protocol.AccountOf(owner);
        var show = new ProtocolRun(Entered(market), call => market.Answer(call));
        var asked = Ask(show);
        Compare(show, market, owner, asked).Kind.ShouldBe(AgreementKind.Equal);
        Compare(show, market, owner, asked, static (call, truth) => IsRequirement(call) ? AbiWords.Answer(UInt256.One) : truth).Text.ShouldContain("nakedMarginRequired");
        Compare(show, market, owner, asked, static (call, truth) => IsRequirement(call) ? AbiWords.Reverted : truth).Kind.ShouldBe(AgreementKind.Different);
        Compare(show, market, owner, asked, static (call, truth) => IsRequirement(call) ? null : truth).Kind.ShouldBe(AgreementKind.Unreadable);

        // As in the live loop: the round of this block is not known yet when the question is put.
        market.NextBlock();
        market.Write(1_200_00000000u);
        asked = Ask(run);
        Compare(run, market, owner, asked).ChainSaysLiquidatable.ShouldBeNull("the newest round was not asked about");
        Agrees(run, market, owner, isLiquidatable: true);
        var reverted = Compare(run, market, owner, run.Protocol.Confirm(account), static (call, truth) => GammaAbi.IsLiquidatable.Function.IsCall(call) ? AbiWords.Reverted : truth);
        reverted.Kind.ShouldBe(AgreementKind.Different);
        reverted.Text.ShouldContain("reverts");

        // Reads and the chain's own view are put together before either is answered.
        List<Call> Ask(ProtocolRun asking)
        {
            var reads = asking.Protocol.Reads(market.Header).ToList();
            var confirm = asking.Protocol.Confirm(account).ToList();
            foreach (var call in reads)
            {
                asking.Protocol.ApplyRead(market.Header, call, market.Answer(call), asking.Touched);
            }

            return confirm;
        }
    }

    private static bool IsRequirement(Call call) => GammaAbi.NakedMarginRequired.Function.IsCall(call);
}
