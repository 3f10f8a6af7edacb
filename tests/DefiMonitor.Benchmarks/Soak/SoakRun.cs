using System.Diagnostics;
using System.Globalization;
using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Tests.Alerts;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.Benchmarks.Soak;

/// <summary>
/// Hours of the real loops over the real adapter and the real store on disk, in lock step with a chain in this process:
/// <c>soak [--minutes N] [--accounts N] [--blocks-per-second N] [--warm-up MINUTES]</c>. A line a minute; at the end how memory moved. Ctrl-C ends it early, with the verdict so far.
/// </summary>
internal sealed class SoakRun : IAsyncDisposable
{
    // What counts as flat, in MB an hour: 24 MB a day of what is held, and of the process a little more, which the collector's moods move.
    private const double HeapBound = 1;
    private const double ResidentBound = 4;

    private readonly int rate;
    private readonly string database;
    private readonly SteadyChain chain;
    private readonly SqlStore store;
    private readonly MonitorMetrics metrics = new();
    private readonly StageTimes times = new();
    private readonly ChainFollower follower;
    private readonly ChainLoop loop;
    private readonly OutboxLoop outbox;
    private readonly WatchLoop watch;
    private readonly List<(double Hours, double Heap, double Resident)> memory = [];

    private int judged;
    private int told;
    private int behind;
    private bool fresh;

    private SoakRun(int people, int rate, string database, SqlStore store)
    {
        (this.rate, this.database, this.store) = (rate, database, store);
        var time = TimeProvider.System;
        chain = new SteadyChain(people, time);
        var protocol = chain.Market.NewProtocol();
        var client = new EvmClient(chain);
        var judge = new Judge(RuleBook.Default, Samples.Shipped);
        var states = new JudgedStates();
        follower = new ChainFollower(client, new ChainFollowerOptions(), time);
        loop = new ChainLoop(
            new ChainLoopOptions
            {
                Chain = protocol.Id.Chain, ChainName = "fake", EnterPerBlock = people, NextBlockSeconds = 1, Watch = [.. chain.Market.Owners.Select(static owner => new WatchedOwner(owner, null))],
            },
            new ChainLoopParts
            {
                Protocols = [protocol],
                Client = client,
                Follower = follower,
                Store = store,
                Judge = judge,
                Route = static _ => [Bin.SinkName],
                Metrics = metrics,
                Time = time,
                Logger = NullLogger.Instance,
                Remember = states.Remember,
                Told = () => fresh = true,
                Judged = Take,
            });
        var confirmer = new ChainConfirmer(new Dictionary<ChainId, ConfirmingChain> { [protocol.Id.Chain] = new(new EvmClient(chain), states) });
        outbox = new OutboxLoop(store, [new Bin()], confirmer, AlertJson.Encode, new OutboxOptions(), time, metrics);
        watch = new WatchLoop(new WatchLoopParts { Chains = [() => loop.Vitals], Store = store, Judge = judge, Route = static _ => [Bin.SinkName], Metrics = metrics, Time = time });
    }

