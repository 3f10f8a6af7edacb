using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DefiMonitor.Core.Primitives;

/// <summary>
/// Division of 64-bit limbs (little endian) without hardware 128-bit division: the reciprocals of Möller and Granlund,
/// "Improved division by invariant integers" (IEEE Trans. Computers 60, 2011), and Knuth's algorithm D (TAOCP 2, 4.3.1).
/// A divisor is "normalised" when the top bit of its top limb is set.
/// </summary>
internal static class LongDivision
{
    private const int MaxLimbs = 8;

    public static Span<ulong> Significant(Span<ulong> limbs)
    {
        var length = limbs.Length;
        while (length > 0 && limbs[length - 1] == 0)
        {
            length--;
        }

        return limbs[..length];
    }

    /// <summary>floor(a * b / 2^64). Who needs a * b modulo 2^64 too multiplies twice: asking for both at once goes over memory, which takes longer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong High(ulong a, ulong b) => Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(a, b) : Math.BigMul(a, b, out _);

    /// <summary>floor((2^128 - 1) / d) - 2^64 for a normalised d.</summary>
    public static ulong Reciprocal(ulong d)
    {
        // Newton steps from an 11-bit first guess; the names are the paper's (algorithm 2).
        var v0 = (uint)(((1 << 19) - (3 << 8)) / (int)(d >> 55));
        var d40 = (d >> 24) + 1;
        var v1 = ((ulong)v0 << 11) - ((ulong)(v0 * v0) * d40 >> 40) - 1;
        var v2 = (v1 << 13) + (v1 * ((1UL << 60) - (v1 * d40)) >> 47);
        var odd = d & 1;
        var d63 = (d >> 1) + odd;
        var e = ((v2 >> 1) & (0 - odd)) - (v2 * d63);
        var v3 = (High(v2, e) >> 1) + (v2 << 31);
        var high = High(v3, d);
        var low = v3 * d;
        return v3 - (high + (low + d < d ? 1UL : 0UL)) - d;
    }

    /// <summary>floor((2^192 - 1) / (d1 * 2^64 + d0)) - 2^64 for a normalised divisor (algorithm 6).</summary>
    public static ulong Reciprocal(ulong d1, ulong d0)
    {
        var v = Reciprocal(d1);
        var p = (d1 * v) + d0;
        if (p < d0)
        {
            v--;
            if (p >= d1)
            {
                v--;
                p -= d1;
            }

            p -= d1;
        }

        var high = High(v, d0);
        var low = v * d0;
        p += high;
        if (p < high)
        {
            v--;
            if (p > d1 || (p == d1 && low >= d0))
            {
                v--;
            }
        }

        return v;
    }

    /// <summary>(u1:u0) / d with u1 below the normalised d and v its reciprocal (algorithm 4).</summary>
    public static ulong Divide2By1(ulong u1, ulong u0, ulong d, ulong v, out ulong remainder)
    {
        var q1 = Math.BigMul(v, u1, out var q0);
        q0 += u0;
        q1 += u1 + (q0 < u0 ? 1UL : 0UL) + 1;
        var r = u0 - (q1 * d);
        if (r > q0)
        {
            q1--;
            r += d;
        }

        if (r >= d)
        {
            q1++;
            r -= d;
        }

        remainder = r;
        return q1;
    }

    /// <summary>(u2:u1:u0) / (d1:d0) with (u2:u1) below the normalised divisor and v its reciprocal (algorithm 5).</summary>
    public static ulong Divide3By2(ulong u2, ulong u1, ulong u0, ulong d1, ulong d0, ulong v, out ulong r1, out ulong r0)
    {
        var q1 = Math.BigMul(v, u2, out var q0);
        q0 += u1;
        q1 += u2 + (q0 < u1 ? 1UL : 0UL);
        var divisor = new UInt128(d1, d0);
        var t1 = Math.BigMul(d0, q1, out var t0);
        var r = unchecked(new UInt128(u1 - (q1 * d1), u0) - new UInt128(t1, t0) - divisor);
        q1++;
        if ((ulong)(r >> 64) >= q0)
        {
            q1--;
            r = unchecked(r + divisor);
        }

        if (r >= divisor)
        {
            q1++;
            r -= divisor;
        }

        r1 = (ulong)(r >> 64);
        r0 = (ulong)r;
        return q1;
    }

