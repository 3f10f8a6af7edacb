using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Replay;
using DefiMonitor.Tests.Alerts;

namespace DefiMonitor.Tests.Replay;

public sealed class ReplayScoreTests
{
    [Fact]
    public void The_last_level_before_the_block_counts_and_its_lead_is_chain_time()
    {
        var scored = Score(200, judged: true, Told(150, AlertLevel.Warning), Told(180, AlertLevel.Critical), Told(200, AlertLevel.Liquidatable));
        (scored.Outcome, scored.LeadSeconds).ShouldBe((LiquidationOutcome.AlertedBefore, 20UL * 12));
    }

    [Fact]
    public void A_first_warning_is_not_enough() =>
        Score(200, judged: true, Told(150, AlertLevel.Warning), Told(190, AlertLevel.Danger)).Outcome.ShouldBe(LiquidationOutcome.Missed);

    [Fact]
    public void A_level_that_had_eased_does_not_count() =>
        Score(200, judged: true, Told(150, AlertLevel.Critical), Told(160, AlertLevel.Warning)).Outcome.ShouldBe(LiquidationOutcome.Missed);

    [Fact]
    public void A_gap_is_an_excuse_only_when_it_was_told_at_that_very_block_and_the_block_before_was_seen()
    {
        Score(200, judged: true, Told(200, AlertLevel.Critical)).Outcome.ShouldBe(LiquidationOutcome.ZeroLead);
        Score(200, judged: false, Told(200, AlertLevel.Critical)).Outcome.ShouldBe(LiquidationOutcome.Missed);
        Score(200, judged: true, Told(201, AlertLevel.Critical)).Outcome.ShouldBe(LiquidationOutcome.Missed);
        Score(200, judged: true).Outcome.ShouldBe(LiquidationOutcome.Missed);
    }

    [Fact]
    public void Percentiles_are_nearest_rank()
    {
        ReplayScore.Percentile<ulong>([], 0.5).ShouldBeNull();
        ReplayScore.Percentile(Enumerable.Range(1, 10), 0.1).ShouldBe(1);
        ReplayScore.Percentile(Enumerable.Range(1, 10), 0.5).ShouldBe(5);
        ReplayScore.Percentile(Enumerable.Range(1, 10), 0.99).ShouldBe(10);
    }

    [Fact]
    public void The_naive_monitor_takes_a_failed_read_for_healthy_and_is_told_late()
    {
        var account = Samples.Account();
        var naive = new NaiveMonitor([account]);
        var low = Core.Primitives.UInt256.Parse("1050000000000000000");
        naive.Step(1_000, _ => null);
        naive.Step(1_100, _ => low);
        naive.Warnings.ShouldBe(0, "it does not look again before five minutes have gone by");
        naive.Step(1_300, _ => low);
        naive.Step(1_600, _ => low);
        naive.Warnings.ShouldBe(1, "it warns once");
        naive.WarnedBefore(account, 1_300).ShouldBeFalse();
        naive.WarnedBefore(account, 1_301).ShouldBeTrue();
        naive.LateBy(account, 1_250).ShouldBe(50UL);
        naive.LateBy(account, 1_400).ShouldBeNull();
    }

    private static ScoredLiquidation Score(ulong block, bool judged, params AlertTransition[] told) =>
        ReplayScore.Score(Samples.Account(), Samples.Block(block), told, judged);

    private static AlertTransition Told(ulong block, AlertLevel level) => new()
    {
        AlertId = "a",
        Number = 1,
        Subject = Samples.Subject(),
        Rule = Rules.Distance,
        Kind = TransitionKind.Opened,
        Level = level,
        PreviousLevel = AlertLevel.None,
        Chain = new ChainId(1),
        Block = Samples.Block(block),
        Title = "",
        Lines = [],
    };
}
