using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;

namespace DefiMonitor.DevnetTests;

public sealed class MarketTests
{
    [Fact]
    public async Task A_market_of_real_contracts_is_whole_and_lacks_exactly_who_is_left_out()
    {
        await using var devnet = await Devnet.StartAsync(accounts: 12, seed: 41);
        await devnet.MineAsync(new { cmd = "randomStep", seed = 1, actions = 6, volatility = 0.05, dt = 7_200 });
        var file = Path.Combine(devnet.ConfigDir, "accounts.txt");
        foreach (var market in new[] { Devnet.Core302, Devnet.Core36 })
        {
            await File.WriteAllLinesAsync(file, devnet.Accounts.Select(static a => a.Address.ToString()));
            using (var whole = await RunAsync(devnet, market, file, ExitCode.Ok))
            {
                whole.RootElement.GetProperty("completeness").GetProperty("holds").GetBoolean().ShouldBeTrue();
                whole.RootElement.GetProperty("accounts").GetArrayLength().ShouldBeGreaterThan(2);
                whole.RootElement.GetProperty("oracles").EnumerateArray().ShouldAllBe(static o => o.GetProperty("ageSeconds").GetInt64() >= 0);
                var now = whole.RootElement.GetProperty("now");
                var fallen = whole.RootElement.GetProperty("curve").EnumerateArray().Last().GetProperty("market");
                UInt256.Parse(fallen.GetProperty("collateralValue").GetString()!).ShouldBeLessThan(UInt256.Parse(now.GetProperty("collateralValue").GetString()!));
            }

            // Who owes most is left out.
            var reading = await devnet.ReadAsync((await devnet.Client.GetHeadAsync(CancellationToken.None)));
            var most = reading.Where(r => r.Account.Deployment.Name == market).MaxBy(static r => r.AtBlock.DebtValue)!;
            await File.WriteAllLinesAsync(file, devnet.Accounts.Select(static a => a.Address.ToString()).Where(a => !most.Account.Key.Equals(a, StringComparison.OrdinalIgnoreCase)));
            using var lacking = await RunAsync(devnet, market, file, ExitCode.Disagreement);
            var outside = lacking.RootElement.GetProperty("completeness").GetProperty("equations").EnumerateArray()
                .ToDictionary(static e => e.GetProperty("asset").GetString()!, static e => e.GetProperty("outside").GetString());
            foreach (var leg in most.AtBlock.Positions.Where(static p => p.Side == Core.Portfolio.PositionSide.Debt))
            {
                outside[leg.Asset.ToString()].ShouldBe(leg.Shares.ToString(), leg.Symbol);
                outside.Remove(leg.Asset.ToString());
            }

            outside.Values.ShouldAllBe(static units => units == "0");
        }
    }

    private static async Task<JsonDocument> RunAsync(Devnet devnet, string market, string file, int expected)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var code = await CommandLineProgram.RunAsync(
            ["market", market, "--accounts", file, "--shock", "ETH=-20%", "--rpc", devnet.Rpc, "--config", devnet.ConfigDir, "--json"],
            new Terminal { Out = output, Error = error, Environment = static _ => null },
            [MarketVerb.Create],
            CancellationToken.None);
        code.ShouldBe(expected, $"{market}: {error}");
        return JsonDocument.Parse(output.ToString());
    }
}
