using System.Reflection;
using DefiMonitor.App.Api;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Simulation;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>A head on a clock that each part of its way moves on by a time of its own, and what the exporter says of it.</summary>
public sealed class WhereTheTimeGoesTests
{
    private static readonly TimeSpan Node = TimeSpan.FromMilliseconds(40);

    [Fact]
    public async Task The_stages_of_a_head_add_up_to_its_way_from_the_announcement_to_the_decision()
    {
        await using var bench = await SlowAsync();
        using var exporter = new PrometheusExporter(bench.MeterName);
        await bench.BlockAsync(null, ToyLogs.Debt(Toy.User(2), true, 790_000_000, 0));
        (await bench.AlertAsync(2)).ShouldNotBeNull();

        // The answer to the question for the head is the announcement; its logs and its reads are asked for after it.
        var text = exporter.Scrape();
        Ours(text, "follow").ShouldBe("0");
        Waited(text, "follow").ShouldBe("0.04");
        Ours(text, "fold").ShouldBe("0.003");
        Ours(text, "enter").ShouldBe("0");
        Ours(text, "read").ShouldBe("0");
        Waited(text, "read").ShouldBe("0.04");
        Ours(text, "judge").ShouldBe("0.006");
        Ours(text, "commit").ShouldBe("0.007");
        text.ShouldNotContain("defimonitor_block_node_seconds_sum{network=\"eip155:1\",stage=\"judge\"}");
        text.ShouldContain("defimonitor_head_to_decision_seconds_sum{network=\"eip155:1\"} 0.096\n");
        text.ShouldContain("defimonitor_head_to_decision_seconds_bucket{network=\"eip155:1\",le=\"0.05\"} 0\n");
        text.ShouldContain("defimonitor_head_to_decision_seconds_bucket{network=\"eip155:1\",le=\"0.1\"} 1\n");

        // The chain's own age is another matter: the block was two seconds old when it was asked for.
        text.ShouldContain("defimonitor_block_to_decision_seconds_sum{network=\"eip155:1\"} 2.136\n");
    }

    [Fact]
    public async Task A_head_that_is_judged_at_a_later_try_counts_once_and_from_its_announcement()
    {
        await using var bench = await SlowAsync(finalityEvery: TimeSpan.FromHours(1));
        using var exporter = new PrometheusExporter(bench.MeterName);
        var calls = 0;
        bench.Node.Node.Fault = batch =>
        {
            bench.Time.Advance(Node);
            return batch[0].Method == "eth_call" && calls++ < 2 ? NodeFault.Fail : NodeFault.None;
        };
        await bench.BlockAsync();
        exporter.Scrape().ShouldNotContain("defimonitor_head_to_decision_seconds");

        // Tried twice in vain. A second later it asks for the head, which is no news, and reads.
        await bench.StepAsync();
        var text = exporter.Scrape();
        text.ShouldContain("defimonitor_head_to_decision_seconds_count{network=\"eip155:1\"} 1\n");
        text.ShouldContain("defimonitor_block_stage_seconds_count{network=\"eip155:1\",stage=\"judge\"} 1\n");
        Ours(text, "follow").ShouldBe("1");
        Waited(text, "follow").ShouldBe("0.08");
        Waited(text, "read").ShouldBe("0.12");
        text.ShouldContain("defimonitor_head_to_decision_seconds_sum{network=\"eip155:1\"} 1.206\n");

        await bench.BlockAsync();
        exporter.Scrape().ShouldContain("defimonitor_head_to_decision_seconds_count{network=\"eip155:1\"} 2\n");
    }

    [Fact]
    public async Task What_becomes_final_is_timed_apart()
    {
        await using var bench = await SlowAsync();
        using var exporter = new PrometheusExporter(bench.MeterName);
        for (var i = 0; i < 10; i++)
        {
            await bench.BlockAsync();
        }

        (await bench.Store.CheckpointAsync(LoopBench.Chain)).ShouldNotBeNull().Number.ShouldBeGreaterThan(100ul);
        exporter.Scrape().ShouldMatch("defimonitor_finalized_commit_seconds_count\\{network=\"eip155:1\"\\} [1-9]");
    }

    /// <summary>Three accounts are in. Of what comes next every post takes 40 ms, a log 3 ms, an account's capture 2 ms and the routing of a message 7 ms.</summary>
    private static async Task<LoopBench> SlowAsync(TimeSpan? finalityEvery = null)
    {
        var protocol = DispatchProxy.Create<IProtocol, SlowProtocol>();
        var slow = (SlowProtocol)(object)protocol;
        slow.Inner = new ToyProtocol(LoopBench.Id);
        var follower = new ChainFollowerOptions();
        var bench = await LoopBench.CreateAsync(
            static o => o with { ComparePerBlock = 0 }, [protocol], follower with { FinalityEvery = finalityEvery ?? follower.FinalityEvery });
        await bench.BlockAsync();
        bench.Node.Node.Fault = _ =>
        {
            bench.Time.Advance(Node);
            return NodeFault.None;
        };
        slow.Before = method => bench.Time.Advance(TimeSpan.FromMilliseconds(method switch { nameof(IProtocol.Apply) => 3, nameof(IProtocol.Capture) => 2, _ => 0 }));
        bench.Route = _ =>
        {
            bench.Time.Advance(TimeSpan.FromMilliseconds(7));
            return ["sink"];
        };
        return bench;
    }

    private static string Ours(string text, string stage) => Sum(text, "block_stage", stage);

    private static string Waited(string text, string stage) => Sum(text, "block_node", stage);

    private static string Sum(string text, string name, string stage)
    {
        var before = $"defimonitor_{name}_seconds_sum{{network=\"eip155:1\",stage=\"{stage}\"}} ";
        return text.Split('\n').Single(line => line.StartsWith(before, StringComparison.Ordinal))[before.Length..];
    }
}

#pragma warning disable CA1852 // DispatchProxy derives from it.
internal class SlowProtocol : DispatchProxy
#pragma warning restore CA1852
{
    public IProtocol Inner { get; set; } = null!;

    public Action<string> Before { get; set; } = static _ => { };

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Before(targetMethod!.Name);
        return targetMethod.Invoke(Inner, args);
    }
}
