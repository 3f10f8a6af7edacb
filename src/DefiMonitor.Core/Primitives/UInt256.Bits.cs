using System.Numerics;

namespace DefiMonitor.Core.Primitives;

public readonly partial struct UInt256
{
    /// <summary>How many bits the value needs: 0 for 0, 256 for <see cref="MaxValue"/>.</summary>
    public int BitLength =>
        _u3 != 0 ? 256 - BitOperations.LeadingZeroCount(_u3)
        : _u2 != 0 ? 192 - BitOperations.LeadingZeroCount(_u2)
        : _u1 != 0 ? 128 - BitOperations.LeadingZeroCount(_u1)
        : 64 - BitOperations.LeadingZeroCount(_u0);

    public static UInt256 operator &(in UInt256 a, in UInt256 b) => new(a._u3 & b._u3, a._u2 & b._u2, a._u1 & b._u1, a._u0 & b._u0);

    public static UInt256 operator |(in UInt256 a, in UInt256 b) => new(a._u3 | b._u3, a._u2 | b._u2, a._u1 | b._u1, a._u0 | b._u0);

    public static UInt256 operator ^(in UInt256 a, in UInt256 b) => new(a._u3 ^ b._u3, a._u2 ^ b._u2, a._u1 ^ b._u1, a._u0 ^ b._u0);

    public static UInt256 operator ~(in UInt256 a) => new(~a._u3, ~a._u2, ~a._u1, ~a._u0);

    /// <summary>As in the EVM: bits pushed out are lost without an error, and a shift of 256 or more gives 0.</summary>
    public static UInt256 operator <<(in UInt256 a, int shift)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shift);
        if (shift >= 256)
        {
            return Zero;
        }

        var moved = (shift >> 6) switch
        {
            0 => a,
            1 => new UInt256(a._u2, a._u1, a._u0, 0),
            2 => new UInt256(a._u1, a._u0, 0, 0),
            _ => new UInt256(a._u0, 0, 0, 0),
        };
        var bits = shift & 63;
        if (bits == 0)
        {
            return moved;
        }

        var back = 64 - bits;
        return new UInt256(
            (moved._u3 << bits) | (moved._u2 >> back),
            (moved._u2 << bits) | (moved._u1 >> back),
            (moved._u1 << bits) | (moved._u0 >> back),
            moved._u0 << bits);
    }

    /// <summary>Logical shift; 256 or more gives 0, as in the EVM.</summary>
    public static UInt256 operator >>(in UInt256 a, int shift)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shift);
        if (shift >= 256)
        {
            return Zero;
        }

        var moved = (shift >> 6) switch
        {
            0 => a,
            1 => new UInt256(0, a._u3, a._u2, a._u1),
            2 => new UInt256(0, 0, a._u3, a._u2),
            _ => new UInt256(0, 0, 0, a._u3),
        };
        var bits = shift & 63;
        if (bits == 0)
        {
            return moved;
        }

        var back = 64 - bits;
        return new UInt256(
            moved._u3 >> bits,
            (moved._u2 >> bits) | (moved._u3 << back),
            (moved._u1 >> bits) | (moved._u2 << back),
            (moved._u0 >> bits) | (moved._u1 << back));
    }

    /// <summary>The lowest <paramref name="length"/> bits set (0 to 256).</summary>
    public static UInt256 Mask(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 256);
        return MaxValue >> (256 - length);
    }

    /// <summary>Bit <paramref name="index"/>, 0 being the least significant.</summary>
    public bool Bit(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, 255);
        var limb = (index >> 6) switch { 0 => _u0, 1 => _u1, 2 => _u2, _ => _u3 };
        return ((limb >> (index & 63)) & 1) != 0;
    }

    /// <summary>The field of <paramref name="length"/> bits that starts at bit <paramref name="offset"/>, moved down to bit 0.</summary>
    public UInt256 ExtractBits(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 256 - offset);
        return (this >> offset) & Mask(length);
    }
}
