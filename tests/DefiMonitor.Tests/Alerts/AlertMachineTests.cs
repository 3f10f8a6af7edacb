using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;

namespace DefiMonitor.Tests.Alerts;

public sealed class AlertMachineTests
{
    private AlertState? state;

    [Fact]
    public void It_opens_rises_at_once_and_ends_each_told_once()
    {
        See(1, AlertLevel.None).ShouldBeNull();
        See(2, AlertLevel.Warning).ShouldBe((TransitionKind.Opened, AlertLevel.Warning, 1));
        See(3, AlertLevel.Warning).ShouldBeNull();
        See(4, AlertLevel.Liquidatable).ShouldBe((TransitionKind.Escalated, AlertLevel.Liquidatable, 2));
        See(5, AlertLevel.Liquidatable).ShouldBeNull();
        See(6, AlertLevel.None).ShouldBe((TransitionKind.Resolved, AlertLevel.None, 3));
        See(7, AlertLevel.None).ShouldBeNull();
        state.ShouldNotBeNull().IsOpen.ShouldBeFalse();
    }

    [Fact]
    public void An_ease_is_told_only_when_it_leaves_critical_or_liquidatable()
    {
        See(1, AlertLevel.Liquidatable);
        See(2, AlertLevel.Critical).ShouldBe((TransitionKind.Eased, AlertLevel.Critical, 2));
        See(3, AlertLevel.Danger).ShouldBe((TransitionKind.Eased, AlertLevel.Danger, 3));
        See(4, AlertLevel.Warning).ShouldBeNull();
        state!.Level.ShouldBe(AlertLevel.Warning);
        state.ToldLevel.ShouldBe(AlertLevel.Danger);
    }

    [Fact]
    public void A_rise_to_what_was_told_already_is_not_told_again()
    {
        See(1, AlertLevel.Danger);
        See(2, AlertLevel.Warning).ShouldBeNull();
        See(3, AlertLevel.Danger).ShouldBeNull();
        See(4, AlertLevel.Critical).ShouldBe((TransitionKind.Escalated, AlertLevel.Critical, 2));
    }

    [Fact]
    public void Within_the_band_nothing_is_said()
    {
        See(1, AlertLevel.Critical);
        for (var i = 2UL; i < 50; i++)
        {
            var band = i % 2 == 0;
            See(i, band ? AlertLevel.Danger : AlertLevel.Critical, AlertLevel.Critical).ShouldBeNull();
        }

        state!.TransitionNumber.ShouldBe(1);
    }

    [Fact]
    public void What_cannot_be_seen_changes_nothing()
    {
        See(1, AlertLevel.Critical);
        var before = state;
        Step(2, null, null, static _ => false).ShouldBeNull();
        state.ShouldBeSameAs(before);
    }

    [Fact]
    public void A_reorg_that_takes_the_condition_with_it_retracts_the_alert()
    {
        See(5, AlertLevel.Critical);
        Step(5, AlertLevel.None, null, static b => b != Samples.Block(5).Ref, fork: 1).ShouldBe((TransitionKind.Retracted, AlertLevel.None, 2));
    }

    [Fact]
    public void A_reorg_on_which_the_condition_holds_is_silent_and_the_raise_moves_to_the_new_chain()
    {
        See(5, AlertLevel.Critical);
        Step(6, AlertLevel.Critical, null, static b => b != Samples.Block(5).Ref, fork: 1).ShouldBeNull();
        state!.RaisedAt.ShouldBe(Samples.Block(6, 1).Ref);
        See(7, AlertLevel.None).ShouldBe((TransitionKind.Resolved, AlertLevel.None, 2));
    }

    [Fact]
    public void A_reorg_that_takes_only_part_of_it_eases_and_says_so()
    {
        See(5, AlertLevel.Liquidatable);
        Step(6, AlertLevel.Warning, null, static b => b != Samples.Block(5).Ref, fork: 1).ShouldBe((TransitionKind.Eased, AlertLevel.Warning, 2));
        See(7, AlertLevel.None).ShouldBe((TransitionKind.Resolved, AlertLevel.None, 3));
    }

