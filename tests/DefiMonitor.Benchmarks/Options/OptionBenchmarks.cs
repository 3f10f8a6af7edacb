using BenchmarkDotNet.Attributes;

namespace DefiMonitor.Benchmarks.Options;

/// <summary>Times per option: price one by one, price by four lanes, forward Greeks to second order one by one.</summary>
public class OptionBenchmarks
{
    private readonly OptionMarket market = new(books: 1);

    [Benchmark(Baseline = true, OperationsPerInvoke = OptionMarket.Count)]
    public double Price() => market.PriceScalar();

    [Benchmark(OperationsPerInvoke = OptionMarket.Count)]
    public double PriceInFourLanes() => market.PriceBatch();

    [Benchmark(OperationsPerInvoke = OptionMarket.Count)]
    public double Greeks() => market.GreeksScalar();
}
