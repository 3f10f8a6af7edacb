using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DefiMonitor.Core.Risk.Options;

/// <summary>
/// Four lanes of exp, of ln of a ratio, and of the undiscounted out-of-the-money price by Mills ratios. The rational function is our own least-squares fit (60-digit arithmetic, 160
/// Chebyshev nodes on [0, 16]) of N(-z)/n(z)/sqrt(2 pi) with weight 1 up to z = 8 and exp(-(z - 8)^2/2) beyond, the weight a price of s at most 8 gives it;
/// the weighted error stays below 3.4e-16.
/// </summary>
internal static class MillsKernel
{
    private const double LogTwoHigh = 6.93147180369123816490e-01;
    private const double LogTwoLow = 1.90821492927058770002e-10;
    private const double InverseLogTwo = 1.44269504088896338700;

    // 1.5 * 2^52: adding it leaves the rounded integer in the low bits of the mantissa.
    private const double Magic = 6755399441055744.0;

    // The bits of 2^52: a small integer in the mantissa below them is that number beyond it.
    private const long PowerOf52 = 0x4330_0000_0000_0000;

    /// <summary>Largest vol sqrt(T) that the fit serves.</summary>
    public const double MostDeviation = 8;

    // A d beyond this weighs less than 1e-14 * 3e-16 in any price of s at most MostDeviation: its ratio is taken at the limit.
    private const double Limit = 16;

    /// <summary>
    /// exp(x) for x in [-708, 0]; below it is held at exp(-708). Range reduction by ln 2 in two parts (Cody and Waite 1980, "Software Manual for the Elementary Functions"),
    /// Taylor series of degree 12 on +-ln 2 / 2: truncation 2e-16.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Exp(Vector256<double> x)
    {
        x = Vector256.MaxNative(x, Vector256.Create(-708.0));
        var shifted = Vector256.MultiplyAddEstimate(x, Vector256.Create(InverseLogTwo), Vector256.Create(Magic));
        var n = shifted - Vector256.Create(Magic);
        var r = Vector256.MultiplyAddEstimate(n, Vector256.Create(-LogTwoHigh), x);
        r = Vector256.MultiplyAddEstimate(n, Vector256.Create(-LogTwoLow), r);
        var r2 = r * r;
        var r4 = r2 * r2;

        // Estrin's grouping: short dependency chains.
        var c01 = Vector256<double>.One + r;
        var c23 = Vector256.MultiplyAddEstimate(r, Vector256.Create(1.0 / 6), Vector256.Create(0.5));
        var c45 = Vector256.MultiplyAddEstimate(r, Vector256.Create(1.0 / 120), Vector256.Create(1.0 / 24));
        var c67 = Vector256.MultiplyAddEstimate(r, Vector256.Create(1.0 / 5040), Vector256.Create(1.0 / 720));
        var c89 = Vector256.MultiplyAddEstimate(r, Vector256.Create(1.0 / 362880), Vector256.Create(1.0 / 40320));
        var cab = Vector256.MultiplyAddEstimate(r, Vector256.Create(1.0 / 39916800), Vector256.Create(1.0 / 3628800));
        var low = Vector256.MultiplyAddEstimate(c23, r2, c01);
        var middle = Vector256.MultiplyAddEstimate(c67, r2, c45);
        var high = Vector256.MultiplyAddEstimate(cab, r2, c89);
        high = Vector256.MultiplyAddEstimate(r4, Vector256.Create(1.0 / 479001600), high);
        var sum = Vector256.MultiplyAddEstimate(Vector256.MultiplyAddEstimate(high, r4, middle), r4, low);
        var power = Vector256.ShiftLeft(shifted.AsInt64() + Vector256.Create(1023L), 52);
        return sum * power.AsDouble();
    }

