using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// A reserve's stored indexes and yearly rates (ray), and the second at which they were stored. Accrual depends on the path: one step over two spans is not two
/// steps, so these are always the contract's own and are never advanced by us.
/// Source: ReserveLogic.getNormalizedIncome and getNormalizedDebt; MathUtils.calculateLinearInterest and calculateCompoundedInterest.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ReserveIndexes(UInt128 LiquidityIndex, UInt128 LiquidityRate, UInt128 BorrowIndex, UInt128 BorrowRate, ulong LastUpdate)
{
    public const uint SecondsPerYear = 31_536_000;

    /// <summary>The supply index at an instant, ray.</summary>
    public UInt256 NormalizedIncome(ulong at)
    {
        var elapsed = ElapsedTo(at);
        return elapsed == 0 ? LiquidityIndex : FixedPoint.RayMul(Linear(LiquidityRate, elapsed), LiquidityIndex, Rounding.HalfUp);
    }

    /// <summary>The debt index at an instant, ray.</summary>
    public UInt256 NormalizedDebt(AaveVersion version, ulong at)
    {
        var elapsed = ElapsedTo(at);
        return elapsed == 0 ? BorrowIndex : FixedPoint.RayMul(Compounded(version, BorrowRate, elapsed), BorrowIndex, Rounding.HalfUp);
    }

    /// <summary>Simple interest as a factor, ray.</summary>
    public static UInt256 Linear(in UInt256 rate, ulong elapsed) => FixedPoint.Ray + (rate * elapsed / SecondsPerYear);

    /// <summary>Compound interest as a factor, ray: three terms of the binomial up to 3.3, of the exponential's series from 3.4 on.</summary>
    public static UInt256 Compounded(AaveVersion version, in UInt256 rate, ulong elapsed) =>
        elapsed == 0 ? FixedPoint.Ray : version >= AaveVersion.V34 ? Taylor(rate, elapsed) : Binomial(rate, elapsed);

    private static UInt256 Taylor(in UInt256 rate, ulong elapsed)
    {
        var x = rate * elapsed / SecondsPerYear;
        var inner = (x / 2u) + FixedPoint.RayMul(x, x / 6u, Rounding.HalfUp);
        return FixedPoint.Ray + x + FixedPoint.RayMul(x, inner, Rounding.HalfUp);
    }

    private static UInt256 Binomial(in UInt256 rate, ulong elapsed)
    {
        var minusOne = elapsed - 1;
        var minusTwo = elapsed > 2 ? elapsed - 2 : 0;
        var squared = FixedPoint.RayMul(rate, rate, Rounding.HalfUp) / ((ulong)SecondsPerYear * SecondsPerYear);
        var cubed = FixedPoint.RayMul(squared, rate, Rounding.HalfUp) / SecondsPerYear;
        UInt256 time = elapsed;
        var second = time * minusOne * squared / 2u;
        var third = time * minusOne * minusTwo * cubed / 6u;
        return FixedPoint.Ray + (rate * elapsed / SecondsPerYear) + second + third;
    }

    // The contract would wrap around on a time before the last update; no block has one.
    private ulong ElapsedTo(ulong at) =>
        at >= LastUpdate ? at - LastUpdate : throw new OverflowException($"Second {at} lies before the reserve's last update at {LastUpdate}.");
}