    [Fact]
    public void An_alert_that_comes_back_at_a_block_number_used_before_goes_on_counting()
    {
        See(5, AlertLevel.Critical);
        var id = state!.AlertId;
        Step(5, AlertLevel.None, null, static _ => false, fork: 1);
        Step(5, AlertLevel.Critical, null, static _ => true, fork: 2).ShouldBe((TransitionKind.Opened, AlertLevel.Critical, 3));
        state!.AlertId.ShouldBe(id);
        See(6, AlertLevel.None);
        See(7, AlertLevel.Critical).ShouldBe((TransitionKind.Opened, AlertLevel.Critical, 1));
        state!.AlertId.ShouldNotBe(id);
    }

    [Fact]
    public void The_id_hangs_on_subject_rule_and_block_number_and_not_on_the_hash()
    {
        var a = AlertMachine.Step(null, Seen(5, AlertLevel.Warning, null, 0), static _ => true).State!;
        var b = AlertMachine.Step(null, Seen(5, AlertLevel.Warning, null, 1), static _ => true).State!;
        b.AlertId.ShouldBe(a.AlertId);
        new[]
        {
            AlertIds.Alert(Samples.Subject(), "distance", 5),
            AlertIds.Alert(Samples.Subject(), "distance", 6),
            AlertIds.Alert(Samples.Subject(), "unknown", 5),
            AlertIds.Alert(Samples.Subject("0xb0b"), "distance", 5),
            AlertIds.Alert(new AlertSubject(SubjectKind.Owner, Samples.Subject().Key), "distance", 5),
        }.Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public void A_rise_takes_the_acknowledgement_away_and_a_hold_keeps_it()
    {
        See(1, AlertLevel.Danger);
        state = AlertMachine.Acknowledge(state!);
        See(2, AlertLevel.Danger);
        state.Acknowledged.ShouldBeTrue();
        See(3, AlertLevel.Critical);
        state!.Acknowledged.ShouldBeFalse();
    }

    [Fact]
    public void The_chains_answer_is_told_once_and_anew_after_the_level_changed()
    {
        See(1, AlertLevel.Critical);
        var heard = AlertMachine.Hear(state!, agrees: true);
        (heard.Told, heard.State!.TransitionNumber, heard.State.Level).ShouldBe((TransitionKind.Confirmed, 2, AlertLevel.Critical));
        AlertMachine.Hear(heard.State, agrees: true).Told.ShouldBeNull();
        AlertMachine.Hear(heard.State, agrees: false).Told.ShouldBe(TransitionKind.Disputed);
        state = heard.State;
        See(2, AlertLevel.Liquidatable).ShouldBe((TransitionKind.Escalated, AlertLevel.Liquidatable, 3));
        AlertMachine.Hear(state, agrees: true).Told.ShouldBe(TransitionKind.Confirmed);
        See(3, AlertLevel.None);
        AlertMachine.Hear(state, agrees: true).Changed.ShouldBeFalse();
    }

    private (TransitionKind, AlertLevel, int)? See(ulong block, AlertLevel open, AlertLevel? hold = null) => Step(block, open, hold, static _ => true);

    private (TransitionKind, AlertLevel, int)? Step(ulong block, AlertLevel? open, AlertLevel? hold, Func<BlockRef, bool> isCanonical, int fork = 0)
    {
        var step = AlertMachine.Step(state, Seen(block, open, hold, fork), isCanonical);
        step.Changed.ShouldBe(!ReferenceEquals(step.State, state));
        state = step.State;
        return step.Told is { } kind ? (kind, state!.Level, state.TransitionNumber) : null;
    }

    private static Observation Seen(ulong block, AlertLevel? open, AlertLevel? hold, int fork) =>
        new() { Subject = Samples.Subject(), Rule = Rules.Distance, Block = Samples.Block(block, fork), Open = open, Hold = hold };
}
