using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Risk;

/// <summary>
/// Distance to the nearest trigger in daily standard deviations of the account's own mix, so that a loop of two tokens that move together is left in peace
/// and an ETH/USDC borrower is warned in time.
/// </summary>
/// <remarks>
/// First order: with H = sum(threshold * collateral) / sum(debt), d ln H = sum w_i r_i - sum u_j r_j, where w_i is the leg's share of the threshold-weighted
/// collateral value, u_j its share of the debt value and r the day's log return. A token's return is its factor's plus a basis of its own; factors are
/// correlated, bases are not. The variance of that sum is the portfolio variance of Markowitz (1952, "Portfolio Selection", Journal of Finance 7).
/// Only here do a report's integers become doubles, and none goes back.
/// </remarks>
public static class SigmaDistance
{
    /// <summary>
    /// The least daily sigma assumed (0.05 %). Legs that cancel out still drift apart by interest: at 10 % a year this floor makes
    /// one sigma two days, so that such an account is warned in time as well.
    /// </summary>
    public const double FloorSigma = 0.0005;

    /// <summary>What is said where no move of a price pulls any trigger.</summary>
    public const double FarAway = 1_000;

    private static readonly double WadOne = 1e18;

    /// <summary>Null where the account is Unknown or has no debt.</summary>
    public static DistanceEstimate? Of(MarginReport report, IAssetProfiles profiles)
    {
        if (report.Status == MarginStatus.Unknown || report.HealthFactor is not { } health)
        {
            return null;
        }

        if (report.NearEdges is { } edges)
        {
            var nearest = ToNearest(report, edges, profiles) is { Sigmas: < FarAway } near ? near : new DistanceEstimate(FarAway, FloorSigma, FarAway * FloorSigma, false);
            // At the edge without being below it, as where a pool counts an account as insolvent at some of its prices: no price has to move any more.
            return report.IsBelowEdge || health.ToDouble() <= NearestThreshold(report) ? nearest with { Sigmas = 0, LogSlack = 0 } : nearest;
        }

        var (sigma, assumed) = DailySigma(report, profiles);
        if (report.IsBelowEdge || health.IsZero)
        {
            return new DistanceEstimate(0, sigma, 0, assumed);
        }

        var slack = Math.Max(0, Math.Log(health.ToDouble() / NearestThreshold(report)));
        return new DistanceEstimate(slack / sigma, sigma, slack, assumed);
    }

    /// <summary>Wad: the nearest trigger is the one with the highest threshold, the first that a falling health factor meets.</summary>
    public static double NearestThreshold(MarginReport report)
    {
        if (report.NearestThreshold is { } known)
        {
            return known.ToDouble();
        }

        var nearest = UInt256.Zero;
        foreach (var trigger in report.Triggers)
        {
            if (trigger.Kind is TriggerKind.Liquidation or TriggerKind.PreLiquidation && trigger.Unarmed is null && trigger.Unknown is null && trigger.Threshold > nearest)
            {
                nearest = trigger.Threshold;
            }
        }

        return nearest.IsZero ? WadOne : nearest.ToDouble();
    }

    /// <summary>The nearest of some edges by the day's move of its own price, |ln(edge / price)| / sigma; null where there is none.</summary>
    public static DistanceEstimate? ToNearest(MarginReport report, IReadOnlyList<PriceEdge> edges, IAssetProfiles profiles)
    {
        DistanceEstimate? nearest = null;
        foreach (var edge in edges)
        {
            var profile = profiles.Of(report.Account.Deployment.Chain, edge.Asset, edge.Symbol);
            var sigma = Math.Max(Math.Sqrt(Square(profile.FactorDailyVolatility) + Square(profile.BasisDailyVolatility)), FloorSigma);
            var slack = edge.Price.IsZero || edge.CurrentPrice.IsZero ? 0 : Math.Abs(Math.Log(edge.Price.ToDouble() / edge.CurrentPrice.ToDouble()));
            if (nearest is null || slack / sigma < nearest.Sigmas)
            {
                nearest = new DistanceEstimate(slack / sigma, sigma, slack, profile.Assumed);
            }
        }

        return nearest;
    }

    private static (double Sigma, bool Assumed) DailySigma(MarginReport report, IAssetProfiles profiles)
    {
        var collateral = 0.0;
        var debt = 0.0;
        foreach (var leg in report.Positions)
        {
            var weight = Weight(leg);
            if (leg.Side == PositionSide.Debt)
            {
                debt += weight;
            }
            else
            {
                collateral += weight;
            }
        }

        var assumed = false;
        var factors = new List<(string Name, double Exposure, double Volatility)>();
        var bases = new List<(Address Asset, double Exposure, double Volatility)>();
        foreach (var leg in report.Positions)
        {
            var total = leg.Side == PositionSide.Debt ? debt : collateral;
            var weight = Weight(leg);
            if (weight == 0 || total == 0)
            {
                continue;
            }

            var share = leg.Side == PositionSide.Debt ? -weight / total : weight / total;
            var profile = profiles.Of(report.Account.Deployment.Chain, leg.Asset, leg.Symbol);
            assumed |= profile.Assumed;
            Add(factors, profile.Factor, share, profile.FactorDailyVolatility);
            Add(bases, leg.Asset, share, profile.BasisDailyVolatility);
        }

        var variance = 0.0;
        for (var i = 0; i < factors.Count; i++)
        {
            var a = factors[i];
            variance += Square(a.Exposure * a.Volatility);
            for (var j = i + 1; j < factors.Count; j++)
            {
                var b = factors[j];
                variance += 2 * profiles.Correlation(a.Name, b.Name) * a.Exposure * a.Volatility * b.Exposure * b.Volatility;
            }
        }

        foreach (var basis in bases)
        {
            variance += Square(basis.Exposure * basis.Volatility);
        }

        // Pairwise correlations need not fit together; a negative sum then counts as none.
        return (Math.Max(Math.Sqrt(Math.Max(variance, 0)), FloorSigma), assumed);
    }

    private static double Weight(Position leg) => leg.Side switch
    {
        PositionSide.Debt => leg.Value.ToDouble(),
        _ => leg.Counts ? leg.Value.ToDouble() * leg.ThresholdBps : 0,
    };

    // The same token as collateral and as debt is one exposure: its moves cancel.
    private static void Add<TKey>(List<(TKey Key, double Exposure, double Volatility)> list, TKey key, double exposure, double volatility)
        where TKey : IEquatable<TKey>
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].Key.Equals(key))
            {
                list[i] = list[i] with { Exposure = list[i].Exposure + exposure };
                return;
            }
        }

        list.Add((key, exposure, volatility));
    }

    private static double Square(double x) => x * x;
}
