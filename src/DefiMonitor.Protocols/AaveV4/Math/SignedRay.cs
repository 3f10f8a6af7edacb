using System.Numerics;
using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>A premium offset (int200 in the contracts): asset units times ray, with a sign. Zero is never negative, so that equal values are equal bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct SignedRay
{
    private SignedRay(bool isNegative, in UInt256 magnitude)
    {
        IsNegative = isNegative && !magnitude.IsZero;
        Magnitude = magnitude;
    }

    public bool IsNegative { get; }

    public UInt256 Magnitude { get; }

    public bool IsZero => Magnitude.IsZero;

    /// <exception cref="OverflowException">Its magnitude does not fit 256 bits.</exception>
    public static SignedRay From(BigInteger value) => new(value.Sign < 0, (UInt256)BigInteger.Abs(value));

    public BigInteger ToBigInteger() => IsNegative ? -(BigInteger)Magnitude : (BigInteger)Magnitude;

    public static SignedRay operator +(in SignedRay a, in SignedRay b) =>
        a.IsNegative == b.IsNegative ? new SignedRay(a.IsNegative, a.Magnitude + b.Magnitude)
        : a.Magnitude >= b.Magnitude ? new SignedRay(a.IsNegative, a.Magnitude - b.Magnitude)
        : new SignedRay(b.IsNegative, b.Magnitude - a.Magnitude);

    /// <summary>value - offset.</summary>
    /// <exception cref="OverflowException">It would be negative, where the contract reverts.</exception>
    public static UInt256 operator -(in UInt256 value, in SignedRay offset) => offset.IsNegative ? value + offset.Magnitude : value - offset.Magnitude;
}
