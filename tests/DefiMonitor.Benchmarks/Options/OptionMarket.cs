using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Benchmarks.Options;

/// <summary>A seeded market of options, the same for every way of pricing it, and the books and scenarios of the stress loop.</summary>
public sealed class OptionMarket
{
    public const int Count = 1_024;
    public const int OptionsPerBook = 50;

    private readonly double[] signs = new double[Count];
    private readonly double[] forwards = new double[Count];
    private readonly double[] strikes = new double[Count];
    private readonly double[] volatilities = new double[Count];
    private readonly double[] years = new double[Count];
    private readonly double[] discounts = new double[Count];
    private readonly double[] values = new double[Count];
    private readonly Refusal[] refusals = new Refusal[Count];

    public OptionMarket(int books)
    {
        var random = new Random(1);
        for (var i = 0; i < Count; i++)
        {
            signs[i] = random.Next(2) == 0 ? -1 : 1;
            forwards[i] = 3_000 * (0.8 + (0.4 * random.NextDouble()));
            strikes[i] = 3_000 * (0.5 + random.NextDouble());
            volatilities[i] = 0.3 + (0.9 * random.NextDouble());
            years[i] = 0.01 + random.NextDouble();
            discounts[i] = 0.95 + (0.05 * random.NextDouble());
        }

        Holdings = Enumerable.Range(0, books).Select(_ => Enumerable.Range(0, OptionsPerBook).Select(_ => Holding(random.Next(Count), random.Next(1, 10))).ToArray()).ToArray();
        Books = Holdings.Select(static holdings => ScenarioBook.Of(holdings).Book!).ToArray();
        Scenarios = (from f in Enumerable.Range(0, 11) from v in Enumerable.Range(0, 11) select new OptionScenario(0.5 + (0.1 * f), 0.5 + (0.1 * v))).ToArray();
    }

    public OptionHolding[][] Holdings { get; }

    public ScenarioBook[] Books { get; }

    /// <summary>121: eleven forwards times eleven volatilities.</summary>
    public OptionScenario[] Scenarios { get; }

    public double PriceScalar()
    {
        var sum = 0.0;
        for (var i = 0; i < Count; i++)
        {
            sum += Black76.Price(signs[i] > 0 ? OptionSide.Call : OptionSide.Put, forwards[i], strikes[i], volatilities[i], years[i], discounts[i]).Value!.Value.Value;
        }

        return sum;
    }

    public double PriceBatch()
    {
        OptionBatch.Price(signs, forwards, strikes, volatilities, years, discounts, values, refusals);
        return values[^1];
    }

    public double GreeksScalar()
    {
        var sum = 0.0;
        for (var i = 0; i < Count; i++)
        {
            sum += Sensitivities.OfForward(signs[i] > 0 ? OptionSide.Call : OptionSide.Put, forwards[i], strikes[i], volatilities[i], years[i], discounts[i]).Value!.Value.Vanna;
        }

        return sum;
    }

    public double StressVector()
    {
        var sum = 0.0;
        foreach (var book in Books)
        {
            foreach (var scenario in Scenarios)
            {
                sum += book.Value(scenario).Value!.Value;
            }
        }

        return sum;
    }

    public double StressScalar()
    {
        var sum = 0.0;
        foreach (var holdings in Holdings)
        {
            foreach (var scenario in Scenarios)
            {
                foreach (var h in holdings)
                {
                    sum += h.Quantity * Black76.Price(
                        h.Side, h.Forward * scenario.ForwardFactor, h.Strike, h.Volatility * scenario.VolatilityFactor, h.Years, h.Discount).Value!.Value.Value;
                }
            }
        }

        return sum;
    }

    /// <summary>One line an option: sign,forward,strike,vol,years,discount,value by the four lanes; the peers read it.</summary>
    public void Write(TextWriter output)
    {
        PriceBatch();
        for (var i = 0; i < Count; i++)
        {
            output.WriteLine($"{signs[i]:R},{forwards[i]:R},{strikes[i]:R},{volatilities[i]:R},{years[i]:R},{discounts[i]:R},{values[i]:R}");
        }
    }

    private OptionHolding Holding(int i, double quantity) =>
        new(signs[i] > 0 ? OptionSide.Call : OptionSide.Put, quantity, forwards[i], strikes[i], volatilities[i], years[i], discounts[i]);
}
