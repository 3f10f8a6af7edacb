using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Tests.Risk.Options;

public sealed class BadInputTests
{
    private const OptionSide Call = OptionSide.Call;

    [Theory]
    [InlineData(-1, 100, 0.5, 1, 1, Refusal.NegativeForward)]
    [InlineData(100, -1, 0.5, 1, 1, Refusal.NegativeStrike)]
    [InlineData(100, 100, -0.5, 1, 1, Refusal.NegativeVolatility)]
    [InlineData(100, 100, 0.5, 1, 0, Refusal.DiscountNotPositive)]
    [InlineData(double.NaN, 100, 0.5, 1, 1, Refusal.NotFinite)]
    [InlineData(100, double.PositiveInfinity, 0.5, 1, 1, Refusal.NotFinite)]
    [InlineData(100, 100, double.NaN, 1, 1, Refusal.NotFinite)]
    [InlineData(100, 100, 0.5, double.NaN, 1, Refusal.NotFinite)]
    public void What_cannot_be_priced_says_why(double forward, double strike, double vol, double years, double discount, Refusal why)
    {
        Black76.Price(Call, forward, strike, vol, years, discount).Refusal.ShouldBe(why);
        Sensitivities.OfForward(Call, forward, strike, vol, years, discount).Refusal.ShouldBe(why);
        Black76.Price(Call, forward, strike, vol, years, discount).Value.ShouldBeNull();
    }

    [Fact]
    public void An_expired_option_is_its_payoff_and_says_when_it_is_pinned()
    {
        var expired = Black76.Price(Call, 110, 100, 0.5, -3).Value!.Value;
        expired.Value.ShouldBe(10);
        expired.PinRisk.ShouldBeFalse();
        Black76.Price(Call, 100.005, 100, 0.5, 0).Value!.Value.PinRisk.ShouldBeTrue();
        Sensitivities.OfSpot(Call, 100, 100, 0, 1, 0).Value!.Value.Delta.ShouldBe(0.5);
        Sensitivities.OfSpot(OptionSide.Put, 90, 100, 0.5, 0, 0).Value!.Value.ShouldBe(new OptionGreeks(-1, 0, 0, 0, 0, 0, 0, 0, 0, -(-1.0), 0));
        ImpliedVolatility.Of(Call, 100, 100, 0, 5).Refusal.ShouldBe(Refusal.Expired);
    }

    [Fact]
    public void A_strike_of_ten_to_the_thirtieth_is_a_number_like_any_other()
    {
        Black76.Price(Call, 3000, 1e30, 0.8, 0.1).Value!.Value.Value.ShouldBe(0);
        Black76.Price(OptionSide.Put, 3000, 1e30, 0.8, 0.1).Value!.Value.Value.ShouldBe(1e30);
        var greeks = Sensitivities.OfSpot(OptionSide.Put, 3000, 1e30, 0.8, 0.1, 0.05).Value!.Value;
        greeks.Delta.ShouldBe(-1);
        greeks.Gamma.ShouldBe(0);
        ImpliedVolatility.Of(Call, 3000, 1e30, 0.1, 1e-20).Value!.Value.Volatility.ShouldBeGreaterThan(1);
    }

    [Fact]
    public void A_price_no_volatility_gives_is_refused_and_one_without_time_value_is_flagged()
    {
        ImpliedVolatility.Of(Call, 100, 120, 1, 100).Refusal.ShouldBe(Refusal.PriceAboveMaximum);
        ImpliedVolatility.Of(OptionSide.Put, 100, 120, 1, 121).Refusal.ShouldBe(Refusal.PriceAboveMaximum);
        ImpliedVolatility.Of(Call, 0, 120, 1, 0).Refusal.ShouldBe(Refusal.NoVolatilityDependence);
        var bare = ImpliedVolatility.Of(Call, 100, 80, 1, 20).Value!.Value;
        bare.NoTimeValue.ShouldBeTrue();
        bare.Usable.ShouldBeFalse();
        bare.Volatility.ShouldBe(0);
        ImpliedVolatility.Of(Call, 100, 100, 1, 1, tick: 5).Value!.Value.Usable.ShouldBeFalse();
    }

    [Fact]
    public void Crossed_slices_are_reported_with_the_place_and_left_as_they_are()
    {
        var early = new SviSlice(0.04, 0.1, -0.3, 0, 0.2, 0.25);
        var late = new SviSlice(0.03, 0.2, -0.3, 0, 0.2, 0.5);
        var crossed = SviArbitrage.Calendar(early, late);
        crossed.Count.ShouldBe(0, "0.2 * h - 0.1 * h outgrows the lower level");
        var found = SviArbitrage.Calendar(early, late with { A = 0.015 }).Single();
        found.Kind.ShouldBe(ArbitrageKind.Calendar);
        found.Worst.ShouldBeLessThan(0);
        var below = late with { A = 0.015 };
        below.TotalVariance(found.From).ShouldBe(early.TotalVariance(found.From), 1e-9);
        below.TotalVariance(found.To).ShouldBe(early.TotalVariance(found.To), 1e-9);
    }

    [Fact]
    public void Slices_outside_their_domain_and_wings_too_steep_are_reported()
    {
        var good = new SviSlice(0.04, 0.1, -0.3, 0, 0.2, 0.25);
        SviArbitrage.Check(good).ShouldBeEmpty();
        foreach (var bad in new[] { good with { B = -0.1 }, good with { Rho = 1 }, good with { Sigma = 0 }, good with { A = -1 }, good with { M = double.NaN }, good with { Years = 0 } })
        {
            SviArbitrage.Check(bad).Single().Kind.ShouldBe(ArbitrageKind.Domain);
        }

        SviArbitrage.Check(good with { B = 1.9 }).ShouldContain(v => v.Kind == ArbitrageKind.Wing);
        (good with { A = -1 }).Volatility(0).Refusal.ShouldBe(Refusal.NegativeVariance);
    }
}
