using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;

namespace DefiMonitor.Tests.Alerts;

/// <summary>Why an account's figure moved, as the message says it.</summary>
public sealed class CauseTests
{
    private static readonly Leg Ether = Leg.Collateral("WETH", "10", "1500", 8000);
    private static readonly Leg Dollars = Leg.Debt("USDC", "10000", "1");

    [Fact]
    public void A_price_that_moved_is_named_with_both_figures()
    {
        var cause = Between([Ether, Dollars], [Ether with { Price = "1400.5" }, Dollars]);
        cause.Kind.ShouldBe(CauseKind.Price);
        cause.Text.ShouldBe("price: WETH 1,500.00 -> 1,400.50 (-6.6 %), since block 100 (20 minutes)");
    }

    [Fact]
    public void Interest_is_told_from_the_amount_that_grew_without_shares()
    {
        var cause = Between([Ether, Dollars], [Ether, Dollars with { Amount = "10800", Shares = "10000" }]);
        cause.Kind.ShouldBe(CauseKind.Interest);
        cause.Text.ShouldStartWith("interest: USDC debt grew by 8 %");
    }

    [Fact]
    public void An_own_withdrawal_is_told_with_its_amount()
    {
        var cause = Between([Ether, Dollars], [Ether with { Amount = "9.2", Shares = "9.2" }, Dollars]);
        cause.Kind.ShouldBe(CauseKind.OwnTransaction);
        cause.Text.ShouldStartWith("own transaction: WETH collateral -0.8");
    }

    [Fact]
    public void A_collateral_switched_off_is_an_own_transaction()
    {
        var dai = Leg.Collateral("DAI", "5000", "1", 7500);
        var cause = Between([Ether, dai, Leg.Debt("USDC", "11000", "1")], [Ether, dai with { Counts = false, ThresholdBps = 0 }, Leg.Debt("USDC", "11000", "1")]);
        cause.Kind.ShouldBe(CauseKind.OwnTransaction);
        cause.Text.ShouldStartWith("own transaction: DAI collateral switched off");
    }

    [Fact]
    public void A_lower_threshold_is_a_parameter()
    {
        var cause = Between([Ether, Dollars], [Ether with { ThresholdBps = 7400 }, Dollars]);
        cause.Kind.ShouldBe(CauseKind.Parameter);
        cause.Text.ShouldStartWith("parameter: WETH liquidation threshold 80.00 % -> 74.00 %");
    }

    [Theory]
    [InlineData(true, CauseKind.Liquidation)]
    [InlineData(null, CauseKind.Liquidation)]
    [InlineData(false, CauseKind.OwnTransaction)]
    public void Debt_and_collateral_that_fall_together_are_a_liquidation_unless_the_logs_say_otherwise(bool? liquidated, CauseKind kind)
    {
        var rig = new JudgeRig();
        rig.See(Samples.Report(100, Ether with { Price = "1240" }, Dollars)).ShouldHaveSingleItem();
        var after = Samples.Report(200, Ether with { Price = "1240", Amount = "5.7", Shares = "5.7" }, Dollars with { Amount = "5000", Shares = "5000" });
        var cause = rig.See(after, liquidated: liquidated).ShouldHaveSingleItem().Cause!;
        cause.Kind.ShouldBe(kind);
        cause.Text.ShouldContain("WETH collateral -4.3, USDC debt -5,000");
    }

    [Fact]
    public void The_larger_part_is_the_cause_and_another_large_one_is_named_beside_it()
    {
        var cause = Between([Ether, Dollars], [Ether with { Price = "1440" }, Dollars with { Amount = "10250", Shares = "10250" }]);
        cause.Kind.ShouldBe(CauseKind.Price);
        cause.Text.ShouldStartWith("price: WETH 1,500.00 -> 1,440.00 (-4.0 %); and own transaction: USDC debt +250, since");
    }

    [Fact]
    public void A_grain_of_dust_sent_by_a_stranger_is_not_the_cause_of_a_crash()
    {
        var cause = Between([Ether, Dollars], [Ether with { Price = "1400", Amount = "10.000001", Shares = "10.000001" }, Dollars]);
        cause.Kind.ShouldBe(CauseKind.Price);
        cause.Text.ShouldNotContain("transaction");
    }

    [Fact]
    public void Whoever_pays_everything_back_is_told_so()
    {
        var rig = new JudgeRig();
        rig.See(Samples.Report(100, Ether with { Price = "1300" }, Dollars)).ShouldHaveSingleItem();
        var told = rig.See(Samples.Report(101, Ether with { Price = "1300" })).ShouldHaveSingleItem();
        told.Kind.ShouldBe(TransitionKind.Resolved);
        told.Cause!.Kind.ShouldBe(CauseKind.OwnTransaction);
        told.Cause.Text.ShouldStartWith("own transaction: USDC debt -10,000");
        told.Title.ShouldEndWith("no debt left");
    }

    [Fact]
    public void The_first_reading_is_told_as_such()
    {
        new JudgeRig().See(Samples.EthUsdc("1300")).ShouldHaveSingleItem().Cause!.Kind.ShouldBe(CauseKind.Reading);
    }

    // Calm at block 100, told at block 200.
    private static Cause Between(Leg[] before, Leg[] after)
    {
        var rig = new JudgeRig(new RuleBook { Levels = [new LevelRule(AlertLevel.Warning, HealthFactor: Units.Parse("1.19", 18))] });
        rig.See(Samples.Report(100, before)).ShouldBeEmpty();
        return rig.See(Samples.Report(200, after)).ShouldHaveSingleItem().Cause.ShouldNotBeNull();
    }
}
