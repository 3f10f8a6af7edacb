using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Primitives;

public sealed class WordDivisorTests
{
    private static readonly BigInteger Word = BigInteger.One << 64;

    [Fact]
    public void Every_power_of_ten_divides_as_long_division_does()
    {
        for (var exponent = 0; exponent <= WordDivisor.MaxPowerOfTen; exponent++)
        {
            ShouldDivide(WordDivisor.OfPowerOfTen(exponent), BigInteger.Pow(10, exponent), new Random(exponent), 4_000);
        }
    }

    [Fact]
    public void Every_word_divides_as_long_division_does()
    {
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var divisor = Math.Max(1, (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64));
            ShouldDivide(new WordDivisor(divisor), divisor, random, 40);
        }

        foreach (var edge in new ulong[] { 1, 2, 3, (1UL << 63) - 1, 1UL << 63, (1UL << 63) + 1, ulong.MaxValue - 1, ulong.MaxValue })
        {
            ShouldDivide(new WordDivisor(edge), edge, random, 4_000);
        }
    }

    [Fact]
    public void It_agrees_with_the_arithmetic_of_the_contracts()
    {
        var random = new Random(3);
        var ray = WordDivisor.OfPowerOfTen(27);
        for (var i = 0; i < 20_000; i++)
        {
            var a = Numbers.Next(random) >> 156;
            var b = Numbers.Next(random) >> 164;
            var (n2, n1, n0) = Words(Numbers.Big(a * b + FixedPoint.HalfRay));
            ray.Divide(n2, n1, n0, out var q1, out var q0).ShouldBe(0UL);
            new UInt256(0, 0, q1, q0).ShouldBe(FixedPoint.RayMul(a, b, Rounding.HalfUp));
        }
    }

    [Fact]
    public void Nothing_is_divided_by_zero_nor_by_a_power_that_does_not_fit()
    {
        Should.Throw<DivideByZeroException>(() => new WordDivisor(0));
        Should.Throw<ArgumentOutOfRangeException>(() => WordDivisor.OfPowerOfTen(28));
        Should.Throw<ArgumentOutOfRangeException>(() => WordDivisor.OfPowerOfTen(-1));
        default(WordDivisor).Divide(0, 0, 1, out _, out _).ShouldNotBe(0UL);
    }

    // Numerators of every length, and those around multiples of the divisor, where a quotient that is one off would show. A quotient too long must be told, never cut.
    private static void ShouldDivide(WordDivisor divisor, BigInteger value, Random random, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var n = Numbers.Big(Numbers.Next(random)) & ((BigInteger.One << 192) - 1);
            if (i % 2 == 0)
            {
                n = (n / value * value) + random.Next(-1, 2);
                n = n.Sign < 0 || n >> 192 != 0 ? value - 1 : n;
            }

            var (n2, n1, n0) = Words(n);
            var tooLong = divisor.Divide(n2, n1, n0, out var q1, out var q0);
            var quotient = n / value;
            (tooLong != 0).ShouldBe(quotient >= Word * Word, $"{n} / {value}");
            if (tooLong == 0)
            {
                ((q1 * Word) + q0).ShouldBe(quotient, $"{n} / {value}");
            }
        }
    }

    private static (ulong N2, ulong N1, ulong N0) Words(BigInteger n) => ((ulong)(n >> 128), (ulong)((n >> 64) % Word), (ulong)(n % Word));
}
