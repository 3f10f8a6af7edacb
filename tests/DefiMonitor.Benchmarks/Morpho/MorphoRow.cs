using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Benchmarks.Morpho;

/// <summary>
/// Exact judging of Morpho on one core, four markets in turn: <c>judge-morpho [--accounts N] [--export FILE --some N]</c>. Prints accounts a second; with
/// <c>--export</c> writes the markets, some of their accounts and our verdicts for the peer instead.
/// </summary>
internal static class MorphoRow
{
    private const int Rounds = 45;

    public static void Run(string[] args)
    {
        var given = new Arguments(args);
        var markets = MorphoMarketInMemory.BuildAll(given.Number("accounts", 100_000));
        var slots = markets.Select(static market => market.Accounts.Select(market.Protocol.SlotOf).ToArray()).ToArray();
        var verdicts = slots.Select(static all => new Verdict[all.Length]).ToArray();
        JudgeAll(markets, slots, verdicts);
        if (verdicts.Any(static all => all.Any(static v => v.Status == MarginStatus.Unknown)))
        {
            throw new InvalidOperationException("Some accounts of the markets in memory can't be judged, so the times would say nothing.");
        }

        if (given.Text("export") is { } file)
        {
            Export(markets, verdicts, file, given.Number("some", 2_000) / markets.Length);
            return;
        }

        // Rounds last some milliseconds each; before they count, the compiler has had the time to do its best.
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started).TotalSeconds < 1;)
        {
            JudgeAll(markets, slots, verdicts);
        }

        var times = new double[Rounds];
        for (var i = 0; i < Rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            JudgeAll(markets, slots, verdicts);
            times[i] = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{slots.Sum(static all => all.Length) / times[Rounds / 2]:F0}"));
    }

    private static void JudgeAll(MorphoMarketInMemory[] markets, int[][] slots, Verdict[][] verdicts)
    {
        for (var i = 0; i < markets.Length; i++)
        {
            markets[i].Protocol.JudgeMany(slots[i], markets[i].Header, new Instant(MorphoMarketInMemory.Now), verdicts[i]);
        }
    }

    private static void Export(MorphoMarketInMemory[] markets, Verdict[][] verdicts, string file, int some)
    {
        using var stream = File.Create(file);
        JsonSerializer.Serialize(stream, new
        {
            now = MorphoMarketInMemory.Now,
            markets = markets.Select((market, m) => new
            {
                lltv = market.Parameters.Lltv.ToString(),
                price = market.Price.ToString(),
                totalSupplyAssets = Text(market.Totals.SupplyAssets),
                totalSupplyShares = Text(market.Totals.SupplyShares),
                totalBorrowAssets = Text(market.Totals.BorrowAssets),
                totalBorrowShares = Text(market.Totals.BorrowShares),
                lastUpdate = market.Totals.LastUpdate,
                fee = Text(market.Totals.Fee),
                rateAtTarget = market.RateAtTarget.ToString(),
                accounts = market.Positions.Take(some).Select((position, a) => new
                {
                    borrowShares = Text(position.BorrowShares),
                    collateral = Text(position.Collateral),
                    healthy = verdicts[m][a].Status == MarginStatus.Healthy,
                    health = verdicts[m][a].HealthFactor.ToString(),
                }),
            }),
        });
    }

    private static string Text(UInt128 value) => value.ToString(CultureInfo.InvariantCulture);
}
