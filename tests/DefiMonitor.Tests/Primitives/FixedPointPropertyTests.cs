using System.Numerics;
using DefiMonitor.Core.Primitives;
using static DefiMonitor.Tests.Primitives.Numbers;
using static DefiMonitor.Tests.Primitives.UInt256PropertyTests;

namespace DefiMonitor.Tests.Primitives;

public sealed class FixedPointPropertyTests
{
    private static readonly BigInteger Ray = BigInteger.Pow(10, 27);
    private static readonly BigInteger Wad = BigInteger.Pow(10, 18);

    private delegate UInt256 Function(in UInt256 a, in UInt256 b, Rounding rounding);

    [Fact]
    public void Fixed_point_agrees_with_BigInteger_and_overflows_exactly_where_the_contract_reverts()
    {
        var random = new Random(27);
        var cases = 0;
        var computed = 0;
        for (; cases < 200_000; cases++)
        {
            var (a, b) = (Likely(random), Likely(random));
            var (x, y) = (Big(a), Big(b));
            foreach (var rounding in (ReadOnlySpan<Rounding>)[Rounding.Down, Rounding.Up, Rounding.HalfUp])
            {
                computed += Agrees(FixedPoint.RayMul, x * y, Ray, a, b, rounding);
                computed += Agrees(FixedPoint.RayDiv, x * Ray, y, a, b, rounding);
                computed += Agrees(FixedPoint.WadMul, x * y, Wad, a, b, rounding);
                computed += Agrees(FixedPoint.WadDiv, x * Wad, y, a, b, rounding);
                computed += Agrees(FixedPoint.PercentMul, x * y, 10_000, a, b, rounding);
                computed += Agrees(FixedPoint.PercentDiv, x * 10_000, y, a, b, rounding);
                Same(FixedPoint.RayToWad(a, rounding), (x + HalfTerm(1_000_000_000, rounding)) / 1_000_000_000, $"RayToWad {rounding}", a, b);
            }
        }

        cases.ShouldBeGreaterThanOrEqualTo(200_000);
        computed.ShouldBeGreaterThan(1_000_000, "most cases must end in a number, not in a revert");
    }

    /// <summary>rayMul reverts iff a > (2^256 - 1 - HALF_RAY) / b, rayDiv iff a > (2^256 - 1 - b / 2) / RAY; the directional ones without the half term.</summary>
    [Fact]
    public void The_last_input_before_a_revert_computes_and_the_next_one_throws()
    {
        var b = UInt256.Parse("1043217200000000000000000001");
        var lastHalfUp = (UInt256.MaxValue - FixedPoint.HalfRay) / b;
        Should.NotThrow(() => FixedPoint.RayMul(lastHalfUp, b, Rounding.HalfUp));
        Should.Throw<OverflowException>(() => FixedPoint.RayMul(lastHalfUp + 1u, b, Rounding.HalfUp));

        var last = UInt256.MaxValue / b;
        Should.NotThrow(() => FixedPoint.RayMul(last, b, Rounding.Up));
        Should.Throw<OverflowException>(() => FixedPoint.RayMul(last + 1u, b, Rounding.Up));

        var lastDividend = (UInt256.MaxValue - (b / 2u)) / FixedPoint.Ray;
        Should.NotThrow(() => FixedPoint.RayDiv(lastDividend, b, Rounding.HalfUp));
        Should.Throw<OverflowException>(() => FixedPoint.RayDiv(lastDividend + 1u, b, Rounding.HalfUp));

        Should.Throw<DivideByZeroException>(() => FixedPoint.RayDiv(1u, 0u, Rounding.Down));
        Should.Throw<OverflowException>(() => FixedPoint.WadToRay(UInt256.MaxValue / 1_000_000_000u + 1u));
    }

    [Fact]
    public void Half_up_rounds_the_half_up_and_less_than_half_down()
    {
        FixedPoint.RayMul(FixedPoint.HalfRay, 1u, Rounding.HalfUp).ShouldBe(UInt256.One);
        FixedPoint.RayMul(FixedPoint.HalfRay - 1u, 1u, Rounding.HalfUp).ShouldBe(UInt256.Zero);
        FixedPoint.PercentMul(1u, 5_000u, Rounding.HalfUp).ShouldBe(UInt256.One);
        FixedPoint.PercentMul(1u, 4_999u, Rounding.HalfUp).ShouldBe(UInt256.Zero);
        FixedPoint.MulDivCeil(7u, 1u, 2u).ShouldBe((UInt256)4u);
        FixedPoint.MulDivFloor(7u, 1u, 2u).ShouldBe((UInt256)3u);
    }

    /// <summary>Most values have the sizes that markets have; the others are as hostile as <see cref="Numbers"/> can make them.</summary>
    private static UInt256 Likely(Random random) => random.Next(8) == 0 ? Next(random) : Next(random) >> (130 + random.Next(60));

    private static int Agrees(Function function, BigInteger numerator, BigInteger divisor, UInt256 a, UInt256 b, Rounding rounding)
    {
        var name = $"{rounding} {divisor}";
        if (numerator + (rounding == Rounding.HalfUp ? divisor / 2 : 0) >= Modulus)
        {
            Throws<OverflowException>(() => function(a, b, rounding), name, a, b);
            return 0;
        }

        if (divisor.IsZero)
        {
            Throws<DivideByZeroException>(() => function(a, b, rounding), name, a, b);
            return 0;
        }

        Same(function(a, b, rounding), (numerator + HalfTerm(divisor, rounding)) / divisor, name, a, b);
        return 1;
    }
}
