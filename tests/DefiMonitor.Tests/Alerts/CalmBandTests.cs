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

    [Fact]
    public void Inside_the_band_no_level_opens_and_none_is_let_go()
    {
        var random = new Random(11);
        var inside = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var levels = Levels(random);
            var sigma = 0.001 + (random.NextDouble() * 0.2);
            var before = At(0.5 + (random.NextDouble() * 2), sigma);
            var after = At(Health(before) * (0.8 + (random.NextDouble() * 0.4)), sigma);
            var band = CalmBand.Of(before.Report, before.Distance, levels, Hysteresis);
            band.Covers(new Verdict(before.Report.Status, before.Report.HealthFactor!.Value)).ShouldBeTrue($"case {i}");
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
    }

    [Fact]
    public void What_cannot_be_judged_is_never_inside()
    {
        var calm = At(1.5, 0.04);
        var band = CalmBand.Of(calm.Report, calm.Distance, RuleBook.Default.Levels, Hysteresis);
        band.Covers(new Verdict(MarginStatus.Unknown, calm.Report.HealthFactor!.Value)).ShouldBeFalse();
        CalmBand.Of(calm.Report with { Status = MarginStatus.Unknown }, null, RuleBook.Default.Levels, Hysteresis)
            .Covers(new Verdict(MarginStatus.Healthy, calm.Report.HealthFactor!.Value)).ShouldBeFalse();
    }

    [Fact]
    public void Without_debt_any_debt_leaves_the_band()
    {
        var band = CalmBand.Of(At(2, 0.04).Report with { HealthFactor = null }, null, RuleBook.Default.Levels, Hysteresis);
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

    private static (MarginReport Report, DistanceEstimate Distance) At(double health, double sigma)
    {
        var slack = Math.Max(0, Math.Log(health));
        var report = Sample.Report(1) with
        {
            Status = health < 1 ? MarginStatus.Liquidatable : MarginStatus.Healthy,
            At = new Instant(1_700_000_100),
            HealthFactor = (UInt256)(ulong)(health * Wad),
            NearestThreshold = FixedPoint.Wad,
        };
        return (report, new DistanceEstimate(slack / sigma, sigma, slack, false));
    }
}
