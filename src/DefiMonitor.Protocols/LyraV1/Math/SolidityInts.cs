using System.Numerics;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>The ranges of Solidity's 256-bit integers, held where the contract's checked arithmetic would revert.</summary>
internal static class SolidityInts
{
    private static readonly BigInteger UintEnd = BigInteger.One << 256;

    private static readonly BigInteger IntEnd = BigInteger.One << 255;

    /// <exception cref="OverflowException">It does not fit uint256.</exception>
    public static BigInteger Uint(in BigInteger value) =>
        value.Sign >= 0 && value < UintEnd ? value : throw new OverflowException("A figure of the option's price does not fit uint256.");

    /// <exception cref="OverflowException">It does not fit int256.</exception>
    public static BigInteger Int(in BigInteger value) =>
        value < IntEnd && value >= -IntEnd ? value : throw new OverflowException("A figure of the option's price does not fit int256.");
}
