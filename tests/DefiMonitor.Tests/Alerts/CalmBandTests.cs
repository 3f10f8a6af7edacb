using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Tests.Engine.Storage;

namespace DefiMonitor.Tests.Alerts;

public sealed class CalmBandTests
{
    private const double Hysteresis = 1.25;
    private const double Wad = 1e18;
    private const long Rules = 7;

    [Fact]
    public void Inside_the_band_no_level_opens_and_none_is_let_go_also_when_the_volatility_moves_a_little()
    {
        var random = new Random(11);
        var (inside, none) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var levels = Levels(random);
            var sigma = 0.001 + (random.NextDouble() * 0.2);
            var before = At(0.5 + (random.NextDouble() * 2), sigma);
            var after = At(Health(before) * (0.8 + (random.NextDouble() * 0.4)), sigma * (0.996 + (random.NextDouble() * 0.008)));
            var band = CalmBand.Of(before.Report, before.Distance, levels, Hysteresis, Rules);
            band.Covers(new Verdict(before.Report.Status, before.Report.HealthFactor!.Value)).ShouldBe(!band.IsEmpty, $"case {i}");
            none += band.IsEmpty ? 1 : 0;
            if (!band.Covers(new Verdict(after.Report.Status, after.Report.HealthFactor!.Value)))
            {
                continue;
            }

            inside++;
            foreach (var ratio in new[] { 1, Hysteresis })
            {
                DefiMonitor.Engine.Alerting.Levels.Hold(levels, after.Report, after.Distance, ratio)
                    .ShouldBe(DefiMonitor.Engine.Alerting.Levels.Hold(levels, before.Report, before.Distance, ratio), $"case {i}, ratio {ratio}: {Health(before)} to {Health(after)}, sigma {sigma}");
            }
        }

        inside.ShouldBeInRange(1_000, 19_000);
        none.ShouldBeInRange(1, 1_000, "only next to a threshold there is no band");
    }

    [Fact]
    public void An_earlier_trigger_does_not_hide_the_edge_of_liquidation()
    {
        // Past the threshold of its pre-liquidation, and as loud as that gets.
        var open = At(1.02, 0.04, threshold: "1050000000000000000");
        var band = CalmBand.Of(open.Report, open.Distance, RuleBook.Default.Levels, Hysteresis, Rules);
        band.Covers(new Verdict(MarginStatus.Healthy, open.Report.HealthFactor!.Value)).ShouldBeTrue();
        band.Covers(new Verdict(MarginStatus.Liquidatable, UInt256.Parse("999999999999999999"))).ShouldBeFalse();
    }

    [Fact]
    public void Where_a_threshold_moves_on_its_own_there_is_no_band()
    {
        var account = At(1.5, 0.04);
        CalmBand.Of(account.Report with { HasMovingThreshold = true }, account.Distance, RuleBook.Default.Levels, Hysteresis, Rules).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Other_rules_and_other_volatilities_have_another_mark()
    {
        var assets = new AssetCatalog();
        var mark = new Judge(RuleBook.Default, assets).Mark;
        new Judge(new RuleBook(), new AssetCatalog()).Mark.ShouldBe(mark);
        new Judge(RuleBook.Default with { LateFactor = 9 }, assets).Mark.ShouldBe(mark);
        new Judge(RuleBook.Default with { Hysteresis = 1.5 }, assets).Mark.ShouldNotBe(mark);
        new Judge(RuleBook.Default with { Levels = [new LevelRule(AlertLevel.Warning, Sigmas: 4)] }, assets).Mark.ShouldNotBe(mark);
        new Judge(RuleBook.Default with { Owners = new Dictionary<string, OwnerRules> { ["me"] = new([new LevelRule(AlertLevel.Warning, Sigmas: 4)]) } }, assets).Mark.ShouldNotBe(mark);
        new Judge(RuleBook.Default, Samples.Shipped).Mark.ShouldNotBe(mark);
    }

    [Fact]
    public void What_cannot_be_judged_is_never_inside()
    {
        var calm = At(1.5, 0.04);
        var band = CalmBand.Of(calm.Report, calm.Distance, RuleBook.Default.Levels, Hysteresis, Rules);
        band.Covers(new Verdict(MarginStatus.Unknown, calm.Report.HealthFactor!.Value)).ShouldBeFalse();
        CalmBand.Of(calm.Report with { Status = MarginStatus.Unknown }, null, RuleBook.Default.Levels, Hysteresis, Rules)
            .Covers(new Verdict(MarginStatus.Healthy, calm.Report.HealthFactor!.Value)).ShouldBeFalse();
    }

    [Fact]
    public void Without_debt_any_debt_leaves_the_band()
    {
        var band = CalmBand.Of(At(2, 0.04).Report with { HealthFactor = null }, null, RuleBook.Default.Levels, Hysteresis, Rules);
        band.Covers(new Verdict(MarginStatus.Healthy, UInt256.MaxValue)).ShouldBeTrue();
        band.Covers(new Verdict(MarginStatus.Healthy, UInt256.Parse("1000000000000000000000000000000"))).ShouldBeFalse();
    }

    private static List<LevelRule> Levels(Random random)
    {
        var levels = new List<LevelRule>();
        foreach (var level in new[] { AlertLevel.Warning, AlertLevel.Danger, AlertLevel.Critical })
        {
            levels.Add(random.Next(3) == 0
                ? new LevelRule(level, HealthFactor: (UInt256)(ulong)((1 + (random.NextDouble() * 0.8)) * Wad))
                : new LevelRule(level, Sigmas: random.NextDouble() * 4));
        }

        return levels;
    }

    private static double Health((MarginReport Report, DistanceEstimate Distance) account) => account.Report.HealthFactor!.Value.ToDouble() / Wad;

    private static (MarginReport Report, DistanceEstimate Distance) At(double health, double sigma, string threshold = "1000000000000000000")
    {
        var edge = UInt256.Parse(threshold);
        var slack = Math.Max(0, Math.Log(health * Wad / edge.ToDouble()));
        var report = Sample.Report(1) with
        {
            Status = health < 1 ? MarginStatus.Liquidatable : MarginStatus.Healthy,
            At = new Instant(1_700_000_100),
            HealthFactor = (UInt256)(ulong)(health * Wad),
            NearestThreshold = edge,
        };
        return (report, new DistanceEstimate(slack / sigma, sigma, slack, false));
    }
}
