namespace DefiMonitor.Core.Risk.Options;

/// <summary>
/// Total implied variance of one expiry by raw SVI, J. Gatheral (2004), "A parsimonious arbitrage-free implied volatility parameterization":
/// w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)), k = ln(K/F). w is variance times time, dimensionless; the parameters are as in the paper.
/// </summary>
/// <param name="Years">The time the slice was fitted at, in years of 365 days. Volatility is sqrt(w / Years), so it does not re-annualise by itself.</param>
public readonly record struct SviSlice(double A, double B, double Rho, double M, double Sigma, double Years)
{
    private double Height(double k) => Math.Sqrt(((k - M) * (k - M)) + (Sigma * Sigma));

    /// <summary>w(k), whatever the parameters: <see cref="SviArbitrage"/> says whether they are in their domain.</summary>
    public double TotalVariance(double k) => A + (B * ((Rho * (k - M)) + Height(k)));

    /// <summary>dw/dk.</summary>
    public double Slope(double k) => B * (Rho + ((k - M) / Height(k)));

    /// <summary>d2w/dk2.</summary>
    public double Curvature(double k)
    {
        var h = Height(k);
        return B * Sigma * Sigma / (h * h * h);
    }

    /// <summary>Volatility per square root of a year at log-moneyness k = ln(K/F).</summary>
    public Outcome<double> Volatility(double k)
    {
        var w = TotalVariance(k);
        return !double.IsFinite(w) ? Outcome<double>.Refused(Refusal.NotFinite)
            : w < 0 ? Outcome<double>.Refused(Refusal.NegativeVariance)
            : Years <= 0 ? Outcome<double>.Refused(Refusal.Expired)
            : Outcome<double>.Known(Math.Sqrt(w / Years));
    }

    /// <summary>
    /// g(k) of Gatheral and Jacquier (2014), "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14: the implied density up to a positive factor.
    /// Below 0 a butterfly pays for nothing.
    /// </summary>
    public double Density(double k)
    {
        var w = TotalVariance(k);
        var slope = Slope(k);
        var first = 1 - (k * slope / (2 * w));
        return (first * first) - (slope * slope / 4 * ((1 / w) + 0.25)) + (Curvature(k) / 2);
    }

    /// <summary>The same slice in jump-wings terms (Gatheral and Jacquier 2014, section 3.3).</summary>
    public SviJumpWings ToJumpWings()
    {
        var total = TotalVariance(0);
        var root = Math.Sqrt(total);
        return new SviJumpWings(
            total / Years,
            B / (2 * root) * (Rho - (M / Math.Sqrt((M * M) + (Sigma * Sigma)))),
            B * (1 - Rho) / root,
            B * (1 + Rho) / root,
            (A + (B * Sigma * Math.Sqrt(1 - (Rho * Rho)))) / Years,
            Years);
    }
}

/// <summary>Jump-wings parameters (Gatheral and Jacquier 2014).</summary>
/// <param name="V">At-the-money variance per year.</param>
/// <param name="Psi">At-the-money skew.</param>
/// <param name="P">Slope of the put wing.</param>
/// <param name="C">Slope of the call wing.</param>
/// <param name="VTilde">Least variance per year.</param>
/// <param name="Years">Time in years of 365 days.</param>
public readonly record struct SviJumpWings(double V, double Psi, double P, double C, double VTilde, double Years)
{
    /// <summary>Back to raw SVI; refused where the parameters belong to no slice.</summary>
    public Outcome<SviSlice> ToRaw()
    {
        var total = V * Years;
        var root = Math.Sqrt(total);
        var b = root * (C + P) / 2;
        var rho = 1 - (P * root / b);
        var beta = rho - (2 * Psi * root / b);
        double m;
        double sigma;
        if (Math.Abs(beta) < 1e-14)
        {
            m = 0;
            sigma = (V - VTilde) * Years / (b * (1 - Math.Sqrt(1 - (rho * rho))));
        }
        else
        {
            var alpha = Math.Sign(beta) * Math.Sqrt((1 / (beta * beta)) - 1);
            m = (V - VTilde) * Years / (b * (-rho + (Math.Sign(alpha) * Math.Sqrt(1 + (alpha * alpha))) - (alpha * Math.Sqrt(1 - (rho * rho)))));
            sigma = alpha * m;
        }

        var raw = new SviSlice((VTilde * Years) - (b * sigma * Math.Sqrt(1 - (rho * rho))), b, rho, m, sigma, Years);
        return double.IsFinite(raw.A + raw.B + raw.Rho + raw.M + raw.Sigma) ? Outcome<SviSlice>.Known(raw) : Outcome<SviSlice>.Refused(Refusal.NotFinite);
    }
}
