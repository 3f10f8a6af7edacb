using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Tests.Engine.Discovery;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

public sealed class DiscoverVerbTests : IDisposable
{
    private const string Prefix = "morpho-blue/eip155:1/ours/";

    private readonly ConfigFolder config = new ConfigFolder()
        .With("protocols/morpho-blue.json", $$"""
            { "deployments": [ { "chain": "eip155:1", "name": "ours", "morpho": "{{BorrowedChain.Morpho}}", "adaptiveCurveIrm": "0x870aC11D48B15DB9a138Cf899d20F13F79Ba00BC",
              "marketId": "{{BorrowedChain.Market}}", "startBlock": 100, "source": "a test" } ] }
            """)
        .Only("morpho-blue");

    private readonly string data = Directory.CreateTempSubdirectory("defimonitor-discover-").FullName;

    [Fact]
    public async Task It_says_the_cost_first_finds_everybody_and_goes_on_where_it_stood()
    {
        var node = BorrowedChain.Node(900);
        node.Finalized = 900;
        var (code, json, run) = await JsonAsync(node);
        code.ShouldBe(ExitCode.Ok);
        run.Error.ShouldContain("801 of blocks 100 to 900 to read");
        run.Error.ShouldContain("JSON-RPC calls");
        Accounts(json).ShouldBe(BorrowedChain.Borrowers(100, 1_000).Select(a => Prefix + a), "those of blocks that are not final yet included");

        node.MineMany(100);
        node.Finalized = 1_000;
        (code, json, run) = await JsonAsync(node);
        code.ShouldBe(ExitCode.Ok);
        run.Error.ShouldContain("100 of blocks 100 to 1,000 to read");
        Accounts(json).ShouldBe(BorrowedChain.Borrowers(100, 1_100).Select(a => Prefix + a));
    }

    [Fact]
    public async Task A_dry_run_says_the_cost_and_reads_nothing_more()
    {
        var node = BorrowedChain.Node(900);
        node.Finalized = 900;
        var (code, json, _) = await JsonAsync(node, "--dry-run");
        code.ShouldBe(ExitCode.Ok);

        // What it takes to tell the cost: a trial of a few pages, and not the range.
        node.Requests.Count(static r => r.Method == "eth_getLogs").ShouldBeInRange(1, 6);
        var plan = json.GetProperty("plan")[0];
        plan.GetProperty("blocks").GetInt32().ShouldBe(801);
        json.GetProperty("calls").GetInt32().ShouldBe(plan.GetProperty("calls").GetInt32());
        File.Exists(Path.Combine(data, "defimonitor.db")).ShouldBeTrue();
        (await JsonAsync(node, "--dry-run")).Json.GetProperty("plan")[0].GetProperty("blocks").GetInt32().ShouldBe(801);
    }

    [Fact]
    public async Task Blocks_that_no_endpoint_serves_are_listed_and_the_exit_code_tells()
    {
        var node = BorrowedChain.Node(900);
        node.Finalized = 1_000;
        node.PrunedBelow = 400;
        var (code, json, run) = await JsonAsync(node);
        code.ShouldBe(ExitCode.Node);
        var gap = json.GetProperty("covered")[0].GetProperty("unserved")[0];
        (gap.GetProperty("first").GetInt32(), gap.GetProperty("last").GetInt32()).ShouldBe((100, 399));
        run.Error.ShouldContain("blocks 100 to 399 were NOT read");
        run.Error.ShouldContain("pruned history unavailable");
        Accounts(json).ShouldBe(BorrowedChain.Borrowers(400, 1_000).Select(a => Prefix + a));
    }