    /// <summary>
    /// ln(f/k) for f and k in [1e-100, 1e100]: k is scaled by the power of two nearest to f/k (as the exponents and mantissas read as one integer tell it, so the rest lies
    /// within [2/3, 3/2]), then 2 artanh((f - k)/(f + k)) by its Taylor series of degree 21: truncation 2e-17. One division, and exact where f is near k.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> LogRatio(Vector256<double> f, Vector256<double> k)
    {
        var biased = f.AsInt64() - k.AsInt64() + Vector256.Create((2048L << 52) + (1L << 51));
        var exponent = Vector256.ShiftRightLogical(biased, 52);
        var n = (exponent | Vector256.Create(PowerOf52)).AsDouble() - Vector256.Create(4503599627370496.0 + 2048);
        var scaled = (k.AsInt64() + Vector256.ShiftLeft(exponent, 52) - Vector256.Create(2048L << 52)).AsDouble();
        var t = (f - scaled) / (f + scaled);
        var u = t * t;
        var u2 = u * u;
        var u4 = u2 * u2;
        var c01 = Fused(u, Vector256.Create(1.0 / 3), 1.0);
        var c23 = Fused(u, Vector256.Create(1.0 / 7), 1.0 / 5);
        var c45 = Fused(u, Vector256.Create(1.0 / 11), 1.0 / 9);
        var c67 = Fused(u, Vector256.Create(1.0 / 15), 1.0 / 13);
        var c89 = Fused(u, Vector256.Create(1.0 / 19), 1.0 / 17);
        var low = Vector256.MultiplyAddEstimate(c23, u2, c01);
        var middle = Vector256.MultiplyAddEstimate(c67, u2, c45);
        var high = Vector256.MultiplyAddEstimate(Vector256.Create(1.0 / 21), u2, c89);
        var series = Vector256.MultiplyAddEstimate(Vector256.MultiplyAddEstimate(high, u4, middle), u4, low);
        var rest = Vector256.MultiplyAddEstimate(n, Vector256.Create(LogTwoLow), (t + t) * series);
        return Vector256.MultiplyAddEstimate(n, Vector256.Create(LogTwoHigh), rest);
    }

    /// <summary>
    /// The out-of-the-money price in units of the side that is worth less (F for a call): h = -|ln(F/K)|/s, s = vol sqrt(T) in (0, 8].
    /// exp(-d1^2/2) (Y(d1) - Y(d2)) with Y = N/n/sqrt(2 pi), one exponential and one division for both distribution values.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Outside(Vector256<double> h, Vector256<double> s)
    {
        var half = s * Vector256.Create(0.5);
        var d1 = h + half;
        var d2 = half - h;
        var square = d1 * d1;
        var density = Exp(square * Vector256.Create(-0.5));
        var limit = Vector256.Create(Limit);
        var a = Vector256.MinNative(Vector256.Abs(d1), limit);
        var b = Vector256.MinNative(d2, limit);
        var (topA, bottomA) = Ratio(a);
        var (topB, bottomB) = Ratio(b);

        // d1 > 0: N(d1) = 1 - tail, so the first ratio changes its sign and 1 is added.
        var inside = Vector256.GreaterThan(d1, Vector256<double>.Zero);
        topA ^= inside.AsDouble() & Vector256.Create(-0.0);
        var one = inside.AsDouble() & Vector256<double>.One;
        var difference = Vector256.MultiplyAddEstimate(topA, bottomB, -(topB * bottomA)) / (bottomA * bottomB);
        return Vector256.MaxNative(Vector256.MultiplyAddEstimate(density, difference, one), Vector256<double>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<double> Top, Vector256<double> Bottom) Ratio(Vector256<double> z)
    {
        var bottom = Fused(Vector256.Create(6.120683884436391e-05), z, 0.0013240227617501428);
        bottom = Fused(bottom, z, 0.013625122589351835);
        var top = Fused(Vector256.Create(2.4417993295076046e-05), z, 0.0005282088547631712);
        bottom = Fused(bottom, z, 0.08576971079597093);
        top = Fused(top, z, 0.00541121251423221);
        bottom = Fused(bottom, z, 0.3576103207643977);
        top = Fused(top, z, 0.033689112014371636);
        bottom = Fused(bottom, z, 1.0039758689080676);
        top = Fused(top, z, 0.13730099958625863);
        bottom = Fused(bottom, z, 1.84324523385816);
        top = Fused(top, z, 0.3679258146938527);
        bottom = Fused(bottom, z, 2.0145691287083918);
        top = Fused(top, z, 0.6083422839528277);
        bottom = Fused(bottom, z, 1.0);
        top = Fused(top, z, 0.49999999999999967);
        return (top, bottom);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Fused(Vector256<double> sum, Vector256<double> z, double next) => Vector256.MultiplyAddEstimate(sum, z, Vector256.Create(next));
}
