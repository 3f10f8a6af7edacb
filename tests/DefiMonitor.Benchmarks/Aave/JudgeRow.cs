using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Benchmarks.Aave;

/// <summary>
/// Exact judging on one core: <c>judge [--accounts N] [--export FILE --some N]</c>. Prints accounts a second; with <c>--export</c> writes the market, some of
/// its accounts outside e-mode and our health factors for the peer instead.
/// </summary>
internal static class JudgeRow
{
    private const int Rounds = 15;

    public static void Run(string[] args)
    {
        var given = new Arguments(args);
        var market = AaveMarketInMemory.Build(accounts: given.Number("accounts", 100_000));
        var slots = market.Accounts.Select(market.Protocol.SlotOf).ToArray();
        var verdicts = new Verdict[slots.Length];
        var at = new Instant(market.Header.Timestamp);
        market.Protocol.JudgeMany(slots, market.Header, at, verdicts);
        if (verdicts.Any(static v => v.Status == MarginStatus.Unknown))
        {
            throw new InvalidOperationException("Some accounts of the market in memory can't be judged, so the times would say nothing.");
        }

        if (given.Text("export") is { } file)
        {
            Export(market, verdicts, file, given.Number("some", 2_000));
            return;
        }

        var times = new double[Rounds];
        for (var i = 0; i < Rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            market.Protocol.JudgeMany(slots, market.Header, at, verdicts);
            times[i] = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{slots.Length / times[Rounds / 2]:F0}"));
    }

    private static void Export(AaveMarketInMemory market, Verdict[] verdicts, string file, int some)
    {
        var accounts = Enumerable.Range(0, verdicts.Length).Where(i => market.EModes[i] == 0).Take(some).ToHashSet();
        var positions = market.Positions.Where(p => accounts.Contains(p.Account)).ToLookup(static p => p.Account);
        using var stream = File.Create(file);
        JsonSerializer.Serialize(stream, new
        {
            now = AaveMarketInMemory.Now,
            reserves = market.Reserves.Select(static r => new
            {
                id = r.Id,
                decimals = r.Decimals,
                price = Text(r.Price),
                liquidityIndex = r.LiquidityIndex.ToString(CultureInfo.InvariantCulture),
                liquidityRate = r.LiquidityRate.ToString(CultureInfo.InvariantCulture),
                borrowIndex = r.BorrowIndex.ToString(CultureInfo.InvariantCulture),
                borrowRate = r.BorrowRate.ToString(CultureInfo.InvariantCulture),
                lastUpdate = r.LastUpdate,
                threshold = r.Threshold,
                ltv = r.Ltv,
            }),
            accounts = accounts.Order().Select(a => new
            {
                health = verdicts[a].HealthFactor.ToString(),
                positions = positions[a].Select(static p => new { reserve = p.Reserve, debt = p.IsDebt, scaled = p.Scaled.ToString(CultureInfo.InvariantCulture) }),
            }),
        });
    }

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