    [Fact]
    public async Task When_the_calls_of_a_day_are_spent_what_was_read_is_kept_and_the_same_command_goes_on()
    {
        config.With("chains/ethereum.json", """{ "name": "ethereum", "chainId": "eip155:1", "nextBlockSeconds": 12, "callsPerDay": 100, "logRange": 10 }""");
        var node = BorrowedChain.Node(900);
        node.Finalized = 1_000;
        var (code, json, run) = await JsonAsync(node);
        code.ShouldBe(ExitCode.Node);
        run.Error.ShouldContain("more than the 100 calls a day");
        run.Error.ShouldContain("the same command goes on from there");
        for (var again = 0; again < 3 && code != ExitCode.Ok; again++)
        {
            (code, json, run) = await JsonAsync(node);
        }

        code.ShouldBe(ExitCode.Ok, run.Error);
        Accounts(json).ShouldBe(BorrowedChain.Borrowers(100, 1_000).Select(a => Prefix + a));
    }

    [Theory]
    [InlineData("5000", "is not there yet; the newest is 1000")]
    public async Task A_start_that_is_not_there_is_told(string from, string words)
    {
        var (code, _, run) = await JsonAsync(BorrowedChain.Node(900), "--from", from);
        code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(words);
    }

    [Fact]
    public async Task Accounts_of_a_file_need_no_search_and_go_on_the_watch_list()
    {
        var owner = "0x" + new string('1', 40);
        var other = "0x" + new string('2', 40);
        var file = Write($"# ours\n\n{owner},12.5,a note\n{Prefix}{other}\n{owner}\n");
        var run = new Run();
        (await run.VerbAsync(DiscoverVerb.Create, "discover", "--chain", "ethereum", "--accounts", file, "--watch", "--config", config.Root, "--data", data)).ShouldBe(ExitCode.Ok);
        run.Out.ShouldBe($"{Prefix}{owner}\n{Prefix}{other}\n");
        run.Error.ShouldContain("2 accounts, 2 of them new on the watch list");
        await using var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = Path.Combine(data, "defimonitor.db") });
        var candidates = new List<(string, string)>();
        await store.LoadCandidatesAsync(new(1), c => candidates.Add((c.Account.ToString(), c.Source)));
        candidates.ShouldBe([(Prefix + owner, "import"), (Prefix + other, "import")]);
    }

    [Theory]
    [InlineData("0x12\n", ":1: ", "0x12")]
    [InlineData("# a\nbob\n", ":2: 'bob' is no account", "morpho-blue/eip155:1/ours/0x")]
    [InlineData("aave-v3/eip155:1/core/0x1111111111111111111111111111111111111111\n", "no deployment 'aave-v3/eip155:1/core'", "it has morpho-blue/eip155:1/ours")]
    [InlineData("morpho-blue/eip155:1/ours/0x12\n", ":1: ", "hex digits")]
    [InlineData("\n# nobody\n", "it names no account of morpho-blue/eip155:1/ours", "")]
    public async Task A_line_that_is_no_account_is_told_by_its_number(string text, string words, string more)
    {
        var run = new Run();
        (await run.VerbAsync(DiscoverVerb.Create, "discover", "--chain", "ethereum", "--accounts", Write(text), "--config", config.Root, "--data", data)).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(words);
        run.Error.ShouldContain(more);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told()
    {
        var run = new Run();
        (await run.VerbAsync(DiscoverVerb.Create, "discover", "--chain", "ethereum", "--accounts", Path.Combine(data, "none"), "--config", config.Root, "--data", data)).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("the file can't be read");
    }

    public void Dispose()
    {
        config.Dispose();
        Directory.Delete(data, recursive: true);
    }

    private static IEnumerable<string> Accounts(JsonElement json) => json.GetProperty("accounts").EnumerateArray().Select(a => a.GetString()!);

    private string Write(string text)
    {
        var path = Path.Combine(data, "accounts.txt");
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<(int Code, JsonElement Json, Run Run)> JsonAsync(FakeNode node, params string[] more)
    {
        await using var http = await HttpNode.StartAsync(node);
        var run = new Run();
        var code = await run.VerbAsync(DiscoverVerb.Create, ["discover", "--rpc", http.Url, "--config", config.Root, "--data", data, "--json", .. more]);
        return (code, run.Out.Length > 0 ? JsonDocument.Parse(run.Out).RootElement : default, run);
    }
}
