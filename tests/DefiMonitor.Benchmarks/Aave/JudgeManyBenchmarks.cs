using BenchmarkDotNet.Attributes;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Benchmarks.Aave;

/// <summary>Bulk judging of a market of 40 reserves and 100,000 accounts with six positions each. Times are per account.</summary>
[MemoryDiagnoser]
public class JudgeManyBenchmarks
{
    private const int Accounts = 100_000;
    private const int Reports = 1_000;

    private readonly Verdict[] verdicts = new Verdict[Accounts];
    private AaveMarketInMemory market = null!;
    private int[] slots = [];

    /// <summary>POOL_REVISION: 8 = 3.4, the last with truncated averages; 10 = 3.6.</summary>
    [Params(8, 10)]
    public ulong Revision { get; set; }

    private Instant At => new Instant(market.Header.Timestamp) + 12;

    [GlobalSetup]
    public void Build()
    {
        market = AaveMarketInMemory.Build(accounts: Accounts, revision: Revision);
        slots = [.. market.Accounts.Select(market.Protocol.SlotOf)];
        OnOneCore();
        if (verdicts.Any(verdict => verdict.Status == MarginStatus.Unknown))
        {
            throw new InvalidOperationException("Some accounts of the market in memory can't be judged, so the times would say nothing: read what JudgeMany needs in AaveMarketInMemory.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Accounts)]
    public void OnOneCore() => market.Protocol.JudgeMany(slots, market.Header, At, verdicts);

    [Benchmark(OperationsPerInvoke = Accounts)]
    public void OnTwoCores() => Parallel.For(0, 2, half =>
    {
        var (from, length) = (half * Accounts / 2, Accounts / 2);
        market.Protocol.JudgeMany(slots.AsSpan(from, length), market.Header, At, verdicts.AsSpan(from, length));
    });

    /// <summary>Whole reports, which say more: what bulk judging saves.</summary>
    [Benchmark(OperationsPerInvoke = Reports)]
    public int EachWithAReport()
    {
        var liquidatable = 0;
        for (var i = 0; i < Reports; i++)
        {
            var report = market.Protocol.Evaluate(market.Protocol.Capture(market.Accounts[i], market.Header), At, Shock.None);
            liquidatable += report.IsBelowEdge ? 1 : 0;
        }

        return liquidatable;
    }
}
