namespace DefiMonitor.Core.Risk.Options;

/// <summary>
/// Black's (1976) price of the out-of-the-money option in units of sqrt(F K): b(x, s) = e^(x/2) N(x/s + s/2) - e^(-x/2) N(x/s - s/2), x = -|ln(F/K)|, s = vol sqrt(T).
/// Written as n(d1) times a difference of Mills ratios Y = N/n, the form of P. Jaeckel (2015), "Let's be rational", Wilmott 2015-75, so that deep wings keep their digits.
/// </summary>
internal static class NormalisedBlack
{
    private const double InverseSqrtTwo = 0.70710678118654752440;
    private const double SqrtHalfPi = 1.25331413731550025121;
    private const double LogSqrtTwoPi = 0.91893853320467274178;
    private const double SmallHalfDeviation = 0.2;
    private const double FarWing = 10;

    /// <summary>ln(F/K), keeping its digits where F and K are close (F - K is exact there): 2 artanh((F - K)/(F + K)).</summary>
    public static double LogMoneyness(double forward, double strike)
    {
        var z = (forward - strike) / (forward + strike);
        if (Math.Abs(z) > 0.05)
        {
            var ratio = forward / strike;
            return double.IsNormal(ratio) ? Math.Log(ratio) : Math.Log(forward) - Math.Log(strike);
        }

        var q = z * z;
        var sum = 1.0 / 13;
        sum = (sum * q) + (1.0 / 11);
        sum = (sum * q) + (1.0 / 9);
        sum = (sum * q) + (1.0 / 7);
        sum = (sum * q) + (1.0 / 5);
        sum = (sum * q) + (1.0 / 3);
        return 2 * z * ((sum * q) + 1);
    }

    /// <summary>ln b(x, s) for x at most 0 and s above 0. Negative infinity only where the exponent leaves a double.</summary>
    public static double LogPrice(double x, double s)
    {
        var h = x / s;
        var t = s / 2;
        return h + t > 0 && t >= SmallHalfDeviation ? Math.Log(ByDistribution(x, h, t)) : LogKernel(h, t) + Math.Log(MillsDifference(h, t));
    }

    /// <summary>b(x, s) for x at most 0 and s above 0.</summary>
    public static double Price(double x, double s)
    {
        var h = x / s;
        var t = s / 2;
        return h + t > 0 && t >= SmallHalfDeviation ? ByDistribution(x, h, t) : Math.Exp(LogKernel(h, t)) * MillsDifference(h, t);
    }

    /// <summary>ln(db/ds) = -(h^2 + t^2)/2 - ln sqrt(2 pi), with h = x/s and t = s/2.</summary>
    public static double LogKernel(double h, double t) => (-0.5 * ((h * h) + (t * t))) - LogSqrtTwoPi;

    /// <summary>e^(x/2) - b(x, s): how far the price is from its upper limit, without cancellation.</summary>
    public static double Complement(double x, double s)
    {
        var h = x / s;
        var t = s / 2;
        return (Math.Exp(x / 2) * Normal.Cdf(-h - t)) + (Math.Exp(-x / 2) * Normal.Cdf(h - t));
    }

    private static double ByDistribution(double x, double h, double t) =>
        (Math.Exp(x / 2) * Normal.Cdf(h + t)) - (Math.Exp(-x / 2) * Normal.Cdf(h - t));

    // Y(h + t) - Y(h - t), h at most 0.
    private static double MillsDifference(double h, double t)
    {
        if (t >= SmallHalfDeviation)
        {
            return Mills(h + t) - Mills(h - t);
        }

        return h > -FarWing ? TaylorDifference(h, t) : FarDifference(-h, t);
    }

    private static double Mills(double z) => SqrtHalfPi * Normal.Erfcx(-z * InverseSqrtTwo);

    // Odd Taylor terms around h; Y' = 1 + z Y and Y(n+1) = z Y(n) + n Y(n-1).
    private static double TaylorDifference(double h, double t)
    {
        var previous = Mills(h);
        var current = 1 + (h * previous);
        var power = t;
        var sum = 0.0;
        for (var n = 1; n <= 15; n += 2)
        {
            sum += current * power;
            var even = (h * current) + (n * previous);
            var odd = (h * even) + ((n + 1) * current);
            previous = even;
            current = odd;
            power *= t * t / ((n + 1) * (n + 2));
        }

        return 2 * sum;
    }

    // Five-point Gauss-Legendre over Y' with its asymptotic series; t/a is at most 0.02 here, so both are exact to a double.
    private static double FarDifference(double a, double t)
    {
        var sum = 0.56888888888888889 * MillsSlope(a);
        sum += 0.47862867049936647 * (MillsSlope(a + (0.53846931010568309 * t)) + MillsSlope(a - (0.53846931010568309 * t)));
        sum += 0.23692688505618909 * (MillsSlope(a + (0.90617984593866399 * t)) + MillsSlope(a - (0.90617984593866399 * t)));
        return t * sum;
    }

    // Y'(-a) = sum over k of (-1)^k (2k + 1)!! / a^(2k + 2).
    private static double MillsSlope(double a)
    {
        var z = 1 / (a * a);
        var sum = 1.0;
        for (var k = 18; k >= 1; k--)
        {
            sum = 1 - (((2 * k) + 1) * z * sum);
        }

        return z * sum;
    }
}
