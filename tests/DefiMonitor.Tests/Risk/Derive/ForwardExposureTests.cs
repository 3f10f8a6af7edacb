using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;
using DefiMonitor.Core.Risk.Options;
using static DefiMonitor.Tests.Risk.Derive.Books;

namespace DefiMonitor.Tests.Risk.Derive;

/// <summary>Greeks of options that are priced at a forward, against differences of the very mark that the ledger shows.</summary>
public sealed class ForwardExposureTests
{
    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void They_are_the_differences_of_the_mark_by_spot_volatility_and_time(int seed)
    {
        var random = new Random(seed);
        var spot = random.Next(1_000, 4_000);
        var (isCall, strike, volatility) = (random.Next(2) == 0, spot * (0.7 + (random.NextDouble() * 0.6)), 0.3 + random.NextDouble());
        var rate = random.Next(3) * 0.04;
        var seconds = (ulong)random.Next(86_400, 10_000_000);
        var (fixedPart, variable) = random.Next(3) == 0 ? (spot * 0.4, spot * 0.61) : (0, spot * 1.02);
        var quantity = random.Next(1, 9) * (random.Next(2) == 0 ? -1 : 1);
        var greeks = OptionExposures.Of(Leg(), Now).ShouldNotBeNull();

        var step = spot * 1e-3;
        greeks.Delta.ShouldBe((Worth(spot + step) - Worth(spot - step)) / (2 * step), 1e-4 * Math.Abs(quantity));
        greeks.Gamma.ShouldBe((Worth(spot + step) - (2 * Worth(spot)) + Worth(spot - step)) / (step * step), 1e-3 * Math.Abs(greeks.Gamma) + 1e-9);
        greeks.VegaPoint.ShouldBe((Worth(spot, volatility + 1e-4) - Worth(spot, volatility - 1e-4)) / 2e-4 / 100, 1e-5 * Math.Abs(greeks.VegaPoint) + 1e-7);
        greeks.ThetaDay.ShouldBe((Worth(spot, later: 60) - Worth(spot)) / 60 * 86_400, (1e-3 * Math.Abs(greeks.ThetaDay)) + 1e-6);

        double Worth(double at, double? vol = null, ulong later = 0)
        {
            var line = new OptionLine(isCall, Wad(strike), Wad(quantity), Wad(vol ?? volatility));
            return quantity * BookMarks.Of(line, Wad(fixedPart + (variable * at / spot)), Wad(rate), Now + seconds, Now + later)!.Value.ToDouble() / 1e18;
        }

        Position Leg() => new()
        {
            Side = quantity < 0 ? PositionSide.Debt : PositionSide.Collateral,
            Asset = default,
            Symbol = "an option",
            Decimals = 18,
            Amount = Size(Math.Abs(quantity)),
            Shares = Size(Math.Abs(quantity)),
            Price = UInt256.Zero,
            Value = UInt256.Zero,
            Option = new OptionTerms(isCall ? OptionKind.Call : OptionKind.Put, Size(strike), Now + seconds, Size(volatility), Wad(rate), Size(spot), 18) { Forward = new ForwardTerms(Size(fixedPart), Size(variable)) },
        };
    }

    [Fact]
    public void Without_a_spot_or_a_volatility_there_are_none_and_a_feed_below_zero_gives_no_mark()
    {
        OptionExposures.Of(With(Size(2_000), UInt256.Zero), Now).ShouldBeNull();
        OptionExposures.Of(With(UInt256.Zero, Size(0.5)), Now).ShouldBeNull();
        OptionExposures.Of(With(Size(2_000), Size(0.5)), Now).ShouldNotBeNull();
        BookMarks.Of(Call(2_000, 1, -0.5), Wad(2_000), 0, Now + 60, Now).ShouldBeNull();
        BookMarks.Of(Call(2_000, 1), -1, 0, Now + 60, Now).ShouldBeNull();
        BookMarks.Of(Call(1_500, 1), Wad(2_000), Wad(-0.1), Now, Now).ShouldBe(Size(500));

        static Position With(UInt256 spot, UInt256 volatility) => new()
        {
            Side = PositionSide.Debt,
            Asset = default,
            Symbol = "an option",
            Decimals = 18,
            Amount = Size(1),
            Shares = Size(1),
            Price = UInt256.Zero,
            Value = UInt256.Zero,
            Option = new OptionTerms(OptionKind.Call, Size(2_000), Now + 86_400, volatility, 0, spot, 18) { Forward = new ForwardTerms(UInt256.Zero, Size(2_000)) },
        };
    }

    private static UInt256 Size(double figure) => (UInt256)(UInt128)Wad(figure);
}
