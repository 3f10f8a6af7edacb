using System.Diagnostics;
using System.Globalization;
using DefiMonitor.Benchmarks.Blocks;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;

namespace DefiMonitor.Benchmarks.Start;

/// <summary>
/// A start from the disk: <c>start --make FILE [--accounts N]</c> writes the database, <c>start --open FILE</c>, in a process of its own, opens it and judges.
/// </summary>
internal static class StartRow
{
    private const int MoreBlocks = 5;

    public static async Task RunAsync(string[] args)
    {
        var given = new Arguments(args);
        var world = new SmallWorld();
        if (given.Text("make") is { } made)
        {
            var started = Stopwatch.GetTimestamp();
            await LargeDatabase.MakeAsync(world, made, given.Number("accounts", 1_000_000));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"made_s={Stopwatch.GetElapsedTime(started).TotalSeconds:F1} database_mb={new FileInfo(made).Length / 1048576}"));
        }
        else
        {
            await OpenAsync(world, given.Text("open") ?? throw new ArgumentException("start: write --make FILE or --open FILE."), given.Number("accounts", 1_000_000));
        }
    }

    private static async Task OpenAsync(SmallWorld world, string path, int expected)
    {
        // The block after the one that the database stands at.
        world.Mine();
        var node = new TimedTransport(world.Node);
        using var metrics = new MonitorMetrics();
        var before = Memory.Held();
        var started = Stopwatch.GetTimestamp();
        var worked = Environment.CpuUsage.TotalTime;
        await using var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = path });
        JudgedBlock? judged = null;
        await using var run = new Watched(world.Market, node, metrics) { Discovering = true }.Over(store, block => judged = block);
        await run.Loop.StartAsync(CancellationToken.None);
        var loaded = Stopwatch.GetElapsedTime(started);
        while (judged is null)
        {
            await run.Loop.StepAsync(CancellationToken.None);
        }

        var first = Stopwatch.GetElapsedTime(started) - node.Spent;
        var work = Environment.CpuUsage.TotalTime - worked;
        var spent = node.Spent;
        var looked = judged.Accounts.Count;
        var peak = Memory.Peak;
        var held = Memory.Held();
        var accounts = run.Loop.Vitals.Accounts;
        var balances = (double)run.Protocol.Tables.Single(static t => t.Name == "balance").Count;
        if (accounts != expected || judged.Unread.Count > 0 || balances != SmallWorld.LegsEach * (double)accounts)
        {
            throw new InvalidOperationException(
                $"{accounts} accounts with {balances} balances were loaded and {judged.Unread.Count} markets not read; {expected} were to be, with {SmallWorld.LegsEach} each.");
        }

        var later = new double[MoreBlocks];
        for (var i = 0; i < MoreBlocks; i++)
        {
            world.Mine();
            (judged, node.Spent) = (null, TimeSpan.Zero);
            var began = Stopwatch.GetTimestamp();
            await run.Loop.StepAsync(CancellationToken.None);
            later[i] = (Stopwatch.GetElapsedTime(began) - node.Spent).TotalMilliseconds;
            if (judged is not { Unread.Count: 0 })
            {
                throw new InvalidOperationException("A block after the start was not judged whole, so the figures would say nothing.");
            }
        }

        Array.Sort(later);
        var (heap, resident) = (held.Heap - before.Heap, held.Resident - before.Resident);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"accounts={accounts} positions={balances:F0} loaded_s={loaded.TotalSeconds:F2} judged_s={first.TotalSeconds:F2} processor_s={work.TotalSeconds:F2} node_s={spent.TotalSeconds:F2} looked_at={looked} next_ms={later[MoreBlocks / 2]:F0} heap_mb={heap / 1048576.0:F0} heap_per_position={heap / balances:F0} heap_per_account={heap / (double)accounts:F0} resident_mb={resident / 1048576.0:F0} resident_per_position={resident / balances:F0} peak_mb={peak / 1048576.0:F0}"));
        GC.KeepAlive(run);
    }
}
