using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Primitives;

public sealed class FixedRatioTests
{
    private const int Ratios = 3_000;
    private const int Factors = 40;
    private static readonly BigInteger Word = BigInteger.One << 64;

    [Fact]
    public void What_is_not_refused_is_the_floor_and_the_ceiling()
    {
        var random = new Random(11);
        var (floors, ceilings, smalls, all) = (0, 0, 0, 0);
        for (var i = 0; i < Ratios; i++)
        {
            var n = Numbers.Next(random) >> random.Next(128);
            var d = UInt256.Max(UInt256.One, i % 4 == 0 ? n >> random.Next(40) : Numbers.Next(random));
            if (!FixedRatio.TryOf(n, d, out var ratio))
            {
                (n >> 57).ShouldBeGreaterThanOrEqualTo(d >> 1, $"{n} / {d}");
                continue;
            }

            for (var j = 0; j < Factors; j++)
            {
                // Half of them next to a multiple of the denominator, where a result that is one off would show.
                var mask = (BigInteger.One << 128) - 1;
                var x = Numbers.Big(Numbers.Next(random)) & mask;
                x = j % 2 == 0 ? x : ((x / Numbers.Big(d) * Numbers.Big(d)) + random.Next(2)) & mask;
                var (x1, x0) = ((ulong)(x >> 64), (ulong)(x % Word));
                var product = x * Numbers.Big(n);
                var (floor, rest) = (product / Numbers.Big(d), product % Numbers.Big(d));
                all++;
                if (ratio.Floor(x1, x0, out var q1, out var q0) == 0)
                {
                    ((q1 * Word) + q0).ShouldBe(floor, $"{x} * {n} / {d}");
                    floors++;
                }

                if (ratio.FloorOfSmall(x1, x0, out q1, out q0) == 0)
                {
                    ((q1 * Word) + q0).ShouldBe(floor, $"{x} * {n} / {d}");
                    smalls++;
                }

                if (!n.IsZero && ratio.Ceiling(x1, x0, out q1, out q0) == 0)
                {
                    ((q1 * Word) + q0).ShouldBe(floor + (rest.IsZero ? 0 : 1), $"{x} * {n} / {d}");
                    ceilings++;
                }
            }
        }

        floors.ShouldBeInRange(all / 10, all - 1);
        ceilings.ShouldBeInRange(all / 10, all - 1);
        smalls.ShouldBeInRange(all / 50, all - 1);
    }

    [Fact]
    public void A_loan_to_value_of_whole_percents_is_certain_for_every_amount_of_a_market()
    {
        for (var percent = 0ul; percent <= 100; percent++)
        {
            FixedRatio.TryOf(FixedPoint.Wad * percent / 100u, FixedPoint.Wad, out var ratio).ShouldBeTrue();
            for (var amount = UInt256.One; amount < UInt256.Pow10(35); amount *= 10u)
            {
                var x = (UInt128)amount;
                ratio.FloorOfSmall((ulong)(x >> 64), (ulong)x, out var q1, out var q0).ShouldBe(0ul);
                new UInt256(0, 0, q1, q0).ShouldBe(amount * percent / 100u);
            }
        }
    }

    [Fact]
    public void Nothing_is_divided_by_zero() => Should.Throw<DivideByZeroException>(() => FixedRatio.TryOf(UInt256.Zero, UInt256.Zero, out _));
}
