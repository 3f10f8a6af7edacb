using System.Numerics;
using System.Runtime.CompilerServices;

namespace DefiMonitor.Core.Primitives;

/// <summary>
/// One exact division of three words by two, without a branch that depends on their lengths: the reciprocal and the steps of Möller and Granlund, "Improved division by
/// invariant integers" (IEEE Trans. Computers 60, 2011), algorithms 6 and 5.
/// </summary>
public static class WordQuotient
{
    /// <summary>
    /// floor((n2 * 2^128 + n1 * 2^64 + n0) / (d1 * 2^64 + d0)) = q1 * 2^64 + q0. Not 0 where the quotient needs more than two words: q1 and q0 then mean nothing.
    /// The divisor is not 0.
    /// </summary>
    public static ulong Divide(ulong n2, ulong n1, ulong n0, ulong d1, ulong d0, out ulong q1, out ulong q0)
    {
        // Both to the left until the divisor's top bit is set: first by a word, then by bits.
        var word = 0UL - (d1 == 0 ? 1UL : 0UL);
        var n3 = n2 & word;
        n2 = (n1 & word) | (n2 & ~word);
        n1 = (n0 & word) | (n1 & ~word);
        n0 &= ~word;
        d1 |= d0 & word;
        d0 &= ~word;
        var left = BitOperations.LeadingZeroCount(d1);
        var back = 63 - left;
        var lost = n3 >> 1 >> back;
        n3 = (n3 << left) | (n2 >> 1 >> back);
        n2 = (n2 << left) | (n1 >> 1 >> back);
        n1 = (n1 << left) | (n0 >> 1 >> back);
        n0 <<= left;
        d1 = (d1 << left) | (d0 >> 1 >> back);
        d0 <<= left;

        lost |= n3 > d1 || (n3 == d1 && n2 >= d0) ? 1UL : 0UL;
        var v = LongDivision.Reciprocal(d1, d0);
        if (n3 == 0 && (n2 < d1 || (n2 == d1 && n1 < d0)))
        {
            q1 = 0;
        }
        else
        {
            q1 = Step(n3, n2, n1, d1, d0, v, out n2, out n1);
        }

        q0 = Step(n2, n1, n0, d1, d0, v, out _, out _);
        return lost;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Step(ulong u2, ulong u1, ulong u0, ulong d1, ulong d0, ulong v, out ulong r1, out ulong r0)
    {
        var q0 = (v * u2) + u1;
        var q1 = LongDivision.High(v, u2) + u2 + (q0 < u1 ? 1UL : 0UL);
        var t0 = d0 * q1;
        var t1 = LongDivision.High(d0, q1);
        r1 = u1 - (q1 * d1) - d1 - t1 - (u0 < d0 ? 1UL : 0UL);
        r0 = u0 - d0;
        r1 -= r0 < t0 ? 1UL : 0UL;
        r0 -= t0;
        q1++;

        // Taken every other time, so it must not be a branch.
        var over = 0UL - (r1 >= q0 ? 1UL : 0UL);
        q1 += over;
        r0 += d0 & over;
        r1 += (d1 & over) + (r0 < (d0 & over) ? 1UL : 0UL);
        if (r1 > d1 || (r1 == d1 && r0 >= d0))
        {
            q1++;
            r1 -= d1 + (r0 < d0 ? 1UL : 0UL);
            r0 -= d0;
        }

        return q1;
    }
}
