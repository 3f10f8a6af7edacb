namespace DefiMonitor.Core.Risk.Options;

public enum ArbitrageKind
{
    /// <summary>A parameter is NaN, infinite or outside b >= 0, |rho| &lt; 1, sigma > 0, years > 0, least variance >= 0.</summary>
    Domain,

    /// <summary>g(k) &lt; 0: a butterfly has a negative price.</summary>
    Butterfly,

    /// <summary>b (1 + |rho|) > 2: the wing is steeper than any distribution allows (R. Lee 2004, "The moment formula for implied volatility at extreme strikes").</summary>
    Wing,

    /// <summary>The later expiry has less total variance than the earlier at the same k.</summary>
    Calendar,
}

/// <param name="From">Log-moneyness ln(K/F) where it begins; for Domain and Wing the whole line.</param>
/// <param name="To">Where it ends, or where the search ended.</param>
/// <param name="Worst">The most negative value inside: g(k), 2 - b (1 + |rho|), or the difference in total variance.</param>
/// <param name="At">The log-moneyness of <paramref name="Worst"/>; 0 for Domain and Wing.</param>
public readonly record struct ArbitrageViolation(ArbitrageKind Kind, double From, double To, double Worst, double At);

/// <summary>
/// Static arbitrage of SVI slices after Gatheral and Jacquier (2014). Reports what is wrong and changes nothing. The search covers +-8 standard deviations around the
/// money (at least +-1) on 2,001 points, edges polished by bisection; a violation narrower than a grid step is not seen.
/// </summary>
public static class SviArbitrage
{
    private const int Points = 2001;
    private const double Rounding = 1e-14;

    /// <summary>Domain, wing and butterfly violations of one slice; empty when there are none.</summary>
    public static IReadOnlyList<ArbitrageViolation> Check(in SviSlice slice)
    {
        if (!InDomain(slice))
        {
            return [new ArbitrageViolation(ArbitrageKind.Domain, double.NegativeInfinity, double.PositiveInfinity, LeastVariance(slice), 0)];
        }

        var found = new List<ArbitrageViolation>();
        var room = 2 - (slice.B * (1 + Math.Abs(slice.Rho)));
        if (room < 0)
        {
            found.Add(new ArbitrageViolation(ArbitrageKind.Wing, double.NegativeInfinity, double.PositiveInfinity, room, 0));
        }

        var copy = slice;
        Scan(ArbitrageKind.Butterfly, copy.Density, Reach(slice), found);
        return found;
    }

    /// <summary>Where <paramref name="later"/> holds less total variance than <paramref name="earlier"/>. The one with fewer years is taken as the earlier.</summary>
    public static IReadOnlyList<ArbitrageViolation> Calendar(in SviSlice earlier, in SviSlice later)
    {
        var (first, second) = earlier.Years <= later.Years ? (earlier, later) : (later, earlier);
        if (!InDomain(first) || !InDomain(second))
        {
            var bad = InDomain(first) ? second : first;
            return [new ArbitrageViolation(ArbitrageKind.Domain, double.NegativeInfinity, double.PositiveInfinity, LeastVariance(bad), 0)];
        }

        var found = new List<ArbitrageViolation>();
        Scan(ArbitrageKind.Calendar, k => second.TotalVariance(k) - first.TotalVariance(k), Math.Max(Reach(first), Reach(second)), found);
        return found;
    }

    private static bool InDomain(in SviSlice s) =>
        double.IsFinite(s.A + s.B + s.Rho + s.M + s.Sigma + s.Years) && s.B >= 0 && Math.Abs(s.Rho) < 1 && s.Sigma > 0 && s.Years > 0
        && LeastVariance(s) >= 0 && s.TotalVariance(0) > 0;

    private static double LeastVariance(in SviSlice s) => s.A + (s.B * s.Sigma * Math.Sqrt(1 - (s.Rho * s.Rho)));

    private static double Reach(in SviSlice s) => Math.Abs(s.M) + Math.Max(1, 8 * Math.Sqrt(s.TotalVariance(0)));

    private static void Scan(ArbitrageKind kind, Func<double, double> value, double reach, List<ArbitrageViolation> found)
    {
        var step = 2 * reach / (Points - 1);
        var previous = -reach;
        var from = double.NaN;
        var (worst, at) = (0.0, 0.0);
        for (var i = 0; i < Points; i++)
        {
            var k = -reach + (i * step);
            var v = value(k);
            if (v < -Rounding)
            {
                if (double.IsNaN(from))
                {
                    from = i == 0 ? k : Edge(value, previous, k);
                    worst = 0;
                }

                if (v < worst)
                {
                    (worst, at) = (v, k);
                }
            }
            else if (!double.IsNaN(from))
            {
                found.Add(new ArbitrageViolation(kind, from, Edge(value, k, previous), worst, at));
                from = double.NaN;
            }

            previous = k;
        }

        if (!double.IsNaN(from))
        {
            found.Add(new ArbitrageViolation(kind, from, reach, worst, at));
        }
    }

    // Bisection between a point without and a point with the violation.
    private static double Edge(Func<double, double> value, double good, double bad)
    {
        for (var i = 0; i < 60; i++)
        {
            var middle = (good + bad) / 2;
            if (value(middle) < 0)
            {
                bad = middle;
            }
            else
            {
                good = middle;
            }
        }

        return bad;
    }
}
