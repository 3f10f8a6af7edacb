using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Risk;

namespace DefiMonitor.Engine.Alerting;

/// <summary>
/// The health factors between which nothing is told of an account: while both instants' exact health stays inside, its rules need not be gone through again.
/// It reaches half way (in the logarithm of the health factor) to each threshold at which a level opens, or a level that stands is held or let go; the other
/// half is for the account's own volatility, which moves with the mix of its legs. The edge of liquidation is always one of the thresholds.
/// </summary>
/// <param name="Low">Health factor in wad; an estimate that filters, never a verdict.</param>
/// <param name="High">Health factor in wad.</param>
/// <param name="Rules">What it was worked out by: <see cref="Judge.Mark"/>. By other rules it says nothing.</param>
public readonly record struct CalmBand(double Low, double High, long Rules)
{
    private const double Wad = 1e18;

    // So near to a threshold by volatility (as a part of it) the least move of the mix could pass it while the health factor stays: there is no band.
    private const double SigmaSlack = 0.005;

    /// <summary>Nothing lies inside: the account is looked at in full whenever the block is judged.</summary>
    public static CalmBand None { get; } = new(1, 0, 0);

    public bool IsEmpty => !(Low <= High);

    public bool Covers(in Verdict verdict)
    {
        if (verdict.Status == MarginStatus.Unknown)
        {
            return false;
        }

        var health = verdict.HealthFactor.ToDouble();
        return health >= Low && health <= High;
    }

    /// <param name="distance">Null where no distance can be given, such as without debt.</param>
    /// <param name="hysteresis">See <see cref="RuleBook.Hysteresis"/>.</param>
    public static CalmBand Of(MarginReport report, DistanceEstimate? distance, IReadOnlyList<LevelRule> levels, double hysteresis, long rules)
    {
        if (report.Status == MarginStatus.Unknown || report.HasMovingThreshold)
        {
            return None;
        }

        if (report.HealthFactor is not { } health)
        {
            // Without debt bulk judging says 2^256 - 1; anything less means that a debt has come.
            return new CalmBand(1e77, double.PositiveInfinity, rules);
        }

        var edge = SigmaDistance.NearestThreshold(report);
        var at = Math.Log(health.ToDouble() / edge);
        var below = double.NegativeInfinity;
        var above = double.PositiveInfinity;
        var isTooNear = false;
        Take(0);

        // An earlier trigger does not hide the edge of liquidation, at which the account becomes liquidatable whatever the rules.
        Take(Math.Log(Wad / edge));
        foreach (var level in levels)
        {
            if (level.Sigmas is { } sigmas && distance is { } known)
            {
                TakeMoving(sigmas * known.DailySigma);
                TakeMoving(sigmas * known.DailySigma * hysteresis);
            }

            if (level.HealthFactor is { } fixedAt)
            {
                var open = fixedAt.ToDouble();
                Take(Math.Log(open / edge));
                Take(Math.Log((Wad + Math.Max(0, (open - Wad) * hysteresis)) / edge));
            }
        }

        return isTooNear ? None : new CalmBand(edge * Math.Exp((at + below) / 2), edge * Math.Exp((at + above) / 2), rules);

        void TakeMoving(double threshold)
        {
            isTooNear |= Math.Abs(threshold - at) <= SigmaSlack * threshold;
            Take(threshold);
        }

        void Take(double threshold)
        {
            if (threshold <= at)
            {
                below = Math.Max(below, threshold);
            }
            else
            {
                above = Math.Min(above, threshold);
            }
        }
    }
}
