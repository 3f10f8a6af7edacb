using DefiMonitor.Core.Alerts;
using DefiMonitor.Tests.Simulation;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>Watch-list mode: no block's logs are folded, every look reads everything afresh.</summary>
public sealed class FreshModeTests
{
    [Fact]
    public async Task Every_look_tells_how_the_accounts_stand_now_for_a_handful_of_calls()
    {
        await using var bench = await Fresh();
        await bench.BlockAsync();
        bench.Judged.Count.ShouldBe(1);
        (await bench.AlertAsync(0)).ShouldNotBeNull().Level.ShouldBe(AlertLevel.Warning);

        bench.Node.Node.Requests.Clear();
        for (var i = 0; i < 5; i++)
        {
            await bench.BlockAsync(LoopBench.Price(950_000));
        }

        bench.Judged.Count.ShouldBe(2, "one look a minute");
        bench.Node.Node.Requests.Count.ShouldBeLessThanOrEqualTo(8);
        bench.Node.Node.Requests.ShouldNotContain(r => r.Method == "eth_getLogs");

        // What moved between two looks, without our hearing of it, is in the next one.
        for (var i = 0; i < 5; i++)
        {
            await bench.BlockAsync(null, i == 0 ? [ToyLogs.Debt(Toy.User(1), true, 600_000_000, 0)] : []);
        }

        (await bench.AlertAsync(1)).ShouldNotBeNull().Level.ShouldBe(AlertLevel.Liquidatable);
    }

    [Fact]
    public async Task An_alert_of_a_block_that_was_undone_between_two_looks_is_retracted()
    {
        await using var bench = await Fresh();
        await bench.BlockAsync();
        for (var i = 0; i < 5; i++)
        {
            await bench.BlockAsync(LoopBench.Price(700_000));
        }

        (await bench.AlertAsync(1)).ShouldNotBeNull().IsOpen.ShouldBeTrue();
        var before = bench.Node.StateAt(bench.Node.Node.Canonical[^6].Header);
        bench.Node.Take(new ToyTick(5, [.. Enumerable.Range(0, 10).Select(_ => new ToyBlock(12, [], before))], 8, Outage.None));
        await bench.StepAsync();
        (await bench.Store.TransitionsOfAsync((await bench.AlertAsync(1))!.AlertId))[^1].Transition.Kind.ShouldBe(TransitionKind.Retracted);
    }

    private static Task<LoopBench> Fresh() => LoopBench.CreateAsync(static o => o with { FreshEvery = TimeSpan.FromSeconds(60), ComparePerBlock = 2 });
}
