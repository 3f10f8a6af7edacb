using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Tests.Ledger;

namespace DefiMonitor.Tests.Alerts;

public sealed class LiquidatedRuleTests
{
    private static readonly Liquidation Event = new(
        Samples.Account(), Samples.Token("USDC"), Units.Parse("5000", 6), Samples.Token("WETH"), Units.Parse("4.2", 18));

    [Fact]
    public void A_liquidation_that_left_the_account_healthy_is_told_with_what_it_took()
    {
        var rig = new JudgeRig();
        rig.See(Samples.EthUsdc("2000", 100)).ShouldBeEmpty();
        rig.Liquidations.Add((Samples.Block(101), Event));
        var told = rig.See(Samples.EthUsdc("2000", 101)).ShouldHaveSingleItem();
        (told.Rule, told.Kind, told.Level, told.WakesPeople).ShouldBe((Rules.Liquidated, TransitionKind.Opened, AlertLevel.Critical, true));
        told.Block.ShouldBe(Samples.Block(101));
        told.Title.ShouldContain("5,000 USDC of debt repaid, 4.2 WETH taken");
        told.Lines.ShouldContain(line => line.Contains("3,400.00 USD"), "4.2 WETH at 2,000 less 5,000 USDC");
        rig.Alert(Rules.Liquidated)!.IsOpen.ShouldBeFalse("it is an event, no condition");
    }

    [Fact]
    public void A_perpetual_that_is_paid_in_the_token_is_not_taken_for_it()
    {
        var rig = new JudgeRig();
        var report = Samples.EthUsdc("2000", 101);
        rig.Liquidations.Add((Samples.Block(101), Event));
        var told = rig.See(report with { Positions = [.. LedgerSamples.Perpetual("WETH", 4, 300).Positions, .. report.Positions] }).ShouldHaveSingleItem();
        told.Title.ShouldContain("5,000 USDC of debt repaid, 4.2 WETH taken");
        told.Lines.ShouldContain(line => line.Contains("3,400.00 USD"));
    }

    [Fact]
    public void It_is_told_once_though_a_restart_folds_its_block_again()
    {
        var rig = new JudgeRig();
        rig.Liquidations.Add((Samples.Block(101), Event));
        rig.See(Samples.EthUsdc("2000", 101)).Count.ShouldBe(1);
        rig.Liquidations.Add((Samples.Block(101), Event));
        rig.See(Samples.EthUsdc("2000", 102)).ShouldBeEmpty();
    }

    [Fact]
    public void Two_liquidations_in_one_block_are_one_alert_that_tells_both_and_once()
    {
        var rig = new JudgeRig();
        var more = Event with { DebtRepaid = Units.Parse("1000", 6), CollateralTaken = Units.Parse("0.8", 18) };
        rig.Liquidations.AddRange([(Samples.Block(101), Event), (Samples.Block(101), more)]);
        var told = rig.See(Samples.EthUsdc("2000", 101)).ShouldHaveSingleItem();
        told.Number.ShouldBe(1);
        told.Title.ShouldEndWith("in block 101, 2 times: 5,000 USDC of debt repaid, 4.2 WETH taken; 1,000 USDC of debt repaid, 0.8 WETH taken.");
        told.Lines.ShouldContain(line => line.Contains("4,000.00 USD"), "5 WETH at 2,000 less 6,000 USDC");
        rig.Liquidations.AddRange([(Samples.Block(101), Event), (Samples.Block(101), more)]);
        rig.See(Samples.EthUsdc("2000", 102)).ShouldBeEmpty();

        var one = new JudgeRig();
        one.Liquidations.Add((Samples.Block(101), Event));
        one.See(Samples.EthUsdc("2000", 101)).ShouldHaveSingleItem().AlertId.ShouldBe(told.AlertId, "the block and the account make the alert, not how often");
    }

    [Fact]
    public void A_second_liquidation_is_a_second_alert()
    {
        var rig = new JudgeRig();
        rig.Liquidations.Add((Samples.Block(101), Event));
        var first = rig.See(Samples.EthUsdc("2000", 101)).ShouldHaveSingleItem();
        rig.Liquidations.Add((Samples.Block(103), Event));
        var second = rig.See(Samples.EthUsdc("2000", 104)).ShouldHaveSingleItem();
        second.AlertId.ShouldNotBe(first.AlertId);
        second.Number.ShouldBe(1);
    }

