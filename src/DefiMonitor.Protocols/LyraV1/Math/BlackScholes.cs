using System.Globalization;
using System.Numerics;
using static DefiMonitor.Protocols.LyraV1.DecimalMath;
using static DefiMonitor.Protocols.LyraV1.SolidityInts;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>
/// Call and put prices in the contract's own fixed point, to its last integer. Source: Lyra v1, libraries/BlackScholes.sol optionPrices.
/// The normal distribution is Hart's approximation (West 2005), which at the edges of its parts is not monotone in the last digits.
/// </summary>
internal static class BlackScholes
{
    private const ulong SecondsPerYear = 31_536_000;

    private static readonly BigInteger MinAnnualised = PreciseUnit / SecondsPerYear;

    private static readonly BigInteger MinVolatility = PreciseUnit / 10_000;

    private static readonly BigInteger SqrtTwoPi = Parse("2506628274631000502415765285");

    private static readonly BigInteger Split = Parse("7071067811865470000000000000");

    private static readonly BigInteger LargestZ = PreciseUnit * 37;

    // Lowest power first.
    private static readonly BigInteger[] Numerator =
    [
        Parse("220206867912376000000000000000"), Parse("221213596169931000000000000000"), Parse("112079291497871000000000000000"), Parse("33912866078383000000000000000"),
        Parse("6373962203531650000000000000"), Parse("700383064443688000000000000"), Parse("35262496599891100000000000"),
    ];

    private static readonly BigInteger[] Denominator =
    [
        Parse("440413735824752000000000000000"), Parse("793826512519948000000000000000"), Parse("637333633378831000000000000000"), Parse("296564248779674000000000000000"),
        Parse("86780732202946100000000000000"), Parse("16064177579207000000000000000"), Parse("1755667163182640000000000000"), Parse("88388347648318400000000000"),
    ];

    /// <param name="seconds">To the expiry.</param>
    /// <param name="volatility">Of a year, 18 decimals, as are the next three.</param>
    /// <param name="rate">Interest and carry of a year; may be negative.</param>
    /// <exception cref="ArithmeticException">Where the contract reverts.</exception>
    public static (BigInteger Call, BigInteger Put) OptionPrices(ulong seconds, in BigInteger volatility, in BigInteger spot, in BigInteger strike, in BigInteger rate)
    {
        var years = DivideRoundPrecise(seconds, SecondsPerYear);
        var spotPrecise = ToPrecise(spot);
        var strikePrecise = ToPrecise(strike);
        var ratePrecise = SignedToPrecise(rate);
        var (d1, d2) = D1D2(years, ToPrecise(volatility), spotPrecise, strikePrecise, ratePrecise);

        var strikePv = MultiplyRoundPrecise(strikePrecise, FixedPointMathLib.ExpPrecise(SignedMultiplyRoundPrecise(-ratePrecise, years)));
        var spotNd1 = MultiplyRoundPrecise(spotPrecise, StdNormalCdf(d1));
        var strikeNd2 = MultiplyRoundPrecise(strikePv, StdNormalCdf(d2));
        var call = strikeNd2 <= spotNd1 ? spotNd1 - strikeNd2 : BigInteger.Zero;
        var put = Uint(call + strikePv);
        put = spotPrecise <= put ? put - spotPrecise : BigInteger.Zero;
        return (ToDecimal(call), ToDecimal(put));
    }

    private static (BigInteger D1, BigInteger D2) D1D2(in BigInteger years, in BigInteger volatility, in BigInteger spot, in BigInteger strike, in BigInteger rate)
    {
        var t = BigInteger.Max(years, MinAnnualised);
        var v = BigInteger.Max(volatility, MinVolatility);
        var vtSqrt = Int(MultiplyRoundPrecise(v, SqrtPrecise(t)));
        var log = FixedPointMathLib.LnPrecise(Int(DivideRoundPrecise(spot, strike)));
        var v2t = SignedMultiplyRoundPrecise((MultiplyRoundPrecise(v, v) / 2) + rate, t);
        var d1 = SignedDivideRoundPrecise(log + v2t, vtSqrt);
        return (d1, d1 - vtSqrt);
    }

    private static BigInteger StdNormalCdf(in BigInteger x)
    {
        var z = BigInteger.Abs(x);
        var tail = BigInteger.Zero;
        if (z <= LargestZ)
        {
            var e = FixedPointMathLib.ExpPrecise(-MultiplyRoundPrecise(z, z / 2));
            tail = z < Split
                ? MultiplyRoundPrecise(DivideRoundPrecise(Polynomial(Numerator, z), Polynomial(Denominator, z)), e)
                : DivideRoundPrecise(e, MultiplyRoundPrecise(ContinuedFraction(z), SqrtTwoPi));
        }

        return x.Sign <= 0 ? tail : PreciseUnit - tail;
    }

    private static BigInteger ContinuedFraction(in BigInteger z)
    {
        var f = z + (PreciseUnit * 13 / 20);
        for (var i = 4; i >= 1; i--)
        {
            f = z + DivideRoundPrecise(PreciseUnit * i, f);
        }

        return f;
    }

    private static BigInteger Polynomial(BigInteger[] coefficients, in BigInteger z)
    {
        var sum = coefficients[^1];
        for (var i = coefficients.Length - 2; i >= 0; i--)
        {
            sum = (sum * z / PreciseUnit) + coefficients[i];
        }

        return sum;
    }

    // Seven Newton steps from a power of two, as prb-math takes them: for the sizes that occur that is the floor of the root, but what counts is that it is the contract's.
    private static BigInteger SqrtPrecise(in BigInteger value)
    {
        var x = Uint(value * PreciseUnit);
        if (x.IsZero)
        {
            return x;
        }

        var root = BigInteger.One << (int)((x.GetBitLength() - 1) / 2);
        for (var i = 0; i < 7; i++)
        {
            root = (root + (x / root)) >> 1;
        }

        return BigInteger.Min(root, x / root);
    }

    private static BigInteger Parse(string digits) => BigInteger.Parse(digits, CultureInfo.InvariantCulture);
}
