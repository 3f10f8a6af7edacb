using System.Diagnostics;
using System.Globalization;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Benchmarks.Blocks;

/// <summary>
/// A chain that makes blocks at a steady pace, watched by the real loop over the real adapter and the real store on disk:
/// <c>blocks [--accounts N] [--seconds N] [--rate N]</c>. The node and the market live in this process; their time is set apart.
/// Every price moves at every block by up to 0.1 %, a few people act, one account in fifty is near its edge.
/// </summary>
internal static class BlocksRow
{
    // Aave 3.7, the newest.
    private const ulong Revision = 11;
    private const int WarmUp = 20;

    // What is held is looked at so often; the clock stands still meanwhile.
    private const int Thirds = 3;

    // How often finality is asked for.
    private static readonly TimeSpan FinalityEvery = TimeSpan.FromSeconds(13);

    // People who act in a block.
    private const int Acting = 4;

    public static async Task RunAsync(string[] args)
    {
        var given = new Arguments(args);
        var (people, seconds, rate) = (given.Number("accounts", 100_000), given.Number("seconds", 30), given.Number("rate", 4));
        var folder = Directory.CreateTempSubdirectory("defimonitor-blocks-").FullName;
        try
        {
            await RunAsync(people, seconds, rate, Path.Combine(folder, "monitor.db"));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static async Task RunAsync(int people, int seconds, int rate, string database)
    {
        var market = new FakeAave(Revision, seed: 7, isEmpty: true, people: people);
        var random = new Random(1);
        for (var i = 0; i < people; i++)
        {
            // In the market's own reckoning a debt of 16,000 or so is at the edge.
            market.Supply(market.Owners[i], market.Reserves[i % 2], 20_000);
            market.Borrow(market.Owners[i], market.Reserves[2], (uint)(i % 50 == 0 ? random.Next(11_500, 15_500) : random.Next(1_000, 9_500)));
        }

        // The market lets go of the logs of what was done before.
        market.NextBlock(1);
        var node = new FakeNode(market.Header.Number, market.Header.Timestamp)
        {
            ChainId = 31337, OnCall = (call, _) => market.Answer(call), Finalized = market.Header.Number,
        };
        var timed = new TimedTransport(node);
        using var metrics = new MonitorMetrics();
        var watched = new Watched(market, timed, metrics);
        var before = Memory.Held();
        await using var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = database });
        await using var run = watched.Over(store);
        await RunAsync(run, market, node, timed, before, people, seconds, rate);
    }

    private static async Task RunAsync(WatchedRun run, FakeAave market, FakeNode node, TimedTransport timed, Memory before, int people, int seconds, int rate)
    {
        var (loop, protocol) = (run.Loop, run.Protocol);
        var random = new Random(1);
        await loop.StartAsync(CancellationToken.None);
        for (var i = 0; i < WarmUp; i++)
        {
            // Everybody's rows go to the disk at once when the block in which they entered is final: that is a cost of the start.
            if (i == WarmUp / 2)
            {
                await Task.Delay(FinalityEvery);
            }

            Mine(market, node, random);
            await loop.StepAsync(CancellationToken.None);
        }

        if (market.Owners.Any(owner => !protocol.HasEntered(protocol.AccountOf(owner))))
        {
            throw new InvalidOperationException("Not everybody has entered, so the times would say nothing.");
        }

        (run.Told, run.Judged) = (0, 0);
        timed.Calls = 0;
        node.Requests.Clear();
        var blocks = seconds * rate;
        var ours = new double[blocks];
        var held = new List<Memory>();
        var behind = 0;
        var began = Stopwatch.GetTimestamp();
        var stood = TimeSpan.Zero;
        for (var i = 0; i < blocks; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate);
            var late = Stopwatch.GetElapsedTime(began) - stood - due;
            behind = Math.Max(behind, (int)(late.TotalSeconds * rate));
            if (late < TimeSpan.Zero)
            {
                await Task.Delay(-late);
            }

            Mine(market, node, random);
            timed.Spent = TimeSpan.Zero;
            var started = Stopwatch.GetTimestamp();
            await loop.StepAsync(CancellationToken.None);
            ours[i] = (Stopwatch.GetElapsedTime(started) - timed.Spent).TotalMilliseconds;

            // The node keeps what it was asked; here that would be memory of ours that grows.
            node.Requests.Clear();
            if ((i + 1) % (blocks / Thirds) == 0)
            {
                var stands = Stopwatch.GetTimestamp();
                held.Add(Memory.Held());
                stood += Stopwatch.GetElapsedTime(stands);
            }
        }

        Print(people, blocks, run, timed.Calls, behind, ours, before, held);
    }

    private static void Mine(FakeAave market, FakeNode node, Random random)
    {
        market.NextBlock(1);
        for (var i = 0; i < Acting; i++)
        {
            var user = market.Owners[random.Next(market.Owners.Count)];
            if (random.Next(2) == 0)
            {
                market.Supply(user, market.Reserves[random.Next(2)], (ulong)random.Next(1, 500));
            }
            else
            {
                market.Borrow(user, market.Reserves[2], (ulong)random.Next(1, 100));
            }
        }

        foreach (var reserve in market.Reserves)
        {
            reserve.Price = UInt256.Max(UInt256.One, reserve.Price * (ulong)random.Next(99_900, 100_101) / 100_000u);
        }

        var head = node.MineAfter(market.Header.Timestamp - node.Head.Timestamp, [.. market.Logs]);
        node.Finalized = Math.Max(node.Finalized!.Value, head.Number - 8);
    }

    private static void Print(int people, int blocks, WatchedRun run, int calls, int behind, double[] ours, Memory before, List<Memory> held)
    {
        Array.Sort(ours);
        string Megabytes(Func<Memory, long> of) => string.Join(',', held.Select(one => string.Create(CultureInfo.InvariantCulture, $"{of(one) / 1048576.0:F0}")));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"accounts={people} blocks={blocks} judged={run.Judged} told={run.Told} calls_per_block={(double)calls / blocks:F2} behind_most={behind} p50_ms={ours[blocks / 2]:F1} p99_ms={ours[blocks * 99 / 100]:F1} max_ms={ours[^1]:F1} heap_mb={Megabytes(one => one.Heap - before.Heap)} resident_mb={Megabytes(static one => one.Resident)}"));
    }
}
