using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Primitives;

public sealed class WordQuotientTests
{
    private static readonly BigInteger Word = BigInteger.One << 64;

    [Fact]
    public void It_divides_as_long_division_does_or_says_that_the_quotient_is_too_long()
    {
        var random = new Random(5);
        var fits = 0;
        const int times = 200_000;
        for (var i = 0; i < times; i++)
        {
            var d = BigInteger.Max(1, Numbers.Big(Numbers.Next(random)) & ((BigInteger.One << 128) - 1));
            var n = Numbers.Big(Numbers.Next(random)) & ((BigInteger.One << 192) - 1);
            if (i % 2 == 0)
            {
                n = BigInteger.Max(0, (n / d * d) + random.Next(-1, 2));
                n &= (BigInteger.One << 192) - 1;
            }

            var tooLong = WordQuotient.Divide((ulong)(n >> 128), (ulong)((n >> 64) % Word), (ulong)(n % Word), (ulong)(d >> 64), (ulong)(d % Word), out var q1, out var q0);
            (tooLong != 0).ShouldBe(n / d >= Word * Word, $"{n} / {d}");
            if (tooLong == 0)
            {
                ((q1 * Word) + q0).ShouldBe(n / d, $"{n} / {d}");
                fits++;
            }
        }

        fits.ShouldBeInRange(times / 4, times - 1);
    }
}
