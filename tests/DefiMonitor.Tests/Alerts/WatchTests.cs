using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;

namespace DefiMonitor.Tests.Alerts;

/// <summary>Silence makes no events: what the timer says.</summary>
public sealed class WatchTests
{
    private static readonly ulong Noon = Samples.Block(1000).Timestamp;

    private readonly Judge judge = new(RuleBook.Default, Samples.Shipped);
    private readonly Dictionary<AlertKey, AlertState> alerts = [];

    private static ChainVitals Well => new()
    {
        Chain = Samples.Ethereum,
        Head = Samples.Block(1000),
        BlockSeconds = 12,
        JudgedAt = Noon,
        LoopBeatAt = Noon,
        Accounts = 3,
        Standing = [Standing(8, AlertLevel.None)],
    };

    [Fact]
    public void A_chain_without_new_blocks_is_late_and_then_no_longer()
    {
        See(60, Well with { LoopBeatAt = Noon + 60 }).ShouldBeEmpty();
        var told = See(61, Well with { LoopBeatAt = Noon + 61 }).ShouldHaveSingleItem();
        (told.Rule, told.Level, told.Subject.Key).ShouldBe((Rules.Late, AlertLevel.Warning, "eip155:1"));
        told.Title.ShouldBe("WARNING: eip155:1: the newest block is 61 seconds old");
        told.Lines.ShouldBe(["3 accounts are watched here; none is so near its edge that a move of this length would matter."]);
        See(75, Well with { LoopBeatAt = Noon + 75 }).ShouldBeEmpty();
        var head = Samples.Block(1006);
        See(76, Well with { Head = head, LoopBeatAt = Noon + 76 }).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Resolved);
    }

    [Fact]
    public void Blocks_that_keep_coming_too_slowly_are_one_alert_and_not_one_each()
    {
        See(61, Well with { LoopBeatAt = Noon + 61 }).ShouldHaveSingleItem();
        for (var i = 1UL; i < 10; i++)
        {
            var head = Samples.Block(1000 + (i * 8));
            See((i * 96) + 5, Well with { Head = head, HeadGapSeconds = 96, LoopBeatAt = Noon + (i * 96) }).ShouldBeEmpty();
            See((i * 96) + 80, Well with { Head = head, HeadGapSeconds = 96, LoopBeatAt = Noon + (i * 96) }).ShouldBeEmpty();
        }
    }

    [Fact]
    public void Debt_outside_the_list_is_told_once_and_again_when_the_sums_are_whole()
    {
        var whole = Well with { Completeness = [new CompletenessVitals(Samples.Core, Samples.Block(1000), 40, 0, null)] };
        var broken = Well with { Completeness = [new CompletenessVitals(Samples.Core, Samples.Block(1001), 40, 2, "12 of 500 units of WETH's scaledTotalSupply stand outside the list")] };
        See(1, whole).ShouldBeEmpty();
        var told = See(2, broken).ShouldHaveSingleItem();
        (told.Subject, told.Rule, told.Level).ShouldBe((new AlertSubject(SubjectKind.Market, "aave-v3/eip155:1/core"), Rules.Incomplete, AlertLevel.Warning));
        told.Title.ShouldBe("WARNING: aave-v3/eip155:1/core: 12 of 500 units of WETH's scaledTotalSupply stand outside the list");
        told.Lines.ShouldHaveSingleItem().ShouldContain("2 of 40 debts do not add up at block 1001");
        See(3, broken).ShouldBeEmpty();
        See(4, Well).ShouldBeEmpty();
        See(5, whole).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Resolved);
    }

    [Fact]
    public void Silence_wakes_people_once_it_could_have_eaten_somebodys_slack()
    {
        var near = Well with { LoopBeatAt = Noon + 61, Standing = [Standing(0.05, AlertLevel.None)] };
        See(61, near).ShouldHaveSingleItem().Level.ShouldBe(AlertLevel.Critical);
    }

    [Fact]
    public void An_open_danger_makes_every_silence_critical_and_is_named()
    {
        var told = See(61, Well with { LoopBeatAt = Noon + 61, Standing = [Standing(1.8, AlertLevel.Danger), Standing(8, AlertLevel.None)] }).ShouldHaveSingleItem();
        told.Level.ShouldBe(AlertLevel.Critical);
        told.WakesPeople.ShouldBeTrue();
        told.Lines.ShouldBe(["Near the edge and out of sight: alice (0x0000…11ce) on aave-v3/eip155:1/core, 1.8 daily sigmas when last read. Look at them by other means."]);
    }

    [Fact]
    public void A_blind_chain_is_told_after_sixty_seconds_and_is_not_called_late_as_well()
    {
        var blind = Well with { BlindSince = Noon, BlindReason = "connection refused" };
        See(59, blind with { LoopBeatAt = Noon + 59 }).ShouldBeEmpty();
        var told = See(70, blind with { LoopBeatAt = Noon + 70 }).ShouldHaveSingleItem();
        (told.Rule, told.Level).ShouldBe((Rules.Blind, AlertLevel.Warning));
        told.Title.ShouldBe("WARNING: eip155:1: no node can be read for 70 seconds: connection refused");
        See(300, blind with { LoopBeatAt = Noon + 300 }).ShouldBeEmpty();
        See(310, Well with { Head = Samples.Block(1025), LoopBeatAt = Noon + 310 }).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Resolved);
    }

    [Fact]
    public void A_loop_that_died_is_one_alert_about_the_loop()
    {
        var told = See(500, Well with { BlindSince = Noon, BlindReason = "x" }).ShouldHaveSingleItem();
        (told.Rule, told.Level).ShouldBe((Rules.LoopDead, AlertLevel.Danger));
    }

    [Fact]
    public void A_loop_that_restarts_is_given_time()
    {
        See(20, Well with { LoopStopped = "bug", LoopBeatAt = Noon + 20 }).ShouldBeEmpty();
        var told = See(130, Well with { Head = Samples.Block(1010), LoopStopped = "bug", LoopBeatAt = Noon + 130 }).ShouldHaveSingleItem();
        told.Title.ShouldBe("DANGER: eip155:1: the loop that watches this chain has stopped: bug");
    }

    [Fact]
    public void A_loop_that_has_not_begun_is_not_dead()
    {
        See(500, new ChainVitals { Chain = Samples.Ethereum, BlockSeconds = 12 }).ShouldBeEmpty();
    }

    [Fact]
    public void Figures_that_differ_from_the_chains_are_told_per_market()
    {
        var now = Well with { LoopBeatAt = Noon, Drift = [new DriftVitals(Samples.Core, 40, 2, false, "totalDebtBase 1 / 2")] };
        var told = See(0, now).ShouldHaveSingleItem();
        (told.Subject, told.Rule, told.Level).ShouldBe((new AlertSubject(SubjectKind.Market, "aave-v3/eip155:1/core"), Rules.Drift, AlertLevel.Danger));
        told.Lines[0].ShouldBe("First difference: totalDebtBase 1 / 2");
        See(1, now with { Drift = [new DriftVitals(Samples.Core, 0, 0, false, null)] }).ShouldBeEmpty();
        See(2, now with { Drift = [new DriftVitals(Samples.Core, 40, 1, true, "x")] }).ShouldHaveSingleItem().Level.ShouldBe(AlertLevel.Critical);
        See(3, now with { Drift = [new DriftVitals(Samples.Core, 40, 0, false, null)] }).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Resolved);
    }

    [Fact]
    public void A_stuck_outbox_is_told_louder_when_something_urgent_waits()
    {
        var stuck = new OutboxVitals { OldestWaitingSince = Noon, Waiting = 3, Text = "telegram https://api.example: 502" };
        See(119, Well with { LoopBeatAt = Noon + 119, Head = Samples.Block(1009) }, stuck).ShouldBeEmpty();
        var told = See(120, Well with { LoopBeatAt = Noon + 119, Head = Samples.Block(1009) }, stuck).ShouldHaveSingleItem();
        (told.Rule, told.Level, told.Subject.Kind).ShouldBe((Rules.OutboxStuck, AlertLevel.Danger, SubjectKind.Monitor));
        See(121, Well with { LoopBeatAt = Noon + 119, Head = Samples.Block(1009) }, stuck with { UrgentWaiting = true }).ShouldHaveSingleItem().Level.ShouldBe(AlertLevel.Critical);
        See(122, Well with { LoopBeatAt = Noon + 119, Head = Samples.Block(1009) }, new OutboxVitals()).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Resolved);
        See(123, Well with { LoopBeatAt = Noon + 119, Head = Samples.Block(1009) }, new OutboxVitals { DeadLetters = 1 }).ShouldHaveSingleItem().Level.ShouldBe(AlertLevel.Warning);
    }

    [Fact]
    public void Two_tests_are_two_alerts_and_neither_stays_open()
    {
        var first = Judge.Test(Noon, AlertLevel.Critical);
        var second = Judge.Test(Noon + 1, AlertLevel.Critical);
        first.Transitions.ShouldHaveSingleItem().WakesPeople.ShouldBeTrue();
        first.Changed.ShouldHaveSingleItem().IsOpen.ShouldBeFalse();
        second.Transitions[0].AlertId.ShouldNotBe(first.Transitions[0].AlertId);
    }

    private static StandingAccount Standing(double sigmas, AlertLevel level) => new(Samples.Account(), "alice", sigmas, level);

    private IReadOnlyList<AlertTransition> See(ulong after, ChainVitals chain, OutboxVitals? outbox = null)
    {
        var result = judge.JudgeWatch(new WatchInput { Now = Noon + after, Chains = [chain], Outbox = outbox ?? new OutboxVitals(), Alerts = alerts });
        foreach (var state in result.Changed)
        {
            alerts[state.Key] = state;
        }

        return result.Transitions;
    }
}
