using System.Numerics;

namespace DefiMonitor.Core.Primitives;

public readonly partial struct UInt256
{
    private static void Divide(in UInt256 a, in UInt256 b, out UInt256 quotient, out UInt256 remainder)
    {
        if (b.IsTwoWords)
        {
            if (b._u1 != 0)
            {
                DivideByTwoWords(a, b, out quotient, out remainder);
            }
            else if (b._u0 == 0)
            {
                throw new DivideByZeroException();
            }
            else if (a.IsOneWord)
            {
                quotient = a._u0 / b._u0;
                remainder = a._u0 % b._u0;
            }
            else
            {
                quotient = DivideByWord(a, b._u0, out var rest);
                remainder = rest;
            }
        }
        else if (a < b)
        {
            quotient = Zero;
            remainder = a;
        }
        else
        {
            Divide(Zero, a, b, out quotient, out remainder);
        }
    }

    private static UInt256 DivideByWord(in UInt256 a, ulong divisor, out ulong remainder)
    {
        var shift = BitOperations.LeadingZeroCount(divisor);
        var d = divisor << shift;
        var v = LongDivision.Reciprocal(d);
        var n = a << shift;
        var rest = shift == 0 ? 0 : a._u3 >> (64 - shift);
        var q3 = LongDivision.Divide2By1(rest, n._u3, d, v, out rest);
        var q2 = LongDivision.Divide2By1(rest, n._u2, d, v, out rest);
        var q1 = LongDivision.Divide2By1(rest, n._u1, d, v, out rest);
        var q0 = LongDivision.Divide2By1(rest, n._u0, d, v, out rest);
        remainder = rest >> shift;
        return new UInt256(q3, q2, q1, q0);
    }

    // The usual case: RAY = 10^27 has 90 bits.
    private static void DivideByTwoWords(in UInt256 a, in UInt256 b, out UInt256 quotient, out UInt256 remainder)
    {
        var shift = BitOperations.LeadingZeroCount(b._u1);
        var d = b << shift;
        var v = LongDivision.Reciprocal(d._u1, d._u0);
        var n = a << shift;
        var r1 = shift == 0 ? 0 : a._u3 >> (64 - shift);
        var r0 = n._u3;
        var q2 = LongDivision.Divide3By2(r1, r0, n._u2, d._u1, d._u0, v, out r1, out r0);
        var q1 = LongDivision.Divide3By2(r1, r0, n._u1, d._u1, d._u0, v, out r1, out r0);
        var q0 = LongDivision.Divide3By2(r1, r0, n._u0, d._u1, d._u0, v, out r1, out r0);
        quotient = new UInt256(0, q2, q1, q0);
        remainder = new UInt256(0, 0, r1, r0) >> shift;
    }

    /// <summary>(high * 2^256 + low) / divisor; the caller has made sure that high is below the divisor, so the quotient fits.</summary>
    private static void Divide(in UInt256 high, in UInt256 low, in UInt256 divisor, out UInt256 quotient, out UInt256 remainder)
    {
        Span<ulong> n = [low._u0, low._u1, low._u2, low._u3, high._u0, high._u1, high._u2, high._u3];
        Span<ulong> d = [divisor._u0, divisor._u1, divisor._u2, divisor._u3];
        Span<ulong> q = stackalloc ulong[8];
        Span<ulong> r = stackalloc ulong[4];
        q.Clear();
        r.Clear();
        LongDivision.DivRem(LongDivision.Significant(n), LongDivision.Significant(d), q, r);
        quotient = new UInt256(q[3], q[2], q[1], q[0]);
        remainder = new UInt256(r[3], r[2], r[1], r[0]);
    }
}
