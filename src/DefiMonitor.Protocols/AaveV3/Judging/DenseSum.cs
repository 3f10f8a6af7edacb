using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// <see cref="AccountSum"/> over the legs of the mirror, in 64-bit words and without a division by anything but fixed numbers. Either the very integers that
/// <see cref="AccountSum"/> gives, or a refusal: what could leave the words it works in is left to the exact path.
/// </summary>
internal static class DenseSum
{
    private const ulong Wad = 1_000_000_000_000_000_000;

    // A scaled balance times an index stays below 2^190, so that the sums below can't wrap around, and a value below 2^96.
    private const int ProductTop = 62;
    private const int ValueTop = 32;

    private static readonly WordDivisor Ray = WordDivisor.OfPowerOfTen(27);
    private static readonly WordDivisor BpsOne = WordDivisor.OfPowerOfTen(4);

    /// <param name="factors">By leg number; the caller has made sure that every leg's number is in it.</param>
    public static bool TryJudge(AaveVersion version, ReadOnlySpan<UInt128> legs, ReadOnlySpan<LegFactors> factors, out Verdict verdict)
    {
        ref var first = ref MemoryMarshal.GetReference(factors);
        var ray = Ray;
        ulong c0 = 0, c1 = 0, d0 = 0, d1 = 0, t0 = 0, t1 = 0, bad = 0;
        foreach (ref readonly var leg in legs)
        {
            ref readonly var factor = ref Unsafe.Add(ref first, (nint)(ulong)(leg >> MirrorLeg.AmountBits));
            var low = (ulong)leg;
            var high = (ulong)(leg >> 64) & ((1UL << (MirrorLeg.AmountBits - 64)) - 1);

            // Balance = (scaled * index + round) / RAY.
            var p2 = Math.BigMul(high, factor.IndexHigh, out var product2);
            var p1 = Math.BigMul(low, factor.IndexLow, out var n0);
            var p3 = Math.BigMul(low, factor.IndexHigh, out var middle);
            var n1 = p1 + middle;
            var n2 = p3 + (n1 < middle ? 1UL : 0UL);
            p3 = Math.BigMul(high, factor.IndexLow, out middle);
            n1 += middle;
            n2 += p3 + (n1 < middle ? 1UL : 0UL);
            bad |= p2 | (product2 >> ProductTop);
            n2 += product2;
            bad |= n2 >> ProductTop;
            n0 += factor.IndexRoundLow;
            var carry = factor.IndexRoundHigh + (n0 < factor.IndexRoundLow ? 1UL : 0UL);
            n1 += carry;
            n2 += n1 < carry ? 1UL : 0UL;
            bad |= ray.Divide(n2, n1, n0, out var b1, out var b0);

            // Value = (balance * price + round) / unit.
            n1 = Math.BigMul(b0, factor.Price, out n0);
            n2 = Math.BigMul(b1, factor.Price, out middle);
            n1 += middle;
            n2 += n1 < middle ? 1UL : 0UL;
            n0 += factor.UnitRound;
            carry = n0 < factor.UnitRound ? 1UL : 0UL;
            n1 += carry;
            n2 += n1 < carry ? 1UL : 0UL;
            bad |= factor.Unit.Divide(n2, n1, n0, out var v1, out var v0);
            bad |= v1 >> ValueTop;

            // At most 256 values below 2^96, and thresholds below 2^16: no sum of two words overflows.
            var counts = (ulong)(long)factor.CollateralMask;
            middle = v0 & counts;
            c0 += middle;
            c1 += (v1 & counts) + (c0 < middle ? 1UL : 0UL);
            var owes = (ulong)(long)factor.DebtMask;
            middle = v0 & owes;
            d0 += middle;
            d1 += (v1 & owes) + (d0 < middle ? 1UL : 0UL);
            var t = Math.BigMul(v0, factor.Threshold, out middle);
            t0 += middle;
            t1 += t + (v1 * factor.Threshold) + (t0 < middle ? 1UL : 0UL);
        }

        if (bad != 0)
        {
            verdict = default;
            return false;
        }

        if ((d0 | d1) == 0)
        {
            verdict = new Verdict(MarginStatus.Healthy, UInt256.MaxValue);
            return true;
        }

        if ((d1 | (version >= AaveVersion.V35 ? 0 : c1)) != 0 || !TryHealth(version, c0, t1, t0, d0, out var h1, out var h0))
        {
            var sum = new AccountSum { Collateral = new UInt256(0, 0, c1, c0), Debt = new UInt256(0, 0, d1, d0), Threshold = new UInt256(0, 0, t1, t0) };
            verdict = Verdicts.Of(sum, sum.HealthFactor(version));
            return true;
        }

        var status = h1 != 0 || h0 >= Wad ? MarginStatus.Healthy
            : c1 < d1 || (c1 == d1 && c0 < d0) ? MarginStatus.Insolvent : MarginStatus.Liquidatable;
        verdict = new Verdict(status, new UInt256(0, 0, h1, h0));
        return true;
    }

    /// <summary><see cref="AccountSum.HealthFactor(AaveVersion, in UInt256, in UInt256, in UInt256)"/> where collateral (up to 3.4) and debt fit a word.</summary>
    private static bool TryHealth(AaveVersion version, ulong collateral, ulong t1, ulong t0, ulong debt, out ulong h1, out ulong h0)
    {
        var divisor = new WordDivisor(debt);
        if (version >= AaveVersion.V35)
        {
            var tooMuch = WadDiv(t1, t0, debt, divisor, out h1, out h0);
            return (tooMuch | BpsOne.Divide(0, h1, h0, out h1, out h0)) == 0;
        }

        ulong average = 0;
        if (collateral != 0)
        {
            // Below 2^16: it is the average of thresholds.
            new WordDivisor(collateral).Divide(0, t1, t0, out _, out average);
        }

        const ulong halfBps = FixedPoint.BpsOne / 2;
        var n1 = Math.BigMul(collateral, average, out var n0);
        n0 += halfBps;
        n1 += n0 < halfBps ? 1UL : 0UL;
        BpsOne.Divide(0, n1, n0, out n1, out n0);
        return WadDiv(n1, n0, debt, divisor, out h1, out h0) == 0;
    }

    // (n * 10^18 + floor(debt / 2)) / debt; n1 is below 2^56, so the product fits three words.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong WadDiv(ulong n1, ulong n0, ulong debt, in WordDivisor divisor, out ulong q1, out ulong q0)
    {
        var m1 = Math.BigMul(n0, Wad, out var m0);
        var m2 = Math.BigMul(n1, Wad, out var middle);
        m1 += middle;
        m2 += m1 < middle ? 1UL : 0UL;
        var half = debt >> 1;
        m0 += half;
        var carry = m0 < half ? 1UL : 0UL;
        m1 += carry;
        m2 += m1 < carry ? 1UL : 0UL;
        return divisor.Divide(m2, m1, m0, out q1, out q0);
    }
}
