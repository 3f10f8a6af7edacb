using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Verbs;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

/// <summary>One owner on two chains, each a market in memory behind a node of its own.</summary>
public sealed class ShowLedgerTests : IDisposable
{
    private const double Close = 1e-6;

    private readonly ConfigFolder folder = new();

    [Fact]
    public async Task One_owner_on_two_chains_is_one_ledger()
    {
        await using var a = await FakeAaveNode.StartAsync(31337, seed: 1);
        await using var b = await FakeAaveNode.StartAsync(31338, seed: 2);
        FakeAaveNode.Configure(folder, ("a", 31337, a.Http.Url), ("b", 31338, b.Http.Url));
        b.Aave.NextBlock(7);
        b.Node.MineAfter(7);
        var (code, json, text) = await ShowAsync(a);
        code.ShouldBe(ExitCode.Ok, text);
        json.GetProperty("chains").GetArrayLength().ShouldBe(2);
        json.GetProperty("ledger").GetProperty("skewSeconds").GetInt32().ShouldBe(7);
        var legs = json.GetProperty("ledger").GetProperty("legs").EnumerateArray().ToList();
        legs.ShouldAllBe(static l => l.GetProperty("status").GetString() == "known");
        legs.Select(static l => l.GetProperty("venue").GetString()).Distinct().ShouldBe(["aave-v3/eip155:31337/core", "wallet", "aave-v3/eip155:31338/core"]);

        // Each leg is the report's own, and the sums are those of the legs.
        var positions = json.GetProperty("chains").EnumerateArray().SelectMany(static c => c.GetProperty("accounts").EnumerateArray())
            .SelectMany(static x => x.GetProperty("report").GetProperty("positions").EnumerateArray()).Select(static p => p.GetProperty("amount").GetString());
        legs.Where(static l => l.GetProperty("venue").GetString() != "wallet").Select(static l => l.GetProperty("amount").GetString()).ShouldBe(positions);
        var sum = legs.Sum(static l => l.GetProperty("value").GetDouble() * (l.GetProperty("side").GetString() == "debt" ? -1 : 1));
        Net(json.GetProperty("ledger").GetProperty("whole")).ShouldBe(sum, Close);
        json.GetProperty("ledger").GetProperty("byChain").EnumerateArray().Sum(static c => Net(c.GetProperty("summary"))).ShouldBe(sum, Close);
        json.GetProperty("chains")[0].GetProperty("allowances").EnumerateArray().ShouldAllBe(static x => x.GetProperty("amount").GetString() == "5");
        text.ShouldContain("ledger of");
        text.ShouldContain("nearest     aave-v3/");
    }

    [Fact]
    public async Task A_chain_that_hangs_delays_no_other_and_is_unknown()
    {
        await using var a = await FakeAaveNode.StartAsync(31337, seed: 1);
        await using var b = await FakeAaveNode.StartAsync(31338, seed: 2);
        FakeAaveNode.Configure(folder, ("a", 31337, a.Http.Url), ("b", 31338, b.Http.Url));
        b.Slow.Hang();
        var (code, json, text) = await ShowAsync(a, "--wait", "15");
        code.ShouldBe(ExitCode.Node);
        json.GetProperty("chains")[0].GetProperty("accounts")[0].GetProperty("agreement").GetString().ShouldBe("equal");
        json.GetProperty("chains")[1].GetProperty("unreadable").GetString().ShouldNotBeNull();
        var ledger = json.GetProperty("ledger");
        ledger.GetProperty("whole").GetProperty("net").GetProperty("state").GetString().ShouldBe("unknown");
        ledger.GetProperty("whole").GetProperty("net").GetProperty("value").ValueKind.ShouldBe(JsonValueKind.Null);
        ledger.GetProperty("byChain")[0].GetProperty("summary").GetProperty("net").GetProperty("state").GetString().ShouldBe("known");
        ledger.GetProperty("nearest").GetProperty("status").GetString().ShouldBe("unknown");
        text.ShouldContain("nearest     UNKNOWN");
    }

    [Fact]
    public async Task A_chain_whose_head_stands_still_counts_for_nothing_and_its_legs_are_shown()
    {
        await using var a = await FakeAaveNode.StartAsync(31337, seed: 1);
        FakeAaveNode.Configure(folder, ("a", 31337, a.Http.Url));
        var (code, json, _) = await ShowAsync(a, new FixedClock(a.Node.Head.Timestamp + 3_600));
        code.ShouldBe(ExitCode.Node, "figures an hour old are no answer");
        json.GetProperty("chains")[0].GetProperty("stale").GetString().ShouldNotBeNull();
        var ledger = json.GetProperty("ledger");
        ledger.GetProperty("whole").GetProperty("assets").GetProperty("state").GetString().ShouldBe("unknown");
        ledger.GetProperty("legs").EnumerateArray().ShouldAllBe(static l => l.GetProperty("amount").ValueKind == JsonValueKind.String);
    }

