using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;

namespace DefiMonitor.Tests.Alerts;

public sealed class JudgeTests
{
    [Fact]
    public void A_slide_is_told_level_by_level_and_its_end_once()
    {
        var rig = new JudgeRig();
        var told = new List<(TransitionKind, AlertLevel)>();
        var block = 100UL;
        foreach (var price in (string[])["2000", "1440", "1430", "1370", "1365", "1300", "1249", "1248", "1300", "1430", "2000"])
        {
            told.AddRange(rig.See(Samples.EthUsdc(price, block++)).Select(t => (t.Kind, t.Level)));
        }

        told.ShouldBe(
        [
            (TransitionKind.Opened, AlertLevel.Warning),
            (TransitionKind.Escalated, AlertLevel.Danger),
            (TransitionKind.Escalated, AlertLevel.Critical),
            (TransitionKind.Escalated, AlertLevel.Liquidatable),
            (TransitionKind.Eased, AlertLevel.Critical),
            (TransitionKind.Eased, AlertLevel.Warning),
            (TransitionKind.Resolved, AlertLevel.None),
        ]);
    }

    [Fact]
    public void Liquidatable_is_told_whatever_the_rules_say()
    {
        var rig = new JudgeRig(new RuleBook { Levels = [] });
        rig.See(Samples.EthUsdc("1300", 100)).ShouldBeEmpty();
        var told = rig.See(Samples.EthUsdc("1249.99", 101)).ShouldHaveSingleItem();
        told.Level.ShouldBe(AlertLevel.Liquidatable);
        told.WakesPeople.ShouldBeTrue();
    }

    [Fact]
    public void What_is_true_only_at_the_next_block_is_told_as_such_and_never_called_liquidatable()
    {
        var told = new JudgeRig().See(Samples.EthUsdc("1250"), Samples.EthUsdc("1249.9")).ShouldHaveSingleItem();
        told.Level.ShouldBe(AlertLevel.Critical);
        told.AtNextBlock.ShouldBeTrue();
        told.Title.ShouldContain("can be liquidated at the next block");
    }

    [Fact]
    public void What_is_true_at_the_block_is_told_though_the_next_cannot_be_read()
    {
        var told = new JudgeRig().See(Samples.EthUsdc("1249"), Samples.Unknown(100)).ShouldHaveSingleItem();
        (told.Level, told.AtNextBlock).ShouldBe((AlertLevel.Liquidatable, false));
    }

    [Fact]
    public void Paused_and_grace_are_said()
    {
        var report = Samples.EthUsdc("1249") with { Blocked = [new Blocked("grace-period", "the reserve's grace period runs.", Samples.Start + 7_200)] };
        var told = new JudgeRig().See(report).ShouldHaveSingleItem();
        told.Title.ShouldContain("liquidation blocked for now (grace-period)");
        told.Lines.ShouldContain("Blocked for now: the reserve's grace period runs. (until 2023-11-15 00:13 UTC)");
    }

    [Fact]
    public void What_is_not_known_of_a_part_of_the_account_stands_beside_the_verdict_on_the_rest()
    {
        static Trigger Gap(int vault, bool mayBe) => new()
        {
            Kind = TriggerKind.Liquidation, Threshold = FixedPoint.Wad, Active = false, Unarmed = mayBe ? null : $"nothing of vault {vault} can be liquidated", Unknown = mayBe ? $"vault {vault}: no price." : null,
        };
        var report = Samples.EthUsdc("1249");
        Beside([Gap(2, false), Gap(3, true), Gap(4, true), Gap(5, false)]).ShouldBe(
            ["Beside it: nothing of vault 2 can be liquidated", "Beside it: vault 3: no price.", "Beside it: 2 more of which not all is known."]);
        Beside([]).ShouldBeEmpty();

        // Of the only trigger it is the distance that is not known.
        report = report with { Triggers = [] };
        Beside([Gap(1, true)]).ShouldBeEmpty();

        List<string> Beside(Trigger[] gaps) => [.. new JudgeRig().See(report with { Triggers = [.. report.Triggers, .. gaps] }).ShouldHaveSingleItem().Lines.Where(static line => line.StartsWith("Beside it", StringComparison.Ordinal))];
    }