    public static async Task RunAsync(string[] args)
    {
        var given = new Arguments(args);
        var minutes = given.Number("minutes", 24 * 60);
        var warmUp = given.Number("warm-up", Math.Max(1, Math.Min(180, minutes / 4)));
        var folder = Directory.CreateTempSubdirectory("defimonitor-soak-").FullName;
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        try
        {
            var path = Path.Combine(folder, "monitor.db");
            await using var opened = await SqlStore.OpenAsync(new SqlStoreOptions { Path = path });
            await using var run = new SoakRun(given.Number("accounts", 10_000), given.Number("blocks-per-second", 4), path, opened);
            await run.RunAsync(TimeSpan.FromMinutes(minutes), stop.Token);
            Environment.ExitCode = run.Conclude(warmUp) ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await follower.DisposeAsync();
        times.Dispose();
        metrics.Dispose();
    }

    private async Task RunAsync(TimeSpan length, CancellationToken stop)
    {
        await loop.StartAsync(CancellationToken.None);
        await outbox.StartAsync(CancellationToken.None);
        await watch.StartAsync(CancellationToken.None);
        var began = Stopwatch.GetTimestamp();
        var line = 1;
        for (var block = 0L; ; block++)
        {
            var due = TimeSpan.FromSeconds((double)block / rate);
            var late = Stopwatch.GetElapsedTime(began) - due;
            behind = Math.Max(behind, (int)(late.TotalSeconds * rate));
            if (late < TimeSpan.Zero)
            {
                await Task.Delay(-late, CancellationToken.None);
            }

            await BlockAsync(isSecond: block % rate == 0);
            var passed = Stopwatch.GetElapsedTime(began);
            if (passed >= TimeSpan.FromMinutes(line))
            {
                await PrintAsync(line++, passed);
            }

            if (passed >= length || stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    // In step, because the market answers with its state of now: the confirmation asks while the block that was judged is the newest.
    private async Task BlockAsync(bool isSecond)
    {
        chain.Mine();
        await loop.StepAsync(CancellationToken.None);
        if (isSecond)
        {
            await watch.StepAsync(CancellationToken.None);
        }

        if (fresh || isSecond)
        {
            fresh = false;
            await outbox.DrainAsync(CancellationToken.None);
        }
    }

    private void Take(JudgedBlock block)
    {
        judged++;
        told += block.Transitions.Count;
        if (block.Unread.Count > 0)
        {
            throw new InvalidOperationException($"Block {block.Head.Ref} could not be read: {block.Unread[0].Reason}.");
        }
    }

    private async Task PrintAsync(int minute, TimeSpan passed)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        var (heap, resident) = (GC.GetTotalMemory(false) / 1048576.0, Environment.WorkingSet / 1048576.0);
        memory.Add((passed.TotalHours, heap, resident));
        var health = await store.OutboxHealthAsync(CancellationToken.None);
        var size = new[] { database, database + "-wal" }.Where(File.Exists).Sum(static f => new FileInfo(f).Length) / 1048576.0;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"minute={minute} judged={judged} told={told} behind_most={behind} heap_mb={heap:F1} rss_mb={resident:F1} outbox_due={health.Sum(static h => h.Due)} outbox_dead={health.Sum(static h => h.Dead)} db_mb={size:F1}{times.Take()}"));
        (judged, told, behind) = (0, 0, 0);
    }

    /// <summary>False when memory grows.</summary>
    private bool Conclude(int warmUp)
    {
        var after = memory.Where(m => m.Hours * 60 >= warmUp).ToList();
        if (after.Count < 3)
        {
            Console.WriteLine($"Only {after.Count} lines after the {warmUp} minutes of warm-up: nothing can be said about memory.");
            return true;
        }

        var heap = Trend.Of([.. after.Select(static m => (m.Hours, m.Heap))]);
        var resident = Trend.Of([.. after.Select(static m => (m.Hours, m.Resident))]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"lines={after.Count} heap_mb_per_h={heap.Slope:F2} (+-{2 * heap.Error:F2}, {heap.Against(HeapBound)} against {HeapBound}) rss_mb_per_h={resident.Slope:F2} (+-{2 * resident.Error:F2}, {resident.Against(ResidentBound)} against {ResidentBound})"));
        return heap.Against(HeapBound) != "grows" && resident.Against(ResidentBound) != "grows";
    }

    /// <summary>Takes every message.</summary>
    private sealed class Bin : IAlertSink
    {
        public const string SinkName = "bin";

        public string Name => SinkName;

        public bool KeepsEverything => true;

        public IReadOnlyList<RateLimit> Limits => [];

        public Task<SinkResult> SendAsync(SinkMessage message, CancellationToken cancellationToken) => Task.FromResult<SinkResult>(new SinkResult.Sent());
    }
}
