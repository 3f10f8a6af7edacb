using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk;

namespace DefiMonitor.Engine.Alerting;

/// <summary>Which level a known report stands at. Liquidatable goes by the exact status alone: no rule and no estimate has a say in it.</summary>
public static class Levels
{
    private const uint Million = 1_000_000;

    public static AlertLevel Open(IReadOnlyList<LevelRule> rules, MarginReport report, DistanceEstimate? distance) => At(rules, report, distance, 1);

    /// <param name="ratio">How much farther than it opens a level closes; on a health factor it stretches the part above 1.</param>
    public static AlertLevel Hold(IReadOnlyList<LevelRule> rules, MarginReport report, DistanceEstimate? distance, double ratio) => At(rules, report, distance, ratio);

    private static AlertLevel At(IReadOnlyList<LevelRule> rules, MarginReport report, DistanceEstimate? distance, double ratio)
    {
        if (report.IsBelowEdge)
        {
            return AlertLevel.Liquidatable;
        }

        var level = AlertLevel.None;
        if (report.HealthFactor is not { } health)
        {
            return level;
        }

        foreach (var rule in rules)
        {
            if (rule.Level > level
                && ((rule.Sigmas is { } sigmas && distance is not null && distance.Sigmas <= sigmas * ratio)
                    || (rule.HealthFactor is { } edge && health <= Stretch(edge, ratio))))
            {
                level = rule.Level;
            }
        }

        return level;
    }

    private static UInt256 Stretch(in UInt256 edge, double ratio)
    {
        var one = FixedPoint.Wad;
        return edge <= one ? edge : one + UInt256.MulDiv(edge - one, (ulong)Math.Round(ratio * Million), Million, Rounding.Down);
    }
}
