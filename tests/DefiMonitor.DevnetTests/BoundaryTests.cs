using System.Diagnostics;
using System.Text.Json;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

public sealed class BoundaryTests(ITestOutputHelper output)
{
    private const int People = 160;

    // Seconds from the newest block to the block in which the liquidation lands: an odd number, so that interest counts.
    private const ulong LandsAfter = 17;

    // Of each market and direction so many are mined for good; all are tried as a call.
    private const int Mined = 6;

    // From 3.3 on a liquidation must leave nothing or enough of both sides (LiquidationLogic, MIN_LEFTOVER_BASE); the health factor was checked before.
    private const string Dust = "MustNotLeaveDust";

    private static readonly Dictionary<string, string> Refusals = new(StringComparer.Ordinal)
    {
        // HEALTH_FACTOR_NOT_BELOW_THRESHOLD in Errors.sol of Aave 3.0.2, and its successor.
        [Devnet.Core302] = "45",
        [Devnet.Core36] = "HealthFactorNotBelowThreshold",
    };

    [Fact]
    public async Task At_the_liquidation_price_that_we_name_the_real_liquidationCall_succeeds_and_one_unit_above_it_reverts()
    {
        await using var devnet = await Devnet.StartAsync(People, seed: 21);

        // Away from the prices of the beginning, and with interest on every leg.
        for (var i = 0; i < 10; i++)
        {
            await devnet.MineAsync(new { cmd = "randomStep", seed = 50 + i, actions = 6, volatility = 0.01, dt = 3_600 });
        }

        var edges = await EdgesAsync(devnet);
        var watch = Stopwatch.StartNew();
        var wrong = new List<string>();
        foreach (var edge in edges)
        {
            Judge(edge, await TryAsync(devnet, edge, edge.Edge.Price), true, "as a call, at the edge", wrong);
            Judge(edge, await TryAsync(devnet, edge, edge.OneUnitSafer), false, "as a call, one unit on the safe side", wrong);
        }

        output.WriteLine($"{edges.Count} edges tried on both sides in {watch.Elapsed.TotalSeconds:0.0} s");
        wrong.ShouldBeEmpty();
        watch.Restart();
        var mined = 0;
        foreach (var group in edges.GroupBy(static e => (e.Market, e.Edge.Side)))
        {
            output.WriteLine($"{group.Key.Market} {group.Key.Side}: {group.Count()} edges of {group.Select(static e => e.Reading.Account).Distinct().Count()} accounts");
            group.Count().ShouldBeGreaterThanOrEqualTo(15, $"too few edges of {group.Key} to say anything");
            foreach (var edge in group.Take(Mined))
            {
                Judge(edge, await MineAsync(devnet, edge, edge.Edge.Price), true, "mined, at the edge", wrong);
                Judge(edge, await MineAsync(devnet, edge, edge.OneUnitSafer), false, "mined, one unit on the safe side", wrong);
                mined++;
            }
        }

        output.WriteLine($"{mined} edges mined on both sides in {watch.Elapsed.TotalSeconds:0.0} s");
        wrong.ShouldBeEmpty();
        mined.ShouldBe(4 * Mined);
    }

    /// <summary>Every price edge that the reports name of both markets' accounts, at the second in which a liquidation lands.</summary>
    private static async Task<List<Attempt>> EdgesAsync(Devnet devnet)
    {
        var settings = devnet.Settings;
        var chain = settings.Followed.Single();
        var protocols = settings.DeploymentsOn(chain.Chain).Select(d => ProtocolFamilies.Create(d, chain)).ToList();
        var head = await devnet.Client.GetHeadAsync(CancellationToken.None);
        var reading = await new OneShotReader(devnet.Client, LandsAfter).ReadAsync(protocols, [.. devnet.Accounts.Select(static a => a.Address)], head, CancellationToken.None);
        reading.Failures.ShouldBeEmpty();
        var edges = new List<Attempt>();
        foreach (var account in reading.Accounts.Where(static a => a.AtNext.HealthFactor is not null))
        {
            account.AtNext.At.Seconds.ShouldBe(head.Timestamp + LandsAfter);
            foreach (var edge in account.AtNext.Triggers.Single(static t => t.Kind == TriggerKind.Liquidation).Edges)
            {
                edges.Add(new Attempt(account, edge, Pick(account.AtNext, PositionSide.Collateral, edge), Pick(account.AtNext, PositionSide.Debt, edge)));
            }
        }

        // A feed that answers nothing is another matter: the oracle then asks its fallback.
        edges.RemoveAll(static e => e.OneUnitSafer.IsZero || e.Edge.Price.IsZero);
        return edges;
    }

