using System.Numerics;
using static DefiMonitor.Protocols.LyraV1.SolidityInts;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>Products and quotients of fixed points that round half away from zero in tenths. Source: Lyra v1, synthetix/DecimalMath.sol and SignedDecimalMath.sol.</summary>
internal static class DecimalMath
{
    /// <summary>1 with 27 decimals.</summary>
    public static BigInteger PreciseUnit { get; } = BigInteger.Pow(10, 27);

    private static readonly BigInteger PrecisePerDecimal = BigInteger.Pow(10, 9);

    public static BigInteger MultiplyRoundPrecise(in BigInteger x, in BigInteger y)
    {
        var timesTen = Uint(x * y) / (PreciseUnit / 10);
        return (timesTen % 10 >= 5 ? timesTen + 10 : timesTen) / 10;
    }

    public static BigInteger DivideRoundPrecise(in BigInteger x, in BigInteger y)
    {
        var timesTen = Uint(x * PreciseUnit * 10) / y;
        return (timesTen % 10 >= 5 ? timesTen + 10 : timesTen) / 10;
    }

    public static BigInteger ToPrecise(in BigInteger x) => Uint(x * PrecisePerDecimal);

    public static BigInteger ToDecimal(in BigInteger x)
    {
        var timesTen = x / (PrecisePerDecimal / 10);
        return (timesTen % 10 >= 5 ? timesTen + 10 : timesTen) / 10;
    }

    public static BigInteger SignedMultiplyRoundPrecise(in BigInteger x, in BigInteger y) => RoundDividingByTen(Int(x * y) / (PreciseUnit / 10));

    public static BigInteger SignedDivideRoundPrecise(in BigInteger x, in BigInteger y) => RoundDividingByTen(Int(x * PreciseUnit * 10) / y);

    public static BigInteger SignedToPrecise(in BigInteger x) => Int(x * PrecisePerDecimal);

    private static BigInteger RoundDividingByTen(in BigInteger timesTen)
    {
        var digit = timesTen % 10;
        return (digit >= 5 ? timesTen + 10 : digit <= -5 ? timesTen - 10 : timesTen) / 10;
    }
}
