using System.Diagnostics;
using System.Globalization;
using DefiMonitor.Benchmarks.Aave;
using DefiMonitor.Benchmarks.Morpho;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Benchmarks.Mixed;

/// <summary>
/// Exact judging of accounts of two protocols on two cores, half of them in one market of Aave and half in four of Morpho: <c>judge-mixed [--accounts N]</c>. Prints
/// the seconds of the median round, and how many accounts there were.
/// </summary>
internal static class MixedRow
{
    private const int Rounds = 9;
    private const int Chunk = 10_000;

    public static void Run(string[] args)
    {
        var accounts = new Arguments(args).Number("accounts", 1_000_000);
        var aave = AaveMarketInMemory.Build(accounts: accounts / 2);
        var crowds = new List<(IProtocol Protocol, BlockHeader Header, int[] Slots, Verdict[] Verdicts)> { Crowd(aave.Protocol, aave.Header, aave.Accounts) };
        crowds.AddRange(MorphoMarketInMemory.BuildAll(accounts - (accounts / 2)).Select(static morpho => Crowd(morpho.Protocol, morpho.Header, morpho.Accounts)));
        var chunks = crowds.SelectMany(static crowd => Enumerable.Range(0, (crowd.Slots.Length + Chunk - 1) / Chunk).Select(part => (crowd, part * Chunk))).ToArray();
        var times = new double[Rounds];
        for (var i = 0; i < Rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            Parallel.ForEach(chunks, new ParallelOptions { MaxDegreeOfParallelism = 2 }, static chunk =>
            {
                var ((protocol, header, slots, verdicts), from) = chunk;
                var length = Math.Min(Chunk, slots.Length - from);
                protocol.JudgeMany(slots.AsSpan(from, length), header, new Instant(header.Timestamp), verdicts.AsSpan(from, length));
            });
            times[i] = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        if (crowds.Any(static crowd => crowd.Verdicts.Any(static v => v.Status == MarginStatus.Unknown)))
        {
            throw new InvalidOperationException("Some accounts of the markets in memory can't be judged, so the times would say nothing.");
        }

        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{times[Rounds / 2]:F3} {crowds.Sum(static crowd => crowd.Slots.Length)}"));
    }

    private static (IProtocol Protocol, BlockHeader Header, int[] Slots, Verdict[] Verdicts) Crowd(IProtocol protocol, BlockHeader header, MarginAccountId[] accounts) =>
        (protocol, header, [.. accounts.Select(protocol.SlotOf)], new Verdict[accounts.Length]);
}
