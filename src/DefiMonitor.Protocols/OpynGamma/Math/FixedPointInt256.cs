using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>libs/FixedPointInt256.sol and SignedConverter.sol: signed figures with 27 decimals. Products and quotients are cut toward zero, what does not fit 256 bits throws.</summary>
internal static class FixedPointInt256
{
    /// <summary>Decimals of oTokens, strikes and oracle prices.</summary>
    public const int Base = 8;

    private const int Decimals = 27;

    private static readonly BigInteger IntEnd = BigInteger.One << 255;

    private static readonly BigInteger UintEnd = BigInteger.One << 256;

    public static BigInteger One { get; } = BigInteger.Pow(10, Decimals);

    /// <exception cref="OverflowException">It does not fit.</exception>
    public static BigInteger FromScaledUint(in UInt256 value, int decimals) => decimals > Decimals
        ? Fits(BigInteger.Divide((BigInteger)value, BigInteger.Pow(10, decimals - Decimals)))
        : Fits((BigInteger)value * BigInteger.Pow(10, Decimals - decimals));

    /// <summary>Of the figure's absolute value, as the contract does it.</summary>
    /// <exception cref="OverflowException">It does not fit.</exception>
    public static UInt256 ToScaledUint(in BigInteger value, int decimals, bool roundDown)
    {
        var whole = BigInteger.Abs(value);
        if (decimals >= Decimals)
        {
            return Unsigned(whole * BigInteger.Pow(10, decimals - Decimals));
        }

        var quotient = BigInteger.DivRem(whole, BigInteger.Pow(10, Decimals - decimals), out var rest);
        return Unsigned(rest.IsZero || roundDown ? quotient : quotient + 1);
    }

    /// <exception cref="OverflowException">It does not fit.</exception>
    public static BigInteger Add(in BigInteger a, in BigInteger b) => Fits(a + b);

    /// <exception cref="OverflowException">It does not fit.</exception>
    public static BigInteger Sub(in BigInteger a, in BigInteger b) => Fits(a - b);

    /// <exception cref="OverflowException">The whole product does not fit.</exception>
    public static BigInteger Mul(in BigInteger a, in BigInteger b) => BigInteger.Divide(Fits(a * b), One);

    /// <exception cref="DivideByZeroException">b is 0.</exception>
    /// <exception cref="OverflowException">a with 27 decimals more does not fit.</exception>
    public static BigInteger Div(in BigInteger a, in BigInteger b) => BigInteger.Divide(Fits(a * One), b);

    private static BigInteger Fits(in BigInteger value) =>
        value < IntEnd && value >= -IntEnd ? value : throw new OverflowException("A figure of the vault does not fit int256.");

    private static UInt256 Unsigned(in BigInteger value) =>
        value < UintEnd ? (UInt256)value : throw new OverflowException("A figure of the vault does not fit uint256.");
}
