using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Tests.Risk.Options;

/// <summary>Single figures that books and papers print, each within half a unit of its last decimal or the 1e-4 its source carries.</summary>
public sealed class PublishedFiguresTests
{
    private const OptionSide Call = OptionSide.Call;
    private const OptionSide Put = OptionSide.Put;

    [Theory]
    [InlineData(Call, 60, 65, 0.30, 0.25, 0.08, 0, 2.1334, 1e-4)] // Haug 1998, p. 2
    [InlineData(Put, 100, 95, 0.20, 0.5, 0.10, 0.05, 2.4648, 1e-4)] // Haug 1998, p. 5, index put
    [InlineData(Call, 1.56, 1.60, 0.12, 0.5, 0.06, 0.08, 0.0291, 1e-4)] // Haug 1998, p. 7, Garman-Kohlhagen
    [InlineData(Put, 75, 70, 0.35, 0.5, 0.10, 0.05, 4.0870, 1e-4)] // Haug 1998, p. 8
    [InlineData(Call, 42, 40, 0.20, 0.5, 0.10, 0, 4.76, 5e-3)] // Hull, Options, Futures and Other Derivatives, example 15.6
    [InlineData(Put, 42, 40, 0.20, 0.5, 0.10, 0, 0.81, 5e-3)] // Hull, example 15.6
    [InlineData(Call, 930, 900, 0.20, 1.0 / 6, 0.08, 0.03, 51.83, 5e-3)] // Hull, example 17.1
    public void Black_Scholes_Merton_gives_the_books_prices(
        OptionSide side, double spot, double strike, double vol, double years, double rate, double carry, double published, double tolerance) =>
        BlackScholesMerton.Price(side, spot, strike, vol, years, rate, carry).Value!.Value.Value.ShouldBe(published, tolerance);

    [Theory]
    [InlineData(Put, 19, 19, 0.28, 0.75, 0.10, 1.7011, 1e-4)] // Haug 1998, p. 6
    [InlineData(Put, 20, 20, 0.25, 1.0 / 3, 0.09, 1.12, 5e-3)] // Hull, example 18.6
    [InlineData(Call, 90, 100, 0.15, 0.1, 0.10, 0.0205, 1e-4)] // Haug 1998, p. 24
    [InlineData(Call, 100, 100, 0.25, 0.1, 0.10, 3.1217, 1e-4)] // Haug 1998, p. 24
    [InlineData(Call, 110, 100, 0.35, 0.1, 0.10, 11.1381, 1e-4)] // Haug 1998, p. 24
    [InlineData(Call, 100, 100, 0.25, 0.5, 0.10, 6.6997, 1e-4)] // Haug 1998, p. 24
    [InlineData(Call, 100, 100, 0.20, 0.5, 0, 5.637197779701664, 1e-13)] // Jaeckel, "Let's be rational", test value
    public void Black_76_gives_the_books_prices(OptionSide side, double forward, double strike, double vol, double years, double rate, double published, double tolerance) =>
        Black76.Price(side, forward, strike, vol, years, Math.Exp(-rate * years)).Value!.Value.Value.ShouldBe(published, tolerance);

    [Fact]
    public void Greeks_are_the_books_Greeks()
    {
        // Hull, chapter 19: S 49, K 50, r 5 %, vol 20 %, T 0.3846.
        var hull = Sensitivities.OfSpot(Call, 49, 50, 0.20, 0.3846, 0.05).Value!.Value;
        hull.Delta.ShouldBe(0.522, 5e-4);
        hull.Gamma.ShouldBe(0.066, 5e-4);
        hull.Theta.ShouldBe(-4.31, 5e-3);
        hull.Vega.ShouldBe(12.1, 5e-2);
        hull.Rho.ShouldBe(8.91, 5e-3);

        // Haug 1998, p. 11 to 16.
        Sensitivities.OfSpot(Put, 430, 405, 0.20, 1.0 / 12, 0.07, 0.05).Value!.Value.Theta.ShouldBe(-31.1924, 1e-4);
        Sensitivities.OfSpot(Call, 72, 75, 0.19, 1, 0.09).Value!.Value.Rho.ShouldBe(38.7325, 1e-4);
        Sensitivities.OfSpot(Put, 500, 490, 0.15, 0.25, 0.08, 0.05).Value!.Value.CarryRho.ShouldBe(42.2254, 1e-4);
        Sensitivities.OfSpot(Put, 105, 100, 0.36, 0.5, 0.10, 0.10).Value!.Value.Delta.ShouldBe(-0.3566, 1e-4);
        Sensitivities.OfSpot(Call, 55, 60, 0.30, 0.75, 0.10).Value!.Value.Vega.ShouldBe(18.9358, 1e-4);
    }

    [Fact]
    public void Implied_volatility_is_the_books()
    {
        // Hull, example 17.2: an FX call at 0.043.
        var (rate, carry, years) = (0.08, 0.11, 1.0 / 3);
        var found = ImpliedVolatility.Of(Call, 1.6 * Math.Exp((rate - carry) * years), 1.6, years, 0.043, Math.Exp(-rate * years)).Value!.Value;
        found.Volatility.ShouldBe(0.141, 5e-4);
        found.Usable.ShouldBeTrue();
    }

    [Fact]
    public void The_Vogt_smile_is_caught_as_in_Gatheral_and_Jacquier_2014_example_3_1()
    {
        var vogt = new SviSlice(-0.0410, 0.1331, 0.3060, 0.3586, 0.4153, 1);
        var wings = vogt.ToJumpWings();
        wings.V.ShouldBe(0.01742625, 1e-8);
        wings.Psi.ShouldBe(-0.1752111, 1e-7);
        wings.P.ShouldBe(0.6997381, 1e-7);
        wings.C.ShouldBe(1.316798, 1e-6);
        wings.VTilde.ShouldBe(0.0116249, 1e-7);

        var violation = SviArbitrage.Check(vogt).Single();
        violation.Kind.ShouldBe(ArbitrageKind.Butterfly);
        violation.To.ShouldBe(1.256913, 1e-6);
        vogt.Density(0.9).ShouldBe(-0.0327, 5e-5);
        violation.Worst.ShouldBeLessThan(vogt.Density(0.9));
        violation.At.ShouldBe(0.9, 0.05);

        // Its arbitrage-free replacement by the paper: c* = p + 2 psi, v~* = 4 v p c* / (p + c*)^2.
        (wings.P + (2 * wings.Psi)).ShouldBe(0.3493158, 1e-7);
        var repaired = (wings with { C = 0.3493158, VTilde = 0.01548182 }).ToRaw().Value!.Value;
        SviArbitrage.Check(repaired).ShouldBeEmpty();
    }
}
