namespace DefiMonitor.Core.Risk.Options;

/// <summary>
/// The error function's family by W. J. Cody (1969), "Rational Chebyshev approximations for the error function", Mathematics of Computation 23:
/// three intervals, relative error below 1e-15. Above 0.46875 the argument's square is split at 1/16 so that exp(-x^2) keeps its digits.
/// </summary>
public static class Normal
{
    private const double SmallLimit = 0.46875;
    private const double InverseSqrtPi = 0.56418958354775628695;
    private const double InverseSqrtTwoPi = 0.39894228040143267794;
    private const double InverseSqrtTwo = 0.70710678118654752440;

    // exp(x^2) leaves the range of a double beyond this.
    private const double ErfcxFloor = -26.628;

    /// <summary>erf(x), dimensionless.</summary>
    public static double Erf(double x)
    {
        var y = Math.Abs(x);
        return y <= SmallLimit ? SmallErf(x) : Math.CopySign(1 - Erfc(y), x);
    }

    /// <summary>1 - erf(x) without cancellation.</summary>
    public static double Erfc(double x)
    {
        var y = Math.Abs(x);
        if (y <= SmallLimit)
        {
            return 1 - SmallErf(x);
        }

        var tail = TailScaled(y) * ExpMinusSquare(y);
        return x < 0 ? 2 - tail : tail;
    }

    /// <summary>exp(x^2) erfc(x); positive infinity below -26.628.</summary>
    public static double Erfcx(double x)
    {
        var y = Math.Abs(x);
        if (y <= SmallLimit)
        {
            return Math.Exp(x * x) * (1 - SmallErf(x));
        }

        if (x < ErfcxFloor)
        {
            return double.PositiveInfinity;
        }

        var tail = TailScaled(y);
        return x < 0 ? (2 / ExpMinusSquare(y)) - tail : tail;
    }

    /// <summary>N(x), the standard normal distribution function.</summary>
    public static double Cdf(double x) => 0.5 * Erfc(-x * InverseSqrtTwo);

    /// <summary>n(x), the standard normal density.</summary>
    public static double Density(double x) => InverseSqrtTwoPi * Math.Exp(-0.5 * x * x);

    private static double SmallErf(double x)
    {
        var z = x * x;
        var top = ((((((((1.85777706184603153E-1 * z) + 3.16112374387056560E00) * z) + 1.13864154151050156E02) * z) + 3.77485237685302021E02) * z)
            + 3.20937758913846947E03);
        var bottom = (((((((z + 2.36012909523441209E01) * z) + 2.44024637934444173E02) * z) + 1.28261652607737228E03) * z) + 2.84423683343917062E03);
        return x * top / bottom;
    }

    // exp(y^2) erfc(y) for y above SmallLimit.
    private static double TailScaled(double y) => y <= 4 ? MiddleTail(y) : FarTail(y);

    private static double MiddleTail(double y)
    {
        var top = 2.15311535474403846E-8 * y;
        top = (top + 5.64188496988670089E-1) * y;
        top = (top + 8.88314979438837594E0) * y;
        top = (top + 6.61191906371416295E01) * y;
        top = (top + 2.98635138197400131E02) * y;
        top = (top + 8.81952221241769090E02) * y;
        top = (top + 1.71204761263407058E03) * y;
        top = (top + 2.05107837782607147E03) * y;
        var bottom = y;
        bottom = (bottom + 1.57449261107098347E01) * y;
        bottom = (bottom + 1.17693950891312499E02) * y;
        bottom = (bottom + 5.37181101862009858E02) * y;
        bottom = (bottom + 1.62138957456669019E03) * y;
        bottom = (bottom + 3.29079923573345963E03) * y;
        bottom = (bottom + 4.36261909014324716E03) * y;
        bottom = (bottom + 3.43936767414372164E03) * y;
        return (top + 1.23033935479799725E03) / (bottom + 1.23033935480374942E03);
    }

    private static double FarTail(double y)
    {
        var z = 1 / (y * y);
        var top = 1.63153871373020978E-2 * z;
        top = (top + 3.05326634961232344E-1) * z;
        top = (top + 3.60344899949804439E-1) * z;
        top = (top + 1.25781726111229246E-1) * z;
        top = (top + 1.60837851487422766E-2) * z;
        var bottom = z;
        bottom = (bottom + 2.56852019228982242E00) * z;
        bottom = (bottom + 1.87295284992346725E00) * z;
        bottom = (bottom + 5.27905102951428412E-1) * z;
        bottom = (bottom + 6.05183413124413191E-2) * z;
        var rest = z * (top + 6.58749161529837803E-4) / (bottom + 2.33520497626869185E-3);
        return (InverseSqrtPi - rest) / y;
    }

    private static double ExpMinusSquare(double y)
    {
        if (y > 40)
        {
            return 0;
        }

        var head = Math.Truncate(y * 16) / 16;
        return Math.Exp(-head * head) * Math.Exp(-(y - head) * (y + head));
    }
}
