using System.Numerics;
using BenchmarkDotNet.Attributes;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Benchmarks;

/// <summary>scaled * index / RAY, which every balance costs: numbers of two words, as balances of 18 decimals are. Times are per division, its product included.</summary>
public class WordDivisorBenchmarks
{
    private const int Count = 1_024;
    private static readonly BigInteger BigRay = BigInteger.Pow(10, 27);

    private readonly (ulong High, ulong Low)[] scaled = new (ulong, ulong)[Count];
    private readonly UInt256[] wide = new UInt256[Count];
    private readonly BigInteger[] big = new BigInteger[Count];
    private readonly UInt128 index = (UInt128)(FixedPoint.Ray + (FixedPoint.Ray / 7u));

    [GlobalSetup]
    public void Build()
    {
        var random = new Random(1);
        for (var i = 0; i < Count; i++)
        {
            scaled[i] = ((ulong)random.Next(1 << 16), (ulong)random.NextInt64());
            wide[i] = new UInt256(0, 0, scaled[i].High, scaled[i].Low);
            big[i] = (BigInteger)wide[i];
        }
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public ulong ByReciprocal()
    {
        var ray = WordDivisor.OfPowerOfTen(27);
        var (indexHigh, indexLow) = ((ulong)(index >> 64), (ulong)index);
        var sum = 0UL;
        foreach (var (high, low) in scaled)
        {
            var n1 = Math.BigMul(low, indexLow, out var n0);
            var n2 = Math.BigMul(low, indexHigh, out var middle);
            n1 += middle;
            n2 += (n1 < middle ? 1UL : 0UL) + (high * indexHigh);
            n2 += Math.BigMul(high, indexLow, out middle);
            n1 += middle;
            n2 += n1 < middle ? 1UL : 0UL;
            ray.Divide(n2, n1, n0, out var q1, out var q0);
            sum += q1 ^ q0;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public UInt256 ByUInt256()
    {
        var sum = UInt256.Zero;
        foreach (var amount in wide)
        {
            sum ^= FixedPoint.RayMul(amount, index, Rounding.Down);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public BigInteger ByBigInteger()
    {
        var sum = BigInteger.Zero;
        foreach (var amount in big)
        {
            sum ^= amount * index / BigRay;
        }

        return sum;
    }
}