    [Fact]
    public void An_account_without_debt_is_told_nothing()
    {
        new JudgeRig().See(Samples.Report(100, Leg.Collateral("WETH", "10", "2000", 8000))).ShouldBeEmpty();
    }

    [Fact]
    public void Health_factor_levels_open_and_close_on_the_part_above_one()
    {
        var rig = new JudgeRig(new RuleBook { Levels = [new LevelRule(AlertLevel.Critical, HealthFactor: Units.Parse("1.2", 18))] });
        rig.See(Samples.EthUsdc("1501", 100)).ShouldBeEmpty();
        rig.See(Samples.EthUsdc("1500", 101)).ShouldHaveSingleItem().Level.ShouldBe(AlertLevel.Critical);
        rig.See(Samples.EthUsdc("1562.5", 102)).ShouldBeEmpty();
        rig.See(Samples.EthUsdc("1562.6", 103)).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Resolved);
    }

    [Fact]
    public void An_owners_own_levels_go_before_everybodys()
    {
        var mine = new OwnerRules([new LevelRule(AlertLevel.Warning, Sigmas: 20)]);
        var book = new RuleBook { Owners = new Dictionary<string, OwnerRules> { ["alice"] = mine } };
        new JudgeRig(book).See(Samples.EthUsdc("2500")).ShouldHaveSingleItem().Level.ShouldBe(AlertLevel.Warning);
        new JudgeRig(book) { OwnerName = "bob" }.See(Samples.EthUsdc("2500")).ShouldBeEmpty();
        new JudgeRig(book with { Owners = new Dictionary<string, OwnerRules> { [Samples.Alice] = mine } }) { OwnerName = null }
            .See(Samples.EthUsdc("2500")).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_small_debt_is_told_without_a_sound()
    {
        var report = Samples.Report(100, Leg.Collateral("WETH", "0.001", "1249", 8000), Leg.Debt("USDC", "1", "1"));
        var told = new JudgeRig().See(report).ShouldHaveSingleItem();
        told.Level.ShouldBe(AlertLevel.Liquidatable);
        (told.Quiet, told.WakesPeople).ShouldBe((true, false));
    }

    [Fact]
    public void A_debt_of_which_not_all_is_known_is_not_small()
    {
        var report = Samples.Report(100, Leg.Collateral("WETH", "0.001", "1249", 8000), Leg.Debt("USDC", "1", "1")) with { IsDebtPartial = true };
        var told = new JudgeRig().See(report).ShouldHaveSingleItem();
        told.WakesPeople.ShouldBeTrue();
        told.Lines.ShouldContain(static line => line.StartsWith("Collateral ", StringComparison.Ordinal) && line.EndsWith("debt at least 1.00 USD.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_short_option_that_owes_nothing_yet_is_not_small()
    {
        var report = Samples.Report(100, Leg.Collateral("WETH", "0.001", "1249", 8000), Leg.Debt("USDC", "1", "1")) with { DebtValue = UInt256.Zero, MaintenanceRequirement = 5_000u * UInt256.Pow10(8) };
        var told = new JudgeRig().See(report).ShouldHaveSingleItem();
        told.Level.ShouldBe(AlertLevel.Liquidatable);
        told.WakesPeople.ShouldBeTrue();
    }

    [Theory]
    [InlineData("1430", true)]
    [InlineData("1370", true)]
    [InlineData("1300", false)]
    [InlineData("1249", false)]
    public void Quiet_hours_never_quieten_critical(string price, bool quiet)
    {
        // The sample blocks lie between 22:13 and 23:00 UTC.
        var book = new RuleBook { QuietHours = new QuietHours(new TimeOnly(22, 0), new TimeOnly(6, 0), TimeZoneInfo.Utc) };
        new JudgeRig(book).See(Samples.EthUsdc(price)).ShouldHaveSingleItem().Quiet.ShouldBe(quiet);
    }

    [Theory]
    [InlineData("23:00", "07:00", "2026-01-10T22:30:00Z", true)]
    [InlineData("23:00", "07:00", "2026-01-10T05:59:00Z", true)]
    [InlineData("23:00", "07:00", "2026-01-10T06:00:00Z", false)]
    [InlineData("23:00", "07:00", "2026-07-10T05:30:00Z", false)]
    [InlineData("09:00", "17:00", "2026-01-10T12:00:00Z", true)]
    public void Quiet_hours_go_by_the_persons_own_clock(string from, string to, string at, bool quiet)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var hours = new QuietHours(TimeOnly.Parse(from, culture), TimeOnly.Parse(to, culture), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        hours.Cover((ulong)DateTimeOffset.Parse(at, culture).ToUnixTimeSeconds()).ShouldBe(quiet);
    }

    [Fact]
    public void A_reorg_that_takes_the_crash_back_retracts_and_names_the_block()
    {
        var rig = new JudgeRig();
        rig.See(Samples.EthUsdc("2000", 100));
        rig.See(Samples.EthUsdc("1249", 101)).ShouldHaveSingleItem();
        rig.Gone.Add(Samples.Block(101).Ref);
        var told = rig.See(Samples.EthUsdc("2000", 101, fork: 1)).ShouldHaveSingleItem();
        told.Kind.ShouldBe(TransitionKind.Retracted);
        told.Cause!.Kind.ShouldBe(CauseKind.Reorg);
        told.Cause.Text.ShouldContain($"block {Samples.Block(101).Ref} is no longer on the chain");
        told.Title.ShouldStartWith("RETRACTED: alice (0x0000…11ce) on aave-v3/eip155:1/core");
    }

    [Fact]
    public void Nobody_is_resolved_by_what_could_not_be_read()
    {
        var rig = new JudgeRig();
        rig.See(Samples.EthUsdc("1300", 100)).ShouldHaveSingleItem();
        for (var block = 101UL; block < 140; block++)
        {
            rig.See(Samples.Unknown(block)).ShouldAllBe(t => t.Rule == Rules.Unknown);
            rig.Alert()!.Level.ShouldBe(AlertLevel.Critical);
        }
    }

    [Fact]
    public void Whoever_is_near_the_edge_and_out_of_sight_is_paged_after_three_blocks_and_told_when_seen_again()
    {
        var rig = new JudgeRig();
        rig.See(Samples.EthUsdc("1300", 100));
        rig.See(Samples.Unknown(101)).ShouldBeEmpty();
        rig.See(Samples.Unknown(102)).ShouldBeEmpty();
        rig.See(Samples.Unknown(103)).ShouldBeEmpty();
        var told = rig.See(Samples.Unknown(104)).ShouldHaveSingleItem();
        (told.Rule, told.Kind, told.Level).ShouldBe((Rules.Unknown, TransitionKind.Opened, AlertLevel.Critical));
        told.Title.ShouldContain("cannot be read since block 101 (36 seconds); it stood 0.8 daily sigmas from the edge");
        told.Lines.ShouldContain("Cannot be read: the price of WETH is missing");
        rig.See(Samples.Unknown(105)).ShouldBeEmpty();
        var over = rig.See(Samples.EthUsdc("1300", 106)).ShouldHaveSingleItem();
        (over.Rule, over.Kind).ShouldBe((Rules.Unknown, TransitionKind.Resolved));
    }

    [Fact]
    public void Sixty_seconds_are_enough_where_blocks_are_slow()
    {
        var rig = new JudgeRig();
        rig.See(Samples.EthUsdc("1300", 100));
        rig.See(Samples.Unknown(101)).ShouldBeEmpty();
        rig.See(Samples.Unknown(102), now: Samples.Block(101).Timestamp + 59).ShouldBeEmpty();
        rig.See(Samples.Unknown(102), now: Samples.Block(101).Timestamp + 60).ShouldHaveSingleItem().Rule.ShouldBe(Rules.Unknown);
    }

    [Fact]
    public void Those_far_from_the_edge_are_one_line_of_their_chain_until_the_silence_could_matter()
    {
        var rig = new JudgeRig();
        rig.See(Samples.EthUsdc("2000", 100));
        for (var block = 101UL; block < 104; block++)
        {
            rig.See(Samples.Unknown(block)).ShouldBeEmpty();
        }

        var told = rig.See(Samples.Unknown(104)).ShouldHaveSingleItem();
        told.Subject.ShouldBe(new AlertSubject(SubjectKind.Chain, "eip155:1"));
        (told.Rule, told.Level).ShouldBe((Rules.Unknown, AlertLevel.Warning));
        told.Title.ShouldBe("WARNING: eip155:1: 1 of 1 accounts cannot be read for 36 seconds; none of them was near its edge");
        told.Lines.ShouldBe(["1: the price of WETH is missing (alice (0x0000…11ce))"]);

        // ln(1.6) is 9.8 daily sigmas; three sigmas of a walk reach that after 10.7 days.
        rig.See(Samples.Unknown(105), now: Samples.Start + (10 * 86_400)).ShouldBeEmpty();
        var later = rig.See(Samples.Unknown(106), now: Samples.Start + (12 * 86_400));
        later.Select(t => (t.Subject.Kind, t.Kind, t.Level)).ShouldBe(
            [(SubjectKind.Account, TransitionKind.Opened, AlertLevel.Critical), (SubjectKind.Chain, TransitionKind.Resolved, AlertLevel.None)]);
    }

    [Fact]
    public void A_blind_chain_keeps_its_accounts_from_calling_one_by_one()
    {
        var rig = new JudgeRig();
        rig.See(Samples.EthUsdc("1300", 100));
        for (var block = 101UL; block < 120; block++)
        {
            rig.See(Samples.Unknown(block), blind: true).ShouldBeEmpty();
        }

        rig.See(Samples.Unknown(120)).ShouldHaveSingleItem().Rule.ShouldBe(Rules.Unknown);
    }

    [Fact]
    public void The_same_input_in_another_order_gives_the_same_result()
    {
        var accounts = Enumerable.Range(0, 20)
            .Select(i => Samples.EthUsdc($"{1200 + (i * 20)}") with { Account = Samples.Account($"0x{i:x40}") })
            .Select(r => (r, r, (bool?)null))
            .ToArray();
        var straight = new JudgeRig().Run(Samples.Block(100), Samples.Start, false, accounts);
        Array.Reverse(accounts);
        var reversed = new JudgeRig().Run(Samples.Block(100), Samples.Start, false, accounts);
        reversed.Changed.ShouldBe(straight.Changed);
        reversed.Transitions.Select(t => (t.AlertId, t.Title)).ShouldBe(straight.Transitions.Select(t => (t.AlertId, t.Title)));
        reversed.Transitions.Select(t => t.Subject.Key).ShouldBe(reversed.Transitions.Select(t => t.Subject.Key).Order(StringComparer.Ordinal));
        straight.Transitions.Count.ShouldBeGreaterThan(5);
    }

    [Fact]
    public void Judging_the_same_block_twice_says_nothing_twice()
    {
        var rig = new JudgeRig();
        rig.See(Samples.EthUsdc("1249", 100)).ShouldHaveSingleItem();
        var again = rig.Run(Samples.Block(100), Samples.Start, false, (Samples.EthUsdc("1249", 100), Samples.EthUsdc("1249", 100), null));
        (again.Transitions.Count, again.Changed.Count, again.Memories.Count).ShouldBe((0, 0, 0));
    }

    [Theory]
    [InlineData(AgreementKind.Equal, TransitionKind.Confirmed, "CONFIRMED: ")]
    [InlineData(AgreementKind.Different, TransitionKind.Disputed, "DISPUTED: ")]
    public void The_chains_later_answer_is_told_under_the_same_alert(AgreementKind answer, TransitionKind kind, string head)
    {
        var rig = new JudgeRig();
        var told = rig.See(Samples.EthUsdc("1249", 100)).ShouldHaveSingleItem();
        var heard = Judge.Answer(rig.Alert()!, told, new Agreement(answer, "healthFactor 1 / 2", [], null), Samples.Block(103)).ShouldNotBeNull();
        heard.Transition.Kind.ShouldBe(kind);
        heard.Transition.AlertId.ShouldBe(told.AlertId);
        heard.Transition.Number.ShouldBe(2);
        heard.Transition.Title.ShouldStartWith(head);
        Judge.Answer(heard.State, told, new Agreement(answer, "", [], null), Samples.Block(104)).ShouldBeNull();
        Judge.Answer(rig.Alert()!, told, new Agreement(AgreementKind.Unreadable, "", [], null), Samples.Block(104)).ShouldBeNull();
    }
}