    [Fact]
    public void A_fork_that_undoes_it_retracts_it_once_and_a_branch_that_repeats_it_tells_it_again()
    {
        var rig = new JudgeRig();
        rig.Liquidations.Add((Samples.Block(101), Event));
        var first = rig.See(Samples.EthUsdc("2000", 101)).ShouldHaveSingleItem();
        rig.Gone.Add(Samples.Block(101).Ref);
        var back = rig.See(Samples.EthUsdc("2000", 102, fork: 1)).ShouldHaveSingleItem();
        (back.Kind, back.AlertId, back.Number).ShouldBe((TransitionKind.Retracted, first.AlertId, 2));
        back.Cause!.Kind.ShouldBe(CauseKind.Reorg);
        rig.See(Samples.EthUsdc("2000", 103, fork: 1)).ShouldBeEmpty();

        rig.Liquidations.Add((Samples.Block(101, fork: 1), Event));
        var again = rig.See(Samples.EthUsdc("2000", 104, fork: 1)).ShouldHaveSingleItem();
        (again.Kind, again.AlertId, again.Number).ShouldBe((TransitionKind.Opened, first.AlertId, 3));
    }

    [Fact]
    public void Each_of_several_is_taken_back_by_itself_and_told_again_under_its_own_id_at_its_own_time()
    {
        var rig = new JudgeRig();
        rig.Liquidations.Add((Samples.Block(101), Event));
        var first = rig.See(Samples.EthUsdc("2000", 101)).ShouldHaveSingleItem();
        rig.Liquidations.Add((Samples.Block(103), Event));
        var second = rig.See(Samples.EthUsdc("2000", 103)).ShouldHaveSingleItem();

        rig.Gone.Add(Samples.Block(101).Ref);
        rig.Gone.Add(Samples.Block(103).Ref);
        rig.Liquidations.Add((Samples.Block(101, fork: 1), Event));
        var told = rig.See(Samples.EthUsdc("2000", 104, fork: 1));
        told.OrderBy(static t => t.Number).ThenBy(static t => t.Block.Number).Select(static t => (t.Kind, t.AlertId, t.Number)).ShouldBe(
            [(TransitionKind.Retracted, first.AlertId, 2), (TransitionKind.Retracted, second.AlertId, 2), (TransitionKind.Opened, first.AlertId, 3)], ignoreOrder: true);
        rig.Happened[first.AlertId].OpenedAt.ShouldBe(Samples.Block(101, fork: 1).Ref);

        // The later one, on the other branch, is no longer the one that was taken back first.
        rig.Liquidations.Add((Samples.Block(105, fork: 1), Event));
        var third = rig.See(Samples.EthUsdc("2000", 105, fork: 1)).ShouldHaveSingleItem();
        (third.Kind, third.Number).ShouldBe((TransitionKind.Opened, 1));
        third.AlertId.ShouldNotBe(second.AlertId);
        rig.Gone.Add(Samples.Block(105, fork: 1).Ref);
        rig.See(Samples.EthUsdc("2000", 106, fork: 2)).ShouldHaveSingleItem().AlertId.ShouldBe(third.AlertId);
    }

    [Fact]
    public void Two_in_one_block_are_one_alert_that_names_both()
    {
        var rig = new JudgeRig();
        rig.See(Samples.EthUsdc("2000", 100)).ShouldBeEmpty();
        rig.Liquidations.Add((Samples.Block(101), Event));
        rig.Liquidations.Add((Samples.Block(101), Event with { DebtRepaid = Units.Parse("100", 6), CollateralTaken = Units.Parse("0.07", 18) }));
        var told = rig.See(Samples.EthUsdc("2000", 101)).ShouldHaveSingleItem();
        told.Title.ShouldContain("5,000 USDC of debt repaid, 4.2 WETH taken; 100 USDC of debt repaid, 0.07 WETH taken");
        told.Lines.ShouldContain(static line => line.Contains("3,440.00 USD"), "4.27 WETH at 2,000 less 5,100 USDC");
    }
}