    /// <summary>
    /// n / d without leading zero limbs in either, d not empty. The quotient (room for n.Length limbs) and the remainder (room for d.Length) come zeroed.
    /// </summary>
    public static void DivRem(ReadOnlySpan<ulong> n, ReadOnlySpan<ulong> d, Span<ulong> quotient, Span<ulong> remainder)
    {
        if (n.Length < d.Length)
        {
            n.CopyTo(remainder);
            return;
        }

        Span<ulong> u = stackalloc ulong[MaxLimbs + 1];
        Span<ulong> w = stackalloc ulong[MaxLimbs];
        u = u[..(n.Length + 1)];
        w = w[..d.Length];
        var shift = BitOperations.LeadingZeroCount(d[^1]);
        u[^1] = ShiftLeft(n, shift, u);
        ShiftLeft(d, shift, w);
        switch (d.Length)
        {
            case 1:
                ByOneLimb(u, w[0], quotient);
                break;
            case 2:
                ByTwoLimbs(u, w[1], w[0], quotient);
                break;
            default:
                ByManyLimbs(u, w, quotient);
                break;
        }

        for (var i = 0; i < d.Length; i++)
        {
            remainder[i] = shift == 0 ? u[i] : (u[i] >> shift) | (i + 1 < d.Length ? u[i + 1] << (64 - shift) : 0);
        }
    }

    private static ulong ShiftLeft(ReadOnlySpan<ulong> limbs, int shift, Span<ulong> destination)
    {
        if (shift == 0)
        {
            limbs.CopyTo(destination);
            return 0;
        }

        ulong carry = 0;
        for (var i = 0; i < limbs.Length; i++)
        {
            destination[i] = (limbs[i] << shift) | carry;
            carry = limbs[i] >> (64 - shift);
        }

        return carry;
    }

    private static void ByOneLimb(Span<ulong> u, ulong d, Span<ulong> quotient)
    {
        var v = Reciprocal(d);
        var rest = u[^1];
        for (var i = u.Length - 2; i >= 0; i--)
        {
            quotient[i] = Divide2By1(rest, u[i], d, v, out rest);
        }

        u[0] = rest;
    }

    private static void ByTwoLimbs(Span<ulong> u, ulong d1, ulong d0, Span<ulong> quotient)
    {
        var v = Reciprocal(d1, d0);
        var r1 = u[^1];
        var r0 = u[^2];
        for (var i = u.Length - 3; i >= 0; i--)
        {
            quotient[i] = Divide3By2(r1, r0, u[i], d1, d0, v, out r1, out r0);
        }

        u[1] = r1;
        u[0] = r0;
    }

    private static void ByManyLimbs(Span<ulong> u, ReadOnlySpan<ulong> d, Span<ulong> quotient)
    {
        var n = d.Length;
        var v = Reciprocal(d[n - 1], d[n - 2]);
        for (var j = u.Length - 1 - n; j >= 0; j--)
        {
            var top = u[j + n];
            // The guess from three limbs is right or one too large.
            var guess = top == d[n - 1] && u[j + n - 1] == d[n - 2]
                ? ulong.MaxValue
                : Divide3By2(top, u[j + n - 1], u[j + n - 2], d[n - 1], d[n - 2], v, out _, out _);
            var borrow = SubtractProduct(u.Slice(j, n), d, guess);
            // What is left is below d, so the limb above it is 0 and never read again.
            if (top < borrow)
            {
                guess--;
                AddBack(u.Slice(j, n), d);
            }

            quotient[j] = guess;
        }
    }

    private static ulong SubtractProduct(Span<ulong> u, ReadOnlySpan<ulong> d, ulong factor)
    {
        ulong borrow = 0;
        for (var i = 0; i < d.Length; i++)
        {
            var high = Math.BigMul(d[i], factor, out var low);
            low += borrow;
            high += low < borrow ? 1UL : 0UL;
            borrow = high + (u[i] < low ? 1UL : 0UL);
            u[i] -= low;
        }

        return borrow;
    }

    private static void AddBack(Span<ulong> u, ReadOnlySpan<ulong> d)
    {
        ulong carry = 0;
        for (var i = 0; i < d.Length; i++)
        {
            var sum = u[i] + carry;
            carry = sum < carry ? 1UL : 0UL;
            u[i] = sum + d[i];
            carry += u[i] < sum ? 1UL : 0UL;
        }
    }
}
