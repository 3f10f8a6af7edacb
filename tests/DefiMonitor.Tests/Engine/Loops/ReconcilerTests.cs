using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
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
    public async Task Where_there_are_more_markets_than_comparisons_each_has_its_turn()
    {
        await using var bench = await LoopBench.CreateAsync(
            static o => o with { ComparePerBlock = 2 }, [.. Enumerable.Range(0, 6).Select(static n => new ToyProtocol(n == 0 ? LoopBench.Id : new DeploymentId("toy", LoopBench.Chain, $"market{n}")))]);
        for (var i = 0; i < 40; i++)
        {
            await bench.BlockAsync();
        }

        Coverage(bench.Metrics).ShouldBe(1);
    }

    /// <summary>What differs for good and what nobody can judge keep coming, and the one whose difference is over must be seen all the same, and everybody else.</summary>
    [Fact]
    public async Task What_differs_for_good_starves_neither_another_market_nor_whoever_is_well()
    {
        var second = new DeploymentId("toy", LoopBench.Chain, "second");
        await using var bench = await LoopBench.CreateAsync(
            static o => o with { ComparePerBlock = 4, Watch = [.. Enumerable.Range(0, 30).Select(static u => new WatchedOwner(Toy.User(u), null))] },
            [new ToyProtocol(LoopBench.Id), new ToyProtocol(second)]);

        // The chain says otherwise of three accounts in both markets, and another can't be judged: its price can't be read.
        HashSet<Call> odd = [.. Enumerable.Range(20, 3).Select(static u => ToyCalls.Of(ToyCall.Health, Toy.User(u)))];
        var rest = bench.Node.Node.OnCall!;
        bench.Node.Node.OnCall = (call, at) => odd.Contains(call) ? new CallResult(true, Hash32.FromUInt256(7u).ToArray()) : rest(call, at);
        await bench.BlockAsync(static s => s with
        {
            Listed = s.Listed.Add(Toy.Asset(1)), Prices = s.Prices.Add(Toy.Asset(1), 1), Broken = [Toy.Asset(1)], Legs = s.Legs.SetItem((Toy.User(10), Toy.Asset(1)), 5),
        });
        for (var i = 0; i < 60; i++)
        {
            await bench.BlockAsync();
        }

        bench.Loop.Vitals.Drift.Select(static d => d.Different).ShouldBe([3, 3]);
        bench.Judged[^1].Accounts.Count(static a => a.Worse.Status == MarginStatus.Unknown).ShouldBe(2);
        Coverage(bench.Metrics).ShouldBe(58.0 / 60);

        odd.Remove(ToyCalls.Of(ToyCall.Health, Toy.User(22)));
        for (var i = 0; i < 6; i++)
        {
            await bench.BlockAsync();
        }

        bench.Loop.Vitals.Drift.Select(static d => d.Different).ShouldBe([2, 2]);
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
