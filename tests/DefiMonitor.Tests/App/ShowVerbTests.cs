using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

public sealed class ShowVerbTests
{
    [Fact]
    public async Task Accounts_read_from_real_contracts_equal_the_contracts()
    {
        await using var node = await TapeNode.StartAsync();
        var owners = node.Config.Load().Need().Owners;
        owners.Count.ShouldBeGreaterThanOrEqualTo(40);
        foreach (var owner in owners.Where((_, i) => i % 6 == 0))
        {
            var run = new Run();
            var code = await run.VerbAsync(ShowVerb.Create, "show", owner.Name, "--rpc", node.Url, "--config", node.Config.Root, "--json");
            code.ShouldBe(ExitCode.Node, $"the tape's newest block is years old, which is not today's state. {owner.Name}: {run.Error} {run.Out}");
            using var json = JsonDocument.Parse(run.Out);
            foreach (var account in json.RootElement.GetProperty("chains")[0].GetProperty("accounts").EnumerateArray())
            {
                account.GetProperty("agreement").GetString().ShouldBe("equal");
                account.GetProperty("ours").ToString().ShouldBe(account.GetProperty("chainsOwn").ToString());
            }
        }
    }

    [Fact]
    public async Task Markets_without_a_position_are_named_and_nothing_is_claimed_of_them()
    {
        await using var node = await TapeNode.StartAsync();
        var run = new Run();
        (await run.VerbAsync(ShowVerb.Create, "show", "twin-acts", "--rpc", node.Url, "--config", node.Config.Root)).ShouldBe(ExitCode.Node);
        run.Out.ShouldContain("the newest block of devnet is");
        run.Out.ShouldContain("no position in aave-v3/eip155:31337/core302, aave-v3/eip155:31337/core36");
        run.Error.Trim().ShouldBe("reading 2 deployments on devnet");
    }

    [Fact]
    public async Task What_the_node_does_not_answer_is_unknown_and_exit_code_3()
    {
        await using var node = await TapeNode.StartAsync();
        var run = new Run();

        // An address that nobody asked about when the tape was recorded.
        var code = await run.VerbAsync(ShowVerb.Create, "show", "0x2f39d218133afab8f2b819b1066c7e434ad94e9e", "--rpc", node.Url, "--config", node.Config.Root, "--json");
        code.ShouldBe(ExitCode.Node, run.Out);
        run.Out.ShouldNotContain("\"status\": \"healthy\"");
    }

    [Fact]
    public async Task A_paused_reserve_can_not_be_repaid_and_that_is_said()
    {
        await using var node = await FakeAaveNode.StartAsync(31337, seed: 1);
        using var folder = new ConfigFolder();
        FakeAaveNode.Configure(folder, ("a", 31337, node.Http.Url));
        var (owner, debt) = node.Aave.Owners.Select(o => (Owner: o, Debt: node.Aave.Reserves.Find(r => node.Aave.User(o).Configuration.IsBorrowing(r.Id)))).First(static pair => pair.Debt is not null);
        node.Aave.Pause(debt!, on: true);
        var (account, text) = await ShowAsync();
        text.ShouldContain($"  can repay   {debt!.Symbol}: NO; paused: ");
        var repay = account.GetProperty("actions").EnumerateArray().First(a => a.GetProperty("kind").GetString() == "repay" && a.GetProperty("symbol").GetString() == debt.Symbol);
        repay.GetProperty("possible").GetString().ShouldBe("no");
        account.GetProperty("canAct").GetString().ShouldNotBe("no", "there are other reserves");

        node.Aave.Reserves.ForEach(reserve => node.Aave.Pause(reserve, on: true));
        (account, _) = await ShowAsync();
        account.GetProperty("canAct").GetString().ShouldBe("no");

        async Task<(JsonElement Account, string Text)> ShowAsync()
        {
            string[] verb = ["show", owner.ToString(), "--config", folder.Root, "--data", Path.Combine(folder.Root, "none")];
            var json = new Run { Time = new FixedClock(node.Node.Head.Timestamp + 3) };
            (await json.VerbAsync(ShowVerb.Create, [.. verb, "--json"])).ShouldBe(ExitCode.Ok, json.Error);
            var plain = new Run { Time = new FixedClock(node.Node.Head.Timestamp + 3) };
            await plain.VerbAsync(ShowVerb.Create, verb);
            return (JsonDocument.Parse(json.Out).RootElement.GetProperty("chains")[0].GetProperty("accounts")[0], plain.Out);
        }
    }

    [Theory]
    [InlineData("0x2F39d218133AFaB8F2B819B1066c7E434Ad94E9e", "1.5", "wrong checksum")]
    [InlineData("0x2f39d218133afab8f2b819b1066c7e434ad94e9e", "1", "--target")]
    [InlineData("0x2f39d218133afab8f2b819b1066c7e434ad94e9e", "1,5", "--target")]
    [InlineData("vitalik", "1.5", "vitalik")]
    public async Task Wrong_usage_is_told_before_anything_is_asked(string who, string target, string says)
    {
        var run = new Run();
        (await run.VerbAsync(ShowVerb.Create, "show", who, "--target", target, "--rpc", "http://127.0.0.1:1")).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(says);
    }
}
