using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.DevnetTests.Harness;

namespace DefiMonitor.DevnetTests;

public sealed class ShowTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Show_equals_the_contract()
    {
        await using var devnet = await Devnet.StartAsync(accounts: 20, seed: 31);
        await devnet.MineAsync(new { cmd = "randomStep", seed = 1, actions = 6, volatility = 0.05, dt = 7_200 });
        var withDebt = 0;
        foreach (var account in devnet.Accounts)
        {
            var output = new StringWriter();
            var error = new StringWriter();
            var code = await CommandLineProgram.RunAsync(
                ["show", account.Address.ToString(), "--rpc", devnet.Rpc, "--config", devnet.ConfigDir, "--json"],
                new Terminal { Out = output, Error = error, Environment = static _ => null },
                [ShowVerb.Create],
                CancellationToken.None);
            code.ShouldBe(ExitCode.Ok, $"{account.Name}: {error}");
            withDebt += Check(output.ToString(), account);
        }

        withDebt.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task Show_as_a_process_equals_the_contract()
    {
        await using var devnet = await Devnet.StartAsync(accounts: 2, seed: 32);
        foreach (var account in devnet.Accounts)
        {
            await using var program = ChildProcess.Start(
                "show", "dotnet", [Repository.Program, "show", account.Address.ToString(), "--rpc", devnet.Rpc, "--config", devnet.ConfigDir, "--json"], Path.GetTempPath());
            var (code, lines) = await program.FinishAsync(Patience);
            code.ShouldBe(ExitCode.Ok, program.Complaints);
            Check(string.Join('\n', lines), account);
        }
    }

    /// <summary>1 when the account owes something.</summary>
    private static int Check(string json, DevnetAccount account)
    {
        using var document = JsonDocument.Parse(json);
        var chain = document.RootElement.GetProperty("chains").EnumerateArray().ShouldHaveSingleItem();
        chain.GetProperty("failures").GetArrayLength().ShouldBe(0);
        var accounts = chain.GetProperty("accounts").EnumerateArray().ToList();
        accounts.Count.ShouldBe(2);
        foreach (var shown in accounts)
        {
            shown.GetProperty("agreement").GetString().ShouldBe("equal", $"{account.Name}: {shown.GetProperty("difference")}");
            shown.GetProperty("ours").EnumerateObject().Count().ShouldBe(6);
            shown.GetProperty("ours").GetRawText().ShouldBe(shown.GetProperty("chainsOwn").GetRawText());
        }

        var own = accounts.Single(a => a.GetProperty("account").GetString()!.Contains($"/{account.Market}/", StringComparison.Ordinal));
        own.GetProperty("hasPosition").GetBoolean().ShouldBeTrue();
        return own.GetProperty("healthFactor").ValueKind == JsonValueKind.Null ? 0 : 1;
    }
}
