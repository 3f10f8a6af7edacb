using System.Runtime.Intrinsics;
using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Tests.Risk.Options;

/// <summary>The fast path is the slow path: the same answers within 1e-14 of the larger of forward and strike.</summary>
public sealed class OptionBatchTests
{
    [Fact]
    public void Four_lanes_give_the_answers_of_one()
    {
        var market = PricingPropertyTests.Market(11).ToArray();
        var (fast, slow) = (Run(market, vectorised: true), Run(market, vectorised: false));
        for (var i = 0; i < market.Length; i++)
        {
            fast[i].ShouldBe(slow[i], OptionBatch.Agreement * Math.Max(market[i].F, market[i].K), $"{market[i]}");
        }
    }

    [Fact]
    public void A_bad_lane_is_refused_alone_and_its_neighbours_are_priced()
    {
        double[] signs = [1, 1, -1, 1, -1, 1, 0];
        double[] forwards = [100, double.NaN, 100, 100, 100, 100, 100];
        double[] strikes = [100, 100, 1e30, -1, 0, 100, 100];
        double[] vols = [0.2, 0.2, 0.2, 0.2, 0.2, 0, 0.2];
        double[] years = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
        double[] discounts = [1, 1, 1, 1, 1, 1, 1];
        var (values, refusals) = (new double[7], new Refusal[7]);

        OptionBatch.Price(signs, forwards, strikes, vols, years, discounts, values, refusals).ShouldBe(3);

        refusals.ShouldBe([Refusal.None, Refusal.NotFinite, Refusal.None, Refusal.NegativeStrike, Refusal.None, Refusal.None, Refusal.NoSide]);
        values[0].ShouldBe(5.637197779701664, 1e-12);
        values[1].ShouldBe(0);
        values[2].ShouldBe(1e30);
        values[5].ShouldBe(0);
    }

    [Fact]
    public void In_blocks_of_many_the_odd_ones_are_priced_alone_too()
    {
        var random = new Random(14);
        const int Count = 203;
        double[] Draw(double low, double high) => [.. Enumerable.Range(0, Count).Select(_ => low + ((high - low) * random.NextDouble()))];
        var (signs, forwards, strikes, vols, years, discounts) = (Draw(1, 1), Draw(80, 120), Draw(50, 150), Draw(0.1, 1), Draw(0.01, 2), Draw(0.9, 1));
        forwards[5] = double.NaN;
        strikes[5] = double.PositiveInfinity;
        discounts[66] = double.NaN;
        vols[67] = 0;
        vols[127] = 40;
        strikes[128] = 0;
        years[199] = -1;
        var (fast, slow, fastRefusals, slowRefusals) = (new double[Count], new double[Count], new Refusal[Count], new Refusal[Count]);

        var refused = OptionBatch.Price(signs, forwards, strikes, vols, years, discounts, fast, fastRefusals, vectorised: true);

        OptionBatch.Price(signs, forwards, strikes, vols, years, discounts, slow, slowRefusals, vectorised: false).ShouldBe(refused);
        refused.ShouldBeGreaterThan(1);
        fastRefusals.ShouldBe(slowRefusals);
        for (var i = 0; i < Count; i++)
        {
            fast[i].ShouldBe(slow[i], 200 * OptionBatch.Agreement, $"option {i}");
        }
    }

    [Fact]
    public void The_logarithm_of_a_ratio_is_that_of_the_library_over_its_whole_range_and_better_near_one()
    {
        var random = new Random(15);
        for (var i = 0; i < 100_000; i++)
        {
            var k = Math.Pow(10, (random.NextDouble() * 200) - 100);
            var f = i % 2 == 0 ? Math.Pow(10, (random.NextDouble() * 200) - 100) : k * (0.4 + (2 * random.NextDouble()));
            var log = MillsKernel.LogRatio(Vector256.Create(f), Vector256.Create(k))[i % 4];
            log.ShouldBe(Math.Log(f / k), 4e-16 * (1 + Math.Abs(Math.Log(f / k))), $"{f:R} / {k:R}");
        }

        // ln(1 + e) = e - e^2/2 + ...; f/k rounds to a part in 2^53 of one.
        var e = (3_000 + 3e-9 - 3_000) / 3_000;
        MillsKernel.LogRatio(Vector256.Create(3_000 + 3e-9), Vector256.Create(3_000.0))[0].ShouldBe(e - (e * e / 2), 1e-27);
        MillsKernel.LogRatio(Vector256.Create(7.0), Vector256.Create(7.0))[0].ShouldBe(0);
    }

