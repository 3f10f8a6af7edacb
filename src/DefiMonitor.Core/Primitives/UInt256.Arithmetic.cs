using System.Runtime.CompilerServices;

namespace DefiMonitor.Core.Primitives;

public readonly partial struct UInt256
{
    private static readonly UInt256[] PowersOfTen = ListPowersOfTen();

    public static UInt256 operator +(in UInt256 a, in UInt256 b) => TryAdd(a, b, out var sum) ? sum : throw Overflow(a, "+", b);

    public static UInt256 operator -(in UInt256 a, in UInt256 b) => TrySubtract(a, b, out var difference) ? difference : throw Overflow(a, "-", b);

    public static UInt256 operator *(in UInt256 a, in UInt256 b) => TryMultiply(a, b, out var product) ? product : throw Overflow(a, "*", b);

    public static UInt256 operator /(in UInt256 a, in UInt256 b)
    {
        if (a.IsOneWord && b.IsOneWord)
        {
            return a._u0 / b._u0;
        }

        Divide(a, b, out var quotient, out _);
        return quotient;
    }

    public static UInt256 operator %(in UInt256 a, in UInt256 b)
    {
        Divide(a, b, out _, out var remainder);
        return remainder;
    }

    /// <summary>False on overflow; <paramref name="sum"/> is then the sum modulo 2^256, what Solidity's unchecked gives.</summary>
    public static bool TryAdd(in UInt256 a, in UInt256 b, out UInt256 sum)
    {
        var s0 = AddCarry(a._u0, b._u0, 0, out var carry);
        var s1 = AddCarry(a._u1, b._u1, carry, out carry);
        var s2 = AddCarry(a._u2, b._u2, carry, out carry);
        var s3 = AddCarry(a._u3, b._u3, carry, out carry);
        sum = new UInt256(s3, s2, s1, s0);
        return carry == 0;
    }

    /// <summary>False when b is greater than a; <paramref name="difference"/> is then a - b modulo 2^256.</summary>
    public static bool TrySubtract(in UInt256 a, in UInt256 b, out UInt256 difference)
    {
        var d0 = SubtractBorrow(a._u0, b._u0, 0, out var borrow);
        var d1 = SubtractBorrow(a._u1, b._u1, borrow, out borrow);
        var d2 = SubtractBorrow(a._u2, b._u2, borrow, out borrow);
        var d3 = SubtractBorrow(a._u3, b._u3, borrow, out borrow);
        difference = new UInt256(d3, d2, d1, d0);
        return borrow == 0;
    }

    /// <summary>False on overflow; <paramref name="product"/> is then the product modulo 2^256.</summary>
    public static bool TryMultiply(in UInt256 a, in UInt256 b, out UInt256 product)
    {
        if (a.IsTwoWords && b.IsTwoWords)
        {
            if ((a._u1 | b._u1) == 0)
            {
                var high = Math.BigMul(a._u0, b._u0, out var low);
                product = new UInt256(0, 0, high, low);
                return true;
            }

            var r0 = MultiplyAdd(a._u0, b._u0, 0, 0, out var c);
            var r1 = MultiplyAdd(a._u0, b._u1, c, 0, out var r2);
            r1 = MultiplyAdd(a._u1, b._u0, r1, 0, out c);
            r2 = MultiplyAdd(a._u1, b._u1, r2, c, out var r3);
            product = new UInt256(r3, r2, r1, r0);
            return true;
        }

        MultiplyFull(a, b, out product, out var overflow);
        return overflow.IsZero;
    }

    /// <summary>The whole 512-bit product: a * b = high * 2^256 + low.</summary>
    public static void MultiplyFull(in UInt256 a, in UInt256 b, out UInt256 low, out UInt256 high)
    {
        var r0 = MultiplyAdd(a._u0, b._u0, 0, 0, out var c);
        var r1 = MultiplyAdd(a._u0, b._u1, c, 0, out c);
        var r2 = MultiplyAdd(a._u0, b._u2, c, 0, out c);
        var r3 = MultiplyAdd(a._u0, b._u3, c, 0, out var r4);

        r1 = MultiplyAdd(a._u1, b._u0, r1, 0, out c);
        r2 = MultiplyAdd(a._u1, b._u1, r2, c, out c);
        r3 = MultiplyAdd(a._u1, b._u2, r3, c, out c);
        r4 = MultiplyAdd(a._u1, b._u3, r4, c, out var r5);

        r2 = MultiplyAdd(a._u2, b._u0, r2, 0, out c);
        r3 = MultiplyAdd(a._u2, b._u1, r3, c, out c);
        r4 = MultiplyAdd(a._u2, b._u2, r4, c, out c);
        r5 = MultiplyAdd(a._u2, b._u3, r5, c, out var r6);

        r3 = MultiplyAdd(a._u3, b._u0, r3, 0, out c);
        r4 = MultiplyAdd(a._u3, b._u1, r4, c, out c);
        r5 = MultiplyAdd(a._u3, b._u2, r5, c, out c);
        r6 = MultiplyAdd(a._u3, b._u3, r6, c, out var r7);

        low = new UInt256(r3, r2, r1, r0);
        high = new UInt256(r7, r6, r5, r4);
    }

    /// <exception cref="DivideByZeroException">The divisor is 0.</exception>
    public static (UInt256 Quotient, UInt256 Remainder) DivRem(in UInt256 a, in UInt256 b)
    {
        Divide(a, b, out var quotient, out var remainder);
        return (quotient, remainder);
    }

    /// <summary>
    /// a * b / c with the full 512-bit product in between, so only a quotient above 2^256 - 1 overflows. Half-up adds floor(c / 2) first.
    /// Contracts whose product must fit 256 bits revert earlier: for those use <see cref="FixedPoint"/>.
    /// </summary>
    /// <exception cref="OverflowException">The quotient does not fit 256 bits.</exception>
    /// <exception cref="DivideByZeroException">c is 0.</exception>
    public static UInt256 MulDiv(in UInt256 a, in UInt256 b, in UInt256 c, Rounding rounding)
    {
        UInt256 quotient, remainder;
        if (TryMultiply(a, b, out var product))
        {
            Divide(product, c, out quotient, out remainder);
        }
        else
        {
            MultiplyFull(a, b, out var low, out var high);
            if (c.IsZero)
            {
                throw new DivideByZeroException();
            }

            if (high >= c)
            {
                throw new OverflowException($"{a} * {b} / {c} does not fit 256 bits.");
            }

            Divide(high, low, c, out quotient, out remainder);
        }

        return Round(quotient, remainder, c, rounding);
    }

    /// <summary>10^<paramref name="exponent"/>, 0 to 77.</summary>
    public static UInt256 Pow10(int exponent) =>
        (uint)exponent < (uint)PowersOfTen.Length
            ? PowersOfTen[exponent]
            : throw new ArgumentOutOfRangeException(nameof(exponent), exponent, "A UInt256 holds the powers of ten from 0 to 77.");

    /// <summary>One more than the floor where the rounding says so.</summary>
    internal static UInt256 Round(in UInt256 quotient, in UInt256 remainder, in UInt256 divisor, Rounding rounding)
    {
        var up = rounding switch
        {
            Rounding.Down => false,
            Rounding.Up => !remainder.IsZero,
            // floor((n + floor(d/2)) / d) exceeds floor(n / d) exactly when n mod d >= d - floor(d/2).
            Rounding.HalfUp => remainder >= divisor - (divisor >> 1),
            _ => throw new ArgumentOutOfRangeException(nameof(rounding), rounding, "Unknown rounding."),
        };
        return up ? quotient + One : quotient;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddCarry(ulong a, ulong b, ulong carry, out ulong carryOut)
    {
        var s = a + b;
        var t = s + carry;
        carryOut = (s < a ? 1UL : 0UL) | (t < s ? 1UL : 0UL);
        return t;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SubtractBorrow(ulong a, ulong b, ulong borrow, out ulong borrowOut)
    {
        var d = a - b;
        borrowOut = (a < b ? 1UL : 0UL) | (d < borrow ? 1UL : 0UL);
        return d - borrow;
    }

    /// <summary>a * b + c + d, which always fits 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAdd(ulong a, ulong b, ulong c, ulong d, out ulong high)
    {
        high = Math.BigMul(a, b, out var low);
        low += c;
        high += low < c ? 1UL : 0UL;
        low += d;
        high += low < d ? 1UL : 0UL;
        return low;
    }

    private static UInt256[] ListPowersOfTen()
    {
        var powers = new UInt256[78];
        powers[0] = One;
        for (var i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 10u;
        }

        return powers;
    }

    private static OverflowException Overflow(UInt256 a, string sign, UInt256 b) => new($"{a} {sign} {b} leaves the range of a UInt256.");
}
