using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Tests.Simulation;

namespace DefiMonitor.Tests.Engine.Loops;

public sealed class ReconcilerTests
{
    [Fact]
    public async Task Everybody_is_compared_in_turn_and_the_coverage_says_so()
    {
        await using var bench = await LoopBench.CreateAsync(static o => o with
        {
            ComparePerBlock = 2, Watch = [.. Enumerable.Range(0, 30).Select(static u => new WatchedOwner(Toy.User(u), null))],
        });
        await bench.BlockAsync();
        Coverage(bench.Metrics).ShouldBeLessThan(0.5);
        for (var i = 0; i < 30; i++)
        {
            bench.Node.Node.Requests.Clear();
            await bench.BlockAsync();
            bench.Node.Node.Requests.Count(static r => r.Method == "eth_call").ShouldBe(1, "comparisons ride in the one call");
        }

        Coverage(bench.Metrics).ShouldBe(1);
    }

    [Fact]
    public async Task Everybody_of_every_market_has_his_turn()
    {
        var second = new DeploymentId("toy", LoopBench.Chain, "second");
        await using var bench = await LoopBench.CreateAsync(
            static o => o with { ComparePerBlock = 4, Watch = [.. Enumerable.Range(0, 30).Select(static u => new WatchedOwner(Toy.User(u), null))] },
            [new ToyProtocol(LoopBench.Id), new ToyProtocol(second)]);
        for (var i = 0; i < 60; i++)
        {
            await bench.BlockAsync();
        }

        Coverage(bench.Metrics).ShouldBe(1);
    }

    [Fact]
    public async Task Metrics_tell_a_fork_and_how_deep_it_was()
    {
        await using var bench = await LoopBench.CreateAsync();
        var depths = new ConcurrentBag<long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == bench.MeterName && instrument.Name == "defimonitor_reorg_depth")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => depths.Add(value));
        listener.Start();
        await bench.BlockAsync();
        await bench.BlockAsync();
        await bench.BlockAsync();
        var state = bench.Node.StateAt(bench.Head);
        bench.Node.Take(new ToyTick(2, [new(12, [], state), new(12, [], state), new(12, [], state)], 3, Outage.None));
        await bench.StepAsync();
        depths.ShouldContain(2);
        bench.Loop.Tally.Reorgs.ShouldBe(1);
        bench.Loop.Tally.DeepestReorg.ShouldBe(2);
        bench.Loop.IsSettled.ShouldBeTrue();
        bench.Metrics.Chain("eip155:1").CheckpointLag.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Bulk_judging_tells_what_judging_everybody_tells()
    {
        for (ulong seed = 1; seed <= 12; seed++)
        {
            var script = new ToyScript(seed, 20);
            var atHand = (int)(seed % 3);
            await using var everybody = await ToyRun.CreateAsync(script);
            await using var bulk = await ToyRun.CreateAsync(script, options: o => o with { FullPassAccounts = 0, FarPerBlock = 1, MemoriesAtHand = atHand });
            await everybody.RunAsync();
            await bulk.RunAsync();
            (await LevelsAsync(bulk)).ShouldBe(await LevelsAsync(everybody), $"seed {seed}");
        }
    }

    // The words differ: who is far is looked at less often, so that a change is measured from another block.
    private static async Task<List<string>> LevelsAsync(ToyRun run) =>
        [.. (await run.ToldAsync()).Where(static t => t.Contains($" {Rules.Distance} ") || t.Contains($" {Rules.Liquidated} ")).Select(static t => t[..t.IndexOf(": ", StringComparison.Ordinal)])];

    private static double Coverage(MonitorMetrics metrics) => metrics.Chain("eip155:1").CoverageRatio;
}
