using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DefiMonitor.Core.Primitives;

/// <summary>
/// Exact division by one number over and over: its odd part must fit 64 bits, and its reciprocal is worked out once (Möller and Granlund, "Improved division by
/// invariant integers", IEEE Trans. Computers 60, 2011, algorithm 4). 10^27 = 2^27 * 5^27 is such a number: 5^27 has 63 bits. A quotient of two words costs four
/// multiplications and no branch that depends on the data.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct WordDivisor
{
    /// <summary>The largest power of ten whose odd part fits.</summary>
    public const int MaxPowerOfTen = 27;

    private readonly ulong divisor;
    private readonly ulong reciprocal;

    // How far the numerator goes to the left, so that the divisor's top bit is set; below 0 to the right, where powers of two were taken out of the divisor.
    private readonly int left;

    /// <exception cref="DivideByZeroException">The divisor is 0.</exception>
    public WordDivisor(ulong value)
        : this(value, 0)
    {
    }

    private WordDivisor(ulong odd, int twos)
    {
        if (odd == 0)
        {
            throw new DivideByZeroException();
        }

        var shift = BitOperations.LeadingZeroCount(odd);
        divisor = odd << shift;
        reciprocal = LongDivision.Reciprocal(divisor);
        left = shift - twos;
    }

    /// <summary>Divides by 10^<paramref name="exponent"/>, 0 to 27.</summary>
    public static WordDivisor OfPowerOfTen(int exponent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exponent, MaxPowerOfTen);
        var five = 1UL;
        for (var i = 0; i < exponent; i++)
        {
            five *= 5;
        }

        return new WordDivisor(five, exponent);
    }

    /// <summary>
    /// floor((n2 * 2^128 + n1 * 2^64 + n0) / divisor) = q1 * 2^64 + q0. Not 0 when the quotient needs more than two words: q1 and q0 then mean nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Divide(ulong n2, ulong n1, ulong n0, out ulong q1, out ulong q0)
    {
        ulong lost = 0;
        if (left >= 0)
        {
            // Two steps, because a shift by 64 is none.
            var back = 63 - left;
            lost = n2 >> 1 >> back;
            n2 = (n2 << left) | (n1 >> 1 >> back);
            n1 = (n1 << left) | (n0 >> 1 >> back);
            n0 <<= left;
        }
        else
        {
            var right = -left;
            n0 = (n0 >> right) | (n1 << (64 - right));
            n1 = (n1 >> right) | (n2 << (64 - right));
            n2 >>= right;
        }

        lost |= n2 >= divisor ? 1UL : 0UL;
        q1 = Step(n2, n1, divisor, reciprocal, out var rest);
        q0 = Step(rest, n0, divisor, reciprocal, out _);
        return lost;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Step(ulong u1, ulong u0, ulong d, ulong v, out ulong remainder)
    {
        var q1 = Math.BigMul(v, u1, out var q0);
        q0 += u0;
        q1 += u1 + (q0 < u0 ? 1UL : 0UL) + 1;
        var r = u0 - (q1 * d);

        // Taken every other time, so it must not be a branch.
        var over = 0UL - (r > q0 ? 1UL : 0UL);
        q1 += over;
        r += d & over;
        if (r >= d)
        {
            q1++;
            r -= d;
        }

        remainder = r;
        return q1;
    }
}