    /// <summary>The leg of a side that is worth most when the edge's price is what it names.</summary>
    private static Position Pick(MarginReport report, PositionSide side, PriceEdge edge) => report.Positions
        .Where(p => p.Side == side && !p.Amount.IsZero && (side == PositionSide.Debt || (p.Counts && p.ThresholdBps > 0)))
        .OrderByDescending(p => UInt256.MulDiv(p.Amount, p.Asset == edge.Asset ? edge.Price : p.Price, UInt256.Pow10(p.Decimals), Rounding.Down))
        .First();

    private static async Task<string?> TryAsync(Devnet devnet, Attempt edge, UInt256 price)
    {
        var error = await AskAsync(edge.Amount);
        if (error == Dust)
        {
            edge.Amount = edge.Little;
            error = await AskAsync(edge.Amount);
        }

        return error;

        async Task<string?> AskAsync(string amount) => ErrorOf(await devnet.TryAsync(new
        {
            cmd = "simulateLiquidate",
            market = edge.Market,
            collateral = edge.Collateral.Symbol,
            debt = edge.Debt.Symbol,
            user = edge.Reading.Account.Key,
            amount,
            dt = LandsAfter,
            raws = new Dictionary<string, string> { [edge.Edge.Symbol] = price.ToString() },
        }));
    }

    /// <summary>The feed's update and the liquidation in one block; the chain is put back afterwards.</summary>
    private static async Task<string?> MineAsync(Devnet devnet, Attempt edge, UInt256 price)
    {
        var id = (await devnet.DoAsync(new { cmd = "snapshot" })).GetProperty("id").GetString();
        await devnet.DoAsync(new { cmd = "price", asset = edge.Edge.Symbol, raw = price.ToString(), mine = false });
        var answer = await devnet.TryAsync(new
        {
            cmd = "liquidate",
            market = edge.Market,
            collateral = edge.Collateral.Symbol,
            debt = edge.Debt.Symbol,
            user = edge.Reading.Account.Key,
            amount = edge.Amount,
            dt = LandsAfter,
        });
        await devnet.DoAsync(new { cmd = "revert", id });
        return ErrorOf(answer);
    }

    private static string? ErrorOf(JsonElement answer) =>
        answer.TryGetProperty("error", out var text) ? text.GetString()!.Replace("execution reverted: ", "", StringComparison.Ordinal) : null;

    private static void Judge(Attempt edge, string? error, bool shouldSucceed, string how, List<string> wrong)
    {
        if (shouldSucceed ? error is not null : error != Refusals[edge.Market])
        {
            wrong.Add($"{edge.Reading.Account}: {edge.Edge.Symbol} {edge.Edge.Side} to {edge.Edge.Price} (now {edge.Edge.CurrentPrice}), {edge.Collateral.Symbol} for {edge.Amount} {edge.Debt.Symbol}, {how}: {error ?? "went through"}");
        }
    }

    private sealed record Attempt(AccountReading Reading, PriceEdge Edge, Position Collateral, Position Debt)
    {
        /// <summary>All that can be had, or so little that enough is left of both sides.</summary>
        public string Amount { get; set; } = "max";

        public string Little => (Debt.Amount / 100u).ToString();

        public string Market => Reading.Account.Deployment.Name;

        public UInt256 OneUnitSafer => Edge.Side == EdgeSide.Falls ? Edge.Price + UInt256.One : Edge.Price - UInt256.One;
    }
}
