using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Tests.Protocols;
using DefiMonitor.Tests.Simulation;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>A log that can't be decoded: what the chain has is read again, whatever the log was about, and nobody else goes blind for it.</summary>
public sealed class DistrustTests
{
    private const ulong Moved = 700_000_000;

    /// <summary>More than a number of the toy market holds.</summary>
    private static Log Bad => ToyLogs.Debt(Toy.User(1), true, 1, 0) with { Data = new byte[64].Concat(Enumerable.Repeat(byte.MaxValue, 32)).ToArray() };

    public static TheoryData<string> Flavours() => [.. ProtocolFixtures.All.Select(static f => $"{f.Family}, {f.Flavour}")];

    [Theory]
    [MemberData(nameof(Flavours))]
    public void Every_family_reads_again_what_it_does_not_believe_and_undoes_that_with_the_block(string flavour)
    {
        var market = ProtocolFixtures.All.Single(f => $"{f.Family}, {f.Flavour}" == flavour).Make(3);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        for (var i = 0; i < 12; i++)
        {
            market.Mine();
            run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        }

        var before = run.Dump();
        run.Protocol.Distrust();
        run.Protocol.IsOpen.ShouldBeFalse();
        market.Owners.ShouldAllBe(owner => !run.Protocol.HasEntered(run.Protocol.AccountOf(owner)));
        run.Take(market.Header, [], market.Owners, isHead: true);
        foreach (var owner in market.Owners)
        {
            var state = run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header);
            run.Protocol.Evaluate(state, new Instant(market.Header.Timestamp), Shock.None).NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(owner));
        }

        run.Undo();
        run.Dump().ShouldBe(before);
    }

    [Fact]
    public async Task It_is_passed_over_and_everybody_of_its_market_is_read_again_at_that_block()
    {
        var other = new DeploymentId("toy", LoopBench.Chain, "second");
        await using var bench = await LoopBench.CreateAsync(protocols: [new ToyProtocol(LoopBench.Id), new ToyProtocol(other)]);
        await bench.BlockAsync();
        MineBad(bench, Bad);
        await SettleAsync(bench);

        bench.Loop.IsSettled.ShouldBeTrue();
        ((ToyProtocol)bench.Protocols[0]).Debt(Toy.User(1)).ShouldBe(Moved, "read again, for no log told it");
        (await bench.AlertAsync(1)).ShouldNotBeNull().Level.ShouldBe(AlertLevel.Danger);

        // A crash meets the log again, and the disk has the truth once its block is final.
        await bench.RestartAsync();
        await SettleAsync(bench);
        ((ToyProtocol)bench.Protocols[0]).Debt(Toy.User(1)).ShouldBe(Moved);
        for (var i = 0; i < 12; i++)
        {
            await bench.BlockAsync();
        }

        (await bench.Store.CheckpointAsync(LoopBench.Chain)).ShouldNotBeNull().Number.ShouldBeGreaterThan(bench.Head.Number - 12);
        await bench.RestartAsync();
        await bench.StepAsync();
        bench.Loop.IsSettled.ShouldBeTrue();
        ((ToyProtocol)bench.Protocols[0]).Debt(Toy.User(1)).ShouldBe(Moved);
        bench.Loop.Vitals.BlindSince.ShouldBeNull();
    }

    [Fact]
    public async Task What_only_the_node_garbled_is_fetched_anew_and_costs_nobody_anything()
    {
        await using var bench = await LoopBench.CreateAsync();
        await bench.BlockAsync();
        Log[] logs = [Bad];
        MineBad(bench, logs);
        await bench.StepAsync();
        bench.Loop.IsSettled.ShouldBeFalse();
        logs[0] = ToyLogs.Debt(Toy.User(1), true, Moved - ((ToyProtocol)bench.Protocols[0]).Debt(Toy.User(1))!.Value, 0);
        var opened = 0;
        var answer = bench.Node.Node.OnCall;
        bench.Node.Node.OnCall = (call, block) =>
        {
            opened += ToyCalls.Kind(call) == ToyCall.Assets ? 1 : 0;
            return answer(call, block);
        };
        await SettleAsync(bench);
        ((ToyProtocol)bench.Protocols[0]).Debt(Toy.User(1)).ShouldBe(Moved);
        bench.Loop.IsSettled.ShouldBeTrue();
        opened.ShouldBe(0, "the market was never closed");
    }

    [Fact]
    public async Task Fetching_it_anew_is_called_blind_and_not_dead()
    {
        await using var bench = await LoopBench.CreateAsync();
        await bench.BlockAsync();
        MineBad(bench, Bad);
        await bench.StepAsync();
        bench.Loop.Vitals.BlindReason.ShouldNotBeNull().ShouldContain("can't be decoded");
        bench.Loop.Vitals.LoopStopped.ShouldBeNull();
    }

    [Fact]
    public async Task A_loop_that_stopped_runs_again_when_a_step_came_through_and_not_when_it_was_started()
    {
        await using var bench = await LoopBench.CreateAsync();
        await bench.BlockAsync();
        await bench.Loop.BrokenAsync("the bug", CancellationToken.None);
        await bench.Loop.StartAsync(CancellationToken.None);
        bench.Loop.Vitals.LoopStopped.ShouldBe("the bug");
        await bench.StepAsync();
        bench.Loop.Vitals.LoopStopped.ShouldBeNull();
        (await bench.Store.LoopAsync(bench.Loop.Name)).ShouldNotBeNull().Beat.ShouldNotBeNull().Unhealthy.ShouldBeNull();
    }

    private static void MineBad(LoopBench bench, params Log[] logs)
    {
        var state = bench.Node.StateAt(bench.Head);
        state = state with { Debts = state.Debts.SetItem(Toy.User(1), Moved) };
        bench.Mine(_ => state);
        bench.Node.Take(new ToyTick(1, [new ToyBlock(12, logs, state)], Math.Min(8, bench.Head.Number - 100), Outage.None));
    }

    private static async Task SettleAsync(LoopBench bench)
    {
        for (var i = 0; i < 6; i++)
        {
            await bench.StepAsync();
        }
    }
}
