using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Simulation;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>A market of which something could not be read keeps back what is said of itself, and of no other.</summary>
public sealed class WholeMarketTests
{
    [Fact]
    public async Task One_that_does_not_open_keeps_nothing_of_the_others_back()
    {
        await using var bench = await LoopBench.CreateAsync(
            static o => o with { FullPassAccounts = 0, FarPerBlock = 0, ComparePerBlock = 0 }, [new ToyProtocol(LoopBench.Id), new ClosedProtocol(new DeploymentId("closed", LoopBench.Chain, "market"))]);
        for (var i = 0; i < 15; i++)
        {
            await bench.BlockAsync();
        }

        bench.Judged.Clear();
        await bench.BlockAsync(null, ToyLogs.Tuned(7_900, 0), ToyLogs.Liquidated(Toy.User(2), 5, 1));
        bench.Judged[0].Unread.ShouldHaveSingleItem();
        bench.Judged.SelectMany(static b => b.Transitions).Select(static t => (t.Rule, t.Block.Number)).Order().ShouldBe([(Rules.Liquidated, bench.Head.Number), (Rules.Parameters, bench.Head.Number)]);

        // A fork undoes both while it is down.
        var state = bench.Node.StateAt(bench.Head) with { Threshold = 8_000 };
        bench.Node.Take(new ToyTick(1, [new ToyBlock(12, [], state), new ToyBlock(12, [], state)], 8, Outage.None));
        await bench.RestartAsync(protocols: [new ToyProtocol(LoopBench.Id), new ClosedProtocol(new DeploymentId("closed", LoopBench.Chain, "market"))]);
        bench.Judged.Clear();
        await bench.StepAsync();
        bench.Judged.SelectMany(static b => b.Transitions).Select(static t => (t.Rule, t.Kind)).Order().ShouldBe(
            [(Rules.Liquidated, TransitionKind.Retracted), (Rules.Parameters, TransitionKind.Retracted)]);
    }

    [Fact]
    public async Task What_was_to_be_told_of_it_and_is_over_leaves_the_next_its_own_patience()
    {
        await using var bench = await LoopBench.CreateAsync(static o => o with { ComparePerBlock = 0 });
        for (var i = 0; i < 15; i++)
        {
            await bench.BlockAsync();
        }

        // Who borrows now can't be asked for, so what the change does to everybody is not known.
        var borrower = Toy.User(4).ToHex()[2..];
        bench.Node.Node.Fault = batch => batch.Any(r => r.Method == "eth_call" && r.Params.GetRawText().Contains(borrower, StringComparison.OrdinalIgnoreCase)) ? NodeFault.Fail : NodeFault.None;
        await bench.BlockAsync(null, ToyLogs.Debt(Toy.User(4), true, 1_000, 0), ToyLogs.Tuned(7_000, 1));
        Told(bench).ShouldBeEmpty();
        var state = bench.Node.StateAt(bench.Head);
        var calm = state with { Threshold = 8_000 };
        bench.Mine(_ => calm);
        bench.Node.Take(new ToyTick(2, [.. Enumerable.Range(0, 4).Select(_ => new ToyBlock(12, [], calm))], 8, Outage.None));
        await bench.StepAsync();
        for (var i = 0; i < 4; i++)
        {
            await bench.BlockAsync();
        }

        Told(bench).ShouldBeEmpty();
        await bench.BlockAsync(null, ToyLogs.Tuned(7_000, 0));
        for (var i = 0UL; i < bench.Options.MaxReadAgeBlocks; i++)
        {
            Told(bench).ShouldBeEmpty();
            await bench.BlockAsync();
        }

        Told(bench).ShouldHaveSingleItem();
    }

    private static IEnumerable<AlertTransition> Told(LoopBench bench) => bench.Judged.SelectMany(static b => b.Transitions).Where(static t => t.Rule == Rules.Parameters);
}
