using System.Diagnostics;
using System.Globalization;

namespace DefiMonitor.Benchmarks.Options;

/// <summary>The row `pricing` of compare.sh: option values a second on one core, least time of many rounds. Printed, never asserted.</summary>
internal static class PricingSpeed
{
    public static void Print(TextWriter output)
    {
        var market = new OptionMarket(books: 1_000);
        const int Many = 500;
        const int Few = 3;
        var price = Best(market.PriceScalar, Many, 10) / OptionMarket.Count;
        var batch = Best(market.PriceBatch, Many, 100) / OptionMarket.Count;
        var greeks = Best(market.GreeksScalar, Many, 10) / OptionMarket.Count;
        var values = market.Books.Length * OptionMarket.OptionsPerBook * market.Scenarios.Length;
        var vector = Best(market.StressVector, Few, 1) / values;
        var scalar = Best(market.StressScalar, Few, 1) / values;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"batch={1 / batch:F0} price={1 / price:F0} greeks={1 / greeks:F0} greeks_by_price={greeks / price:F2} stress={1 / vector:F0} stress_ms={vector * values * 1e3:F1} stress_scalar={1 / scalar:F0}"));
    }

    // Seconds of one run of the action, least of the rounds: many short ones, so that some are left alone by whatever else runs here. The first also warm the code up.
    private static double Best(Func<double> action, int rounds, int repeats)
    {
        var best = double.MaxValue;
        var sum = 0.0;
        for (var round = 0; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < repeats; i++)
            {
                sum += action();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / repeats);
        }

        return double.IsFinite(sum) ? best : throw new InvalidOperationException("A price of the benchmark's market is not a number.");
    }
}