    [Fact]
    public void Spans_of_different_length_are_named()
    {
        var error = Should.Throw<ArgumentException>(() => OptionBatch.Price([1, 1], [1, 1], [1], [1, 1], [1, 1], [1, 1], new double[2], new Refusal[2]));
        error.Message.ShouldContain("give every input 2 elements");
    }

    [Fact]
    public void A_book_under_a_scenario_is_the_sum_of_its_options_priced_there()
    {
        var random = new Random(12);
        var holdings = PricingPropertyTests.Market(13).Take(203)
            .Select(m => new OptionHolding(random.Next(2) == 0 ? OptionSide.Call : OptionSide.Put, random.Next(-5, 6), m.F, m.K, m.Vol, m.T, 0.97))
            .Append(new OptionHolding(OptionSide.Call, 3, 100, 90, 0, 1))
            .Append(new OptionHolding(OptionSide.Put, 2, 100, 90, 0.5, -1))
            .ToList();
        var (fast, slow) = (ScenarioBook.Of(holdings).Book!, ScenarioBook.Of(holdings, vectorised: false).Book!);
        foreach (var scenario in from f in new[] { 1e-60, 0.01, 0.6, 0.9, 1, 1.0001, 1.3, 50 } from v in new[] { 1e-4, 0.5, 1, 1.4, 9, 20 } select new OptionScenario(f, v))
        {
            var (exact, scale) = (0.0, 0.0);
            foreach (var h in holdings)
            {
                exact += h.Quantity * Black76.Price(h.Side, h.Forward * scenario.ForwardFactor, h.Strike, h.Volatility * scenario.VolatilityFactor, h.Years, h.Discount).Value!.Value.Value;
                scale += Math.Abs(h.Quantity) * Math.Max(h.Forward * scenario.ForwardFactor, h.Strike);
            }

            fast.Value(scenario).Value!.Value.ShouldBe(exact, 2e-14 * scale, scenario.ToString());
            slow.Value(scenario).Value!.Value.ShouldBe(exact, 2e-14 * scale, scenario.ToString());
        }
    }

    [Fact]
    public void A_book_with_a_hole_has_no_value_and_a_senseless_scenario_neither()
    {
        ScenarioBook.Of([new OptionHolding(OptionSide.Call, 1, 100, 100, -1, 1)]).Refusal.ShouldBe(Refusal.NegativeVolatility);
        ScenarioBook.Of([new OptionHolding(OptionSide.Call, double.NaN, 100, 100, 1, 1)]).Refusal.ShouldBe(Refusal.NotFinite);
        var book = ScenarioBook.Of([new OptionHolding(OptionSide.Call, 1, 100, 100, 1, 1)]).Book!;
        book.Value(new OptionScenario(0, 1)).Refusal.ShouldBe(Refusal.NegativeForward);
        book.Value(new OptionScenario(1, double.NaN)).Refusal.ShouldBe(Refusal.NotFinite);
    }

    private static double[] Run((double F, double K, double Vol, double T)[] market, bool vectorised)
    {
        var signs = market.Select((_, i) => i % 2 == 0 ? 1.0 : -1.0).ToArray();
        var (values, refusals) = (new double[market.Length], new Refusal[market.Length]);
        var ones = market.Select(_ => 1.0).ToArray();
        OptionBatch.Price(signs, [.. market.Select(m => m.F)], [.. market.Select(m => m.K)], [.. market.Select(m => m.Vol)], [.. market.Select(m => m.T)], ones, values, refusals, vectorised)
            .ShouldBe(0);
        return values;
    }
}
