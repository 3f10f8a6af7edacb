using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;

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
