using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DefiMonitor.Core.Primitives;

/// <summary>
/// Exact multiplication by one fraction n / d over and over, without a division: m = ceil(n / d * 2^128) is worked out once, and x * m / 2^128 exceeds x * n / d by less
/// than x / 2^128 (Granlund and Montgomery, "Division by invariant integers using multiplication", PLDI 1994, section 4). Where that may carry a result over an integer
/// it is refused instead. A fraction that is not below a quarter is made so by a power of two, by which x is multiplied first.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct FixedRatio
{
    // With x and m below 2^126 the words in the middle of x * m add up without a carry.
    private const int TopBits = 62;

    private readonly ulong high;
    private readonly ulong low;

    // How far x goes to the left first.
    private readonly int left;

    // Below this high word of x the floor is certain: what x * n / d lacks to the next integer is at least 1 / d.
    private readonly ulong certain;

    private FixedRatio(UInt128 m, int left, ulong certain)
    {
        high = (ulong)(m >> 64);
        low = (ulong)m;
        this.left = left;
        this.certain = certain;
    }

    /// <summary>False where the fraction is 2^58 or more.</summary>
    /// <param name="n">The numerator.</param>
    /// <param name="d">The denominator. Powers of ten that both have in common are taken out.</param>
    /// <exception cref="DivideByZeroException">The denominator is 0.</exception>
    public static bool TryOf(UInt256 n, UInt256 d, out FixedRatio ratio)
    {
        ratio = default;
        while (d > UInt256.Pow10(1) && (n % 10u).IsZero && (d % 10u).IsZero)
        {
            (n, d) = (n / 10u, d / 10u);
        }

        var shift = Math.Max(0, n.BitLength - d.BitLength + 3);
        if (shift > TopBits)
        {
            return false;
        }

        var m = UInt256.MulDiv(n, UInt256.One << (128 - shift), d, Rounding.Up);
        ratio = new FixedRatio((UInt128)m, shift, (ulong)UInt256.Min((UInt256.One << 64) / d, ulong.MaxValue));
        return true;
    }

    /// <summary>floor(x * n / d) = q1 * 2^64 + q0. Refused, by a number that is not 0, where x has too many bits; certain for all others only where d is small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong FloorOfSmall(ulong x1, ulong x0, out ulong q1, out ulong q0)
    {
        var bad = Multiply(ref x1, x0, out q1, out q0, out _);
        return bad | (x1 >= certain ? 1UL : 0UL);
    }

    /// <summary>floor(x * n / d) = q1 * 2^64 + q0. Refused, by a number that is not 0, where x has too many bits, or where d is not small and the result too close above an integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Floor(ulong x1, ulong x0, out ulong q1, out ulong q0)
    {
        var bad = Multiply(ref x1, x0, out q1, out q0, out var rest);
        return bad | ((rest <= x1 ? 1UL : 0UL) & (x1 >= certain ? 1UL : 0UL));
    }

    /// <summary>ceil(x * n / d) where n is not 0; refused too where the result is too close above an integer, or is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Ceiling(ulong x1, ulong x0, out ulong q1, out ulong q0)
    {
        // What is not refused exceeds the integer below by more than the error, so there is a rest.
        var bad = Multiply(ref x1, x0, out q1, out q0, out var rest);
        q0++;
        q1 += q0 == 0 ? 1UL : 0UL;
        return bad | (rest <= x1 ? 1UL : 0UL);
    }

    // x * m = (q1 : q0 : rest : a word that nobody asks for).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Multiply(ref ulong x1, ulong x0, out ulong q1, out ulong q0, out ulong rest)
    {
        var bad = x1 >> (TopBits - left);

        // Two steps, because a shift by 64 is none.
        x1 = (x1 << left) | (x0 >> 1 >> (63 - left));
        x0 <<= left;
        var part = x0 * high;
        rest = LongDivision.High(x0, low) + part;
        var middle = LongDivision.High(x0, high) + (rest < part ? 1UL : 0UL);
        part = x1 * low;
        rest += part;
        middle += LongDivision.High(x1, low) + (rest < part ? 1UL : 0UL);
        q0 = (x1 * high) + middle;
        q1 = LongDivision.High(x1, high) + (q0 < middle ? 1UL : 0UL);
        return bad;
    }
}
