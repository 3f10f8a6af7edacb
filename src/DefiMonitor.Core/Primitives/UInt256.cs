using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace DefiMonitor.Core.Primitives;

/// <summary>
/// An unsigned 256-bit integer with the semantics of Solidity 0.8: + - * throw <see cref="OverflowException"/> where the contract would revert,
/// / and % throw <see cref="DivideByZeroException"/>. Exactly 32 bytes, no padding, so that it can stand in a state row.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly partial struct UInt256 : IEquatable<UInt256>, IComparable<UInt256>, IComparable, ISpanFormattable, ISpanParsable<UInt256>
{
    // Little-endian limbs: value = _u0 + _u1 * 2^64 + _u2 * 2^128 + _u3 * 2^192.
    private readonly ulong _u0;
    private readonly ulong _u1;
    private readonly ulong _u2;
    private readonly ulong _u3;

    public UInt256(ulong value)
    {
        _u0 = value;
        _u1 = _u2 = _u3 = 0;
    }

    /// <summary>Most significant limb first, as the number is written.</summary>
    public UInt256(ulong u3, ulong u2, ulong u1, ulong u0)
    {
        _u0 = u0;
        _u1 = u1;
        _u2 = u2;
        _u3 = u3;
    }

    public static UInt256 Zero => default;

    public static UInt256 One => new(1);

    /// <summary>2^256 - 1; in Aave also the health factor of an account without debt.</summary>
    public static UInt256 MaxValue => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    public bool IsZero => (_u0 | _u1 | _u2 | _u3) == 0;

    private bool IsOneWord => (_u1 | _u2 | _u3) == 0;

    private bool IsTwoWords => (_u2 | _u3) == 0;

    public static implicit operator UInt256(ulong value) => new(value);

    public static implicit operator UInt256(uint value) => new(value);

    public static implicit operator UInt256(UInt128 value) => new(0, 0, (ulong)(value >> 64), (ulong)value);

    /// <exception cref="OverflowException">The value is negative.</exception>
    public static explicit operator UInt256(long value) =>
        value >= 0 ? new((ulong)value) : throw new OverflowException($"{value} is negative and cannot be a UInt256.");

    /// <exception cref="OverflowException">The value is negative or needs more than 256 bits.</exception>
    public static explicit operator UInt256(BigInteger value)
    {
        Span<byte> bytes = stackalloc byte[32];
        return value.Sign >= 0 && value.TryWriteBytes(bytes, out var written, isUnsigned: true, isBigEndian: true)
            ? FromBigEndian(bytes[..written])
            : throw new OverflowException($"{value} does not fit a UInt256: it must lie between 0 and 2^256 - 1.");
    }

    /// <exception cref="OverflowException">The value needs more than 64 bits.</exception>
    public static explicit operator ulong(UInt256 value) => value.IsOneWord ? value._u0 : throw DoesNotFit(value, "ulong");

    // The narrower ones exist because C# would otherwise go through ulong and cut bits off in silence.
    public static explicit operator long(UInt256 value) =>
        value.IsOneWord && value._u0 <= long.MaxValue ? (long)value._u0 : throw DoesNotFit(value, "long");

    public static explicit operator uint(UInt256 value) =>
        value.IsOneWord && value._u0 <= uint.MaxValue ? (uint)value._u0 : throw DoesNotFit(value, "uint");

    public static explicit operator int(UInt256 value) =>
        value.IsOneWord && value._u0 <= int.MaxValue ? (int)value._u0 : throw DoesNotFit(value, "int");

    public static explicit operator UInt128(UInt256 value) =>
        value.IsTwoWords ? new UInt128(value._u1, value._u0) : throw DoesNotFit(value, "UInt128");

    public static explicit operator BigInteger(UInt256 value)
    {
        Span<byte> bytes = stackalloc byte[32];
        value.WriteBigEndian(bytes);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }

    public static bool operator ==(in UInt256 a, in UInt256 b) => ((a._u0 ^ b._u0) | (a._u1 ^ b._u1) | (a._u2 ^ b._u2) | (a._u3 ^ b._u3)) == 0;

    public static bool operator !=(in UInt256 a, in UInt256 b) => !(a == b);

    public static bool operator <(in UInt256 a, in UInt256 b) =>
        a._u3 != b._u3 ? a._u3 < b._u3 : a._u2 != b._u2 ? a._u2 < b._u2 : a._u1 != b._u1 ? a._u1 < b._u1 : a._u0 < b._u0;

    public static bool operator >(in UInt256 a, in UInt256 b) => b < a;

    public static bool operator <=(in UInt256 a, in UInt256 b) => !(b < a);

    public static bool operator >=(in UInt256 a, in UInt256 b) => !(a < b);

    public static UInt256 Min(in UInt256 a, in UInt256 b) => b < a ? b : a;

    public static UInt256 Max(in UInt256 a, in UInt256 b) => a < b ? b : a;

    /// <summary>Reads at most 32 bytes, most significant first, as an ABI word is written. An empty span is 0.</summary>
    public static UInt256 FromBigEndian(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 32)
        {
            throw new ArgumentException($"A UInt256 has at most 32 bytes, not {bytes.Length}.", nameof(bytes));
        }

        if (bytes.Length < 32)
        {
            Span<byte> padded = stackalloc byte[32];
            padded.Clear();
            bytes.CopyTo(padded[(32 - bytes.Length)..]);
            return FromBigEndian(padded);
        }

        return new UInt256(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));
    }

    /// <summary>Writes the 32 bytes of the ABI word, most significant first, to the start of <paramref name="destination"/>.</summary>
    public void WriteBigEndian(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _u0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _u1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _u2);
        BinaryPrimitives.WriteUInt64BigEndian(destination, _u3);
    }

    /// <summary>The nearest double, ties to even. For risk figures and pictures only: a double never flows back into a verdict.</summary>
    public double ToDouble()
    {
        var excess = BitLength - 64;
        if (excess <= 0)
        {
            return _u0;
        }

        // Keep the top 64 bits; whatever is cut off becomes a sticky last bit, so the one rounding that follows is the right one.
        var top = this >> excess;
        var sticky = top << excess != this ? 1UL : 0UL;
        return Math.ScaleB((double)(top._u0 | sticky), excess);
    }

    public bool Equals(UInt256 other) => this == other;

    public override bool Equals(object? obj) => obj is UInt256 other && this == other;

    public override int GetHashCode() => HashCode.Combine(_u0, _u1, _u2, _u3);

    public int CompareTo(UInt256 other) => this < other ? -1 : other < this ? 1 : 0;

    public int CompareTo(object? obj) => obj switch
    {
        null => 1,
        UInt256 other => CompareTo(other),
        _ => throw new ArgumentException($"A UInt256 cannot be compared with a {obj.GetType().Name}.", nameof(obj)),
    };

    private static OverflowException DoesNotFit(UInt256 value, string type) => new($"{value} does not fit a {type}.");
}
