using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

public sealed class CheckEndpointTests : IDisposable
{
    private readonly ConfigFolder folder = new();

    [Fact]
    public async Task A_good_node_is_told_to_be_good_with_the_calls_a_day_that_it_will_cost()
    {
        var (code, json) = await CheckAsync(Fresh(n => n.Finalized = 150));
        code.ShouldBe(ExitCode.Ok);
        Check(json, "chain-id").ShouldBe(("ok", "eip155:1"));
        Check(json, "pin").Text.ShouldStartWith("strong");
        Check(json, "finalized").Text.ShouldContain("block 150");
        Check(json, "head").Status.ShouldBe("ok");
        var calls = json.GetProperty("calls")[0];
        calls.GetProperty("mode").GetString().ShouldBe("follow");
        calls.GetProperty("callsPerDay").GetInt64().ShouldBeGreaterThan(14_400);
    }

    [Fact]
    public async Task The_wrong_chain_is_told_with_both_names()
    {
        var (code, json) = await CheckAsync(Fresh(n => n.ChainId = 10));
        code.ShouldBe(ExitCode.Found);
        Check(json, "chain-id").Text.ShouldContain("it serves eip155:10, and ethereum is eip155:1");
    }

    [Fact]
    public async Task A_node_that_does_not_follow_block_hashes_is_weak()
    {
        var (code, json) = await CheckAsync(Fresh(n => n.RefusesBlockHash = true));
        code.ShouldBe(ExitCode.Ok);
        Check(json, "pin").ShouldSatisfyAllConditions(c => c.Status.ShouldBe("warning"), c => c.Text.ShouldStartWith("weak"));
    }

    [Fact]
    public async Task A_node_that_answers_with_the_state_of_another_block_is_refused()
    {
        var node = Fresh(n => (n.IgnoresBlockHash, n.IgnoresBlockNumber) = (true, true));
        node.Fault = batch =>
        {
            // A block comes in between every question: only a node that pins its answers can be right.
            node.Mine();
            return NodeFault.None;
        };
        var (code, json) = await CheckAsync(node);
        code.ShouldBe(ExitCode.Found);
        Check(json, "pin").Status.ShouldBe("failed");
    }

    [Fact]
    public async Task The_log_range_that_a_node_allows_is_found_out()
    {
        var (_, json) = await CheckAsync(Fresh(n => n.MaxLogRange = 10));
        Check(json, "log-range").Text.ShouldStartWith("10 blocks at once");
    }

    [Fact]
    public async Task A_chain_without_multicall_and_without_finality_is_warned_about()
    {
        var (code, json) = await CheckAsync(Fresh(n => (n.Multicall, n.Finalized) = (null, null)));
        code.ShouldBe(ExitCode.Ok);
        Check(json, "multicall").Status.ShouldBe("warning");
        Check(json, "finalized").Text.ShouldContain("64 blocks below the head");
    }

    [Fact]
    public async Task A_head_that_has_grown_old_is_warned_about()
    {
        var (_, json) = await CheckAsync(new FakeNode(firstTimestamp: 1_700_000_000));
        Check(json, "head").ShouldSatisfyAllConditions(c => c.Status.ShouldBe("warning"), c => c.Text.ShouldContain("behind"));
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_exit_code_3_and_keeps_its_key_secret()
    {
        var run = new Run { Environment = { ["NODE"] = "http://127.0.0.1:1/v2/very-secret-key" } };
        folder.With("chains/ethereum.json", """{ "name": "ethereum", "chainId": "eip155:1", "endpoints": ["${NODE}"], "nextBlockSeconds": 12 }""");
        (await run.VerbAsync(CheckVerb.Create, "check", "--config", folder.Root)).ShouldBe(ExitCode.Node);
        run.Out.ShouldContain("127.0.0.1");
        (run.Out + run.Error).ShouldNotContain("very-secret-key");
    }

    [Fact]
    public async Task Whether_a_node_tells_its_pending_transactions_is_found_out_where_they_are_wanted()
    {
        var (_, json) = await CheckAsync(Fresh(static n => n.Pool = []), "\"pending\": true,");
        Check(json, "pending").Status.ShouldBe("ok");
        (_, json) = await CheckAsync(Fresh(static _ => { }), "\"pending\": true,");
        Check(json, "pending").ShouldSatisfyAllConditions(static c => c.Status.ShouldBe("warning"), static c => c.Text.ShouldContain("offers no pending transactions"));
        (_, json) = await CheckAsync(Fresh(static _ => { }));
        json.GetProperty("endpoints")[0].GetProperty("checks").EnumerateArray().ShouldNotContain(static c => c.GetProperty("name").GetString() == "pending");
    }

    [Fact]
    public async Task A_free_plan_is_watched_in_watch_list_mode_within_its_calls()
    {
        var (_, json) = await CheckAsync(Fresh(_ => { }), "\"callsPerDay\": 5000,");
        var calls = json.GetProperty("calls")[0];
        calls.GetProperty("mode").GetString().ShouldBe("fresh");
        calls.GetProperty("callsPerDay").GetInt64().ShouldBeLessThanOrEqualTo(5000);
        calls.GetProperty("nearLookSeconds").GetDouble().ShouldBeLessThan(calls.GetProperty("lookSeconds").GetDouble());
    }

    public void Dispose() => folder.Dispose();

    private static FakeNode Fresh(Action<FakeNode> change)
    {
        var node = new FakeNode(firstTimestamp: (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 1200);
        node.MineMany(100);
        change(node);
        return node;
    }

    private static (string Status, string Text) Check(JsonElement json, string name)
    {
        var check = json.GetProperty("endpoints")[0].GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        return (check.GetProperty("status").GetString()!, check.GetProperty("text").GetString()!);
    }

    private async Task<(int Code, JsonElement Json)> CheckAsync(FakeNode node, string more = "")
    {
        await using var http = await HttpNode.StartAsync(node);
        folder.With("chains/ethereum.json", $$"""{ "name": "ethereum", "chainId": "eip155:1", "endpoints": ["{{http.Url}}"], {{more}} "nextBlockSeconds": 12 }""");
        var run = new Run();
        var code = await run.VerbAsync(CheckVerb.Create, "check", "--json", "--config", folder.Root);
        using var document = JsonDocument.Parse(run.Out);
        return (code, document.RootElement.Clone());
    }
}
