using System.Diagnostics;

namespace DefiMonitor.Benchmarks.Options;

/// <summary>The `pricing` verb: one core, best of several rounds, millions of option values a second. Printed, never asserted.</summary>
internal static class PricingSpeed
{
    private const int Rounds = 7;

    public static void Print(TextWriter output)
    {
        var market = new OptionMarket(books: 1_000);
        const int Repeats = 500;
        var price = Best(market.PriceScalar, Repeats) / OptionMarket.Count;
        var batch = Best(market.PriceBatch, Repeats * 10) / OptionMarket.Count;
        var greeks = Best(market.GreeksScalar, Repeats) / OptionMarket.Count;
        var values = market.Books.Length * OptionMarket.OptionsPerBook * market.Scenarios.Length;
        var vector = Best(market.StressVector, 1) / values;
        var scalar = Best(market.StressScalar, 1) / values;
        output.WriteLine($"price, one by one        {1e-6 / price,8:F1} M/s");
        output.WriteLine($"price, four lanes        {1e-6 / batch,8:F1} M/s   {price / batch:F1} times one by one");
        output.WriteLine($"Greeks, one by one       {1e-6 / greeks,8:F1} M/s   {greeks / price:F2} times the price's time");
        output.WriteLine($"books x scenarios        {1e-6 / vector,8:F1} M/s   {vector * values * 1e3:F1} ms, {scalar / vector:F1} times one by one ({scalar * values * 1e3:F0} ms)");
    }

    // Seconds of one run of the action, least of the rounds; the first rounds also warm the code up.
    private static double Best(Func<double> action, int repeats)
    {
        var best = double.MaxValue;
        var sum = 0.0;
        for (var round = 0; round < Rounds; round++)
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
