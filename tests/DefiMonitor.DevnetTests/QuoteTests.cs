using System.Text.Json;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

public sealed class QuoteTests(ITestOutputHelper output)
{
    // As the devnet's configuration says: the quotes are of the earliest second at which a liquidation can land.
    private const ulong NextBlockSeconds = 12;

    // aToken balances are scaled amounts times an index; burning and transferring the fee round once each.
    private const uint RoundingUnits = 2;

    [Fact]
    public async Task The_most_that_a_liquidator_could_take_is_what_the_real_liquidationCall_takes()
    {
        await using var devnet = await Devnet.StartAsync(accounts: 100, seed: 61);
        await devnet.MineAsync(new { cmd = "price", values = new Dictionary<string, string> { ["WETH"] = "2300", ["wstETH"] = "2415", ["WBTC"] = "31000", ["LINK"] = "25" }, dt = 86_400 });
        var tried = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var reading in (await devnet.ReadAsync(await devnet.Client.GetHeadAsync(CancellationToken.None))).Where(static r => r.AtNext.IsBelowEdge))
        {
            reading.AtNext.Blocked.ShouldBeEmpty();
            foreach (var quote in reading.AtNext.Liquidations)
            {
                await TryAsync(devnet, reading, quote);
                tried[reading.Account.Deployment.Name] = tried.GetValueOrDefault(reading.Account.Deployment.Name) + 1;
            }
        }

        output.WriteLine(string.Join(", ", tried.Select(static t => $"{t.Key}: {t.Value} quotes")));
        tried.Keys.ShouldBe([Devnet.Core302, Devnet.Core36]);
        tried.Values.ShouldAllBe(static count => count >= 5);
    }

    /// <summary>Asks for more than there is to be had; what is taken is what was named. The chain is put back afterwards.</summary>
    private static async Task TryAsync(Devnet devnet, AccountReading reading, LiquidationQuote quote)
    {
        var what = $"{reading.Account}, {quote.CollateralSymbol} for {quote.DebtSymbol}";
        var id = await SnapshotAsync(devnet);
        var answer = await LiquidateAsync(devnet, reading, quote, "max");
        if (answer.TryGetProperty("error", out var error) && error.GetString() == "MustNotLeaveDust")
        {
            // Then less than all that the close factor allows is the most.
            await devnet.DoAsync(new { cmd = "revert", id });
            id = await SnapshotAsync(devnet);
            answer = await LiquidateAsync(devnet, reading, quote, quote.DebtToCover.ToString());
        }

        answer.GetProperty("ok").GetBoolean().ShouldBeTrue($"{what}: {answer}");
        var block = DevnetBlock.Read(answer.GetProperty("block"));
        var header = (await devnet.Client.GetHeaderAsync(block.Hash, CancellationToken.None)).ShouldNotBeNull();
        var after = (await devnet.ReadAsync(header)).Single(r => r.Account == reading.Account);
        after.Agreement.Kind.ShouldBe(AgreementKind.Equal, $"{what}: {after.Agreement.Text}");
        Taken(PositionSide.Collateral, quote.CollateralAsset).ShouldBeInRange(Less(quote.CollateralTaken), quote.CollateralTaken + RoundingUnits, what);

        // What was left of a debt without any collateral is written off at once from Aave 3.3 on.
        if (after.AtBlock.Positions.Any(static p => p.Side == PositionSide.Collateral && p.Counts))
        {
            Taken(PositionSide.Debt, quote.DebtAsset).ShouldBeInRange(Less(quote.DebtToCover), quote.DebtToCover + RoundingUnits, what);
        }

        await devnet.DoAsync(new { cmd = "revert", id });

        UInt256 Taken(PositionSide side, Address asset) => AmountOf(reading.AtNext, side, asset) - AmountOf(after.AtBlock, side, asset);

        static UInt256 Less(UInt256 amount) => amount > RoundingUnits ? amount - RoundingUnits : UInt256.Zero;
    }

    private static async Task<string?> SnapshotAsync(Devnet devnet) => (await devnet.DoAsync(new { cmd = "snapshot" })).GetProperty("id").GetString();

    private static Task<JsonElement> LiquidateAsync(Devnet devnet, AccountReading reading, LiquidationQuote quote, string amount) => devnet.TryAsync(new
    {
        cmd = "liquidate",
        market = reading.Account.Deployment.Name,
        collateral = quote.CollateralSymbol,
        debt = quote.DebtSymbol,
        user = reading.Account.Key,
        amount,
        dt = NextBlockSeconds,
    });

    private static UInt256 AmountOf(MarginReport report, PositionSide side, Address asset) =>
        report.Positions.Where(p => p.Side == side && p.Asset == asset).Select(static p => p.Amount).SingleOrDefault();
}