    [Fact]
    public async Task What_changed_since_the_report_that_a_monitor_filed_is_told()
    {
        await using var a = await FakeAaveNode.StartAsync(31337, seed: 1);
        FakeAaveNode.Configure(folder, ("a", 31337, a.Http.Url));
        var data = Path.Combine(folder.Root, "data");
        Directory.CreateDirectory(data);
        var account = new MarginAccountId(new DeploymentId("aave-v3", new ChainId(31337), "core"), a.Aave.Owners[0].ToHex());
        await using (var store = await MonitorDatabase.OpenAsync(data, CancellationToken.None))
        {
            // It had nothing then.
            var filed = new MarginReport { Account = account, Block = a.Node.Head, At = new Instant(a.Node.Head.Timestamp), Status = MarginStatus.Healthy };
            var at = DateTimeOffset.FromUnixTimeSeconds((long)a.Node.Head.Timestamp);
            await store.CommitAsync(await store.ClaimAsync("test"), new JudgementCommit { At = at, Reports = [new ReportRow(filed, AlertLevel.None, null, at)] });
        }

        var run = new Run { Time = new FixedClock(a.Node.Head.Timestamp + 3) };
        (await run.VerbAsync(ShowVerb.Create, "show", a.Aave.Owners[0].ToString(), "--config", folder.Root, "--data", data, "--json")).ShouldBe(ExitCode.Ok, run.Error);
        var json = JsonDocument.Parse(run.Out).RootElement;
        var change = json.GetProperty("changes").EnumerateArray().ShouldHaveSingleItem();
        change.GetProperty("account").GetString().ShouldBe(account.ToString());
        change.GetProperty("since").GetProperty("hash").GetString().ShouldBe(a.Node.Head.Hash.ToString());
        var positions = json.GetProperty("chains")[0].GetProperty("accounts")[0].GetProperty("report").GetProperty("positions").GetArrayLength();
        change.GetProperty("legs").EnumerateArray().Count(static l => l.GetProperty("before").GetString() == "0").ShouldBe(positions);
        positions.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_database_that_can_not_be_opened_takes_no_figure_away()
    {
        await using var a = await FakeAaveNode.StartAsync(31337, seed: 1);
        FakeAaveNode.Configure(folder, ("a", 31337, a.Http.Url));
        var data = Path.Combine(folder.Root, "data");
        Directory.CreateDirectory(data);
        await File.WriteAllTextAsync(MonitorDatabase.PathIn(data), "this is no database, but long enough to look like one");
        var run = new Run { Time = new FixedClock(a.Node.Head.Timestamp + 3) };
        (await run.VerbAsync(ShowVerb.Create, "show", a.Aave.Owners[0].ToString(), "--config", folder.Root, "--data", data)).ShouldBe(ExitCode.Ok, run.Error);
        run.Error.ShouldContain("nothing is compared with the last report");
        run.Out.ShouldContain("ledger of");
    }

    [Fact]
    public async Task An_ens_name_needs_a_chain_that_knows_names()
    {
        await using var a = await FakeAaveNode.StartAsync(31337, seed: 1);
        FakeAaveNode.Configure(folder, ("a", 31337, a.Http.Url));
        var run = new Run();
        (await run.VerbAsync(ShowVerb.Create, "show", "alice.eth", "--config", folder.Root)).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("ensRegistry");
        run = new Run();
        (await run.VerbAsync(ShowVerb.Create, "show", "al\u0456ce.eth", "--config", folder.Root)).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("a to z");
    }

    public void Dispose() => folder.Dispose();

    private static double Net(JsonElement summary) => summary.GetProperty("net").GetProperty("value").GetDouble();

    private Task<(int Code, JsonElement Json, string Text)> ShowAsync(FakeAaveNode node, params string[] more) => ShowAsync(node, new FixedClock(node.Node.Head.Timestamp + 3), more);

    private async Task<(int Code, JsonElement Json, string Text)> ShowAsync(FakeAaveNode node, TimeProvider clock, params string[] more)
    {
        var who = node.Aave.Owners[0].ToString();
        var data = Path.Combine(folder.Root, "no-data");
        var run = new Run { Time = clock };
        var code = await run.VerbAsync(ShowVerb.Create, ["show", who, "--config", folder.Root, "--data", data, "--json", .. more]);
        var text = new Run { Time = clock };
        (await text.VerbAsync(ShowVerb.Create, ["show", who, "--config", folder.Root, "--data", data, .. more])).ShouldBe(code);
        return (code, JsonDocument.Parse(run.Out).RootElement, text.Out);
    }
}
