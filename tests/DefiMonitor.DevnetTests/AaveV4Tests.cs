using System.Diagnostics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Protocols.AaveV4;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

/// <summary>
/// The adapter in the real loop against our own stand-in for Aave V4, whose contracts are on no registry: an implementation of the same formulas in another language, by
/// the specification alone. What ran beside the real ones stands in the adapter's README.
/// </summary>
public sealed class AaveV4Tests(ITestOutputHelper output)
{
    private const int People = 12;
    private const int Steps = 150;

    [Fact]
    public async Task Folding_events_alone_equals_the_contract_at_every_block_of_a_random_walk()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.AaveV4, People, seed: 3);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var accounts = devnet.Accounts.Select(protocol.AccountOf).ToList();
        accounts.ShouldAllBe(account => protocol.HasEntered(account));
        protocol.Forget();

        var watch = Stopwatch.StartNew();
        var random = new Random(4);
        var deeds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (equations, below) = (0, 0);
        for (var step = 0; step < Steps; step++)
        {
            var dt = random.Next(6) == 0 ? 3_600 + random.Next(1_500_000) : 12;
            var done = await devnet.DoAsync(new { cmd = "randomStep", seed = 100 + step, actions = 6, volatility = 0.05, dt });
            foreach (var deed in done.GetProperty("deeds").EnumerateArray().Where(static d => d.GetProperty("ok").GetBoolean()))
            {
                var name = deed.GetProperty("deed").GetString()!;
                deeds[name] = deeds.GetValueOrDefault(name) + 1;
            }

            await chain.FollowToAsync(DevnetBlock.Read(done.GetProperty("block")));
            var answers = await chain.Client.CallAsync([.. accounts.SelectMany(protocol.Confirm)], chain.Head, CancellationToken.None);
            foreach (var account in accounts)
            {
                var state = protocol.Capture(account, chain.Head);
                var agreement = protocol.Compare(state, answers.Results);
                agreement.Kind.ShouldBe(AgreementKind.Equal, $"{account} at {chain.Head.Ref}, step {step}: {agreement.Text}");
                var report = protocol.Evaluate(state, new Instant(chain.Head.Timestamp), Shock.None);
                report.NativeWords.ShouldBe(agreement.Chain);
                report.IsBelowEdge.ShouldBe(agreement.ChainSaysLiquidatable!.Value);
                below += report.IsBelowEdge ? 1 : 0;
            }

            equations += await Equations.HoldAsync(chain, $"step {step}: {done.GetProperty("deeds")}");
        }

        output.WriteLine($"{Steps * People:N0} accounts compared in {watch.Elapsed.TotalSeconds:0.0} s, {below} of them liquidatable: {string.Join(", ", deeds.Select(static d => $"{d.Key} {d.Value}"))}");
        string[] needed =
        [
            "addKey", "borrow", "changeKey", "liquidationCall", "repay", "setUsingAsCollateral", "supply", "updateUserDynamicConfig", "updateUserRiskPremium", "withdraw",
        ];
        needed.Except(deeds.Keys).ShouldBeEmpty();
        deeds["liquidationCall"].ShouldBeGreaterThanOrEqualTo(10);
        below.ShouldBeGreaterThan(20);
        (protocol.Snapshots + protocol.AccountReads).ShouldBe(0, "accounts were read, not folded");
        chain.Tally.Unreadable.ShouldBe(0);
        equations.ShouldBe(4 * Steps);
    }

    [Fact]
    public async Task At_the_price_that_we_name_liquidationCall_goes_through_and_one_unit_beside_it_reverts()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.AaveV4, 2 * People, seed: 9);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var tried = new Dictionary<EdgeSide, int>();
        foreach (var owner in devnet.Accounts)
        {
            var state = (AaveV4State)protocol.Capture(protocol.AccountOf(owner), chain.Head);
            if (protocol.Evaluate(state, new Instant(chain.Head.Timestamp), Shock.None).Triggers is not [{ Active: false } trigger])
            {
                continue;
            }

            var collateral = state.Reserves.First(static reserve => reserve.Position.IsCollateral && reserve.Position.SuppliedShares != 0);
            var debt = state.Reserves.First(static reserve => reserve.Position.DrawnShares != 0);
            foreach (var edge in trigger.Edges)
            {
                var feed = state.Reserves.First(reserve => reserve.Asset == edge.Asset).PriceSource.ToString();
                var safe = edge.Side == EdgeSide.Falls ? edge.Price + UInt256.One : edge.Price - UInt256.One;
                var there = await devnet.TryAsync(Liquidate(edge.Price));
                there.GetProperty("ok").GetBoolean().ShouldBeTrue($"{owner} at {edge}: {there}");
                (await devnet.TryAsync(Liquidate(safe))).GetProperty("error").GetString().ShouldBe("HealthFactorNotBelowThreshold", $"{owner} beside {edge}");
                tried[edge.Side] = tried.GetValueOrDefault(edge.Side) + 1;

                object Liquidate(UInt256 price) =>
                    new { cmd = "tryLiquidate", user = owner.ToString(), collateral = (int)collateral.Id, debt = (int)debt.Id, feed, price = price.ToString(), shares = "1000" };
            }
        }

        output.WriteLine(string.Join(", ", tried.Select(static pair => $"{pair.Key}: {pair.Value} edges tried on both sides")));
        tried.GetValueOrDefault(EdgeSide.Falls).ShouldBeGreaterThan(10);
        tried.GetValueOrDefault(EdgeSide.Rises).ShouldBeGreaterThan(5);
    }

    private static async Task<FollowedChain> StartAsync(VenueDevnet devnet)
    {
        var chain = await FollowedChain.StartAsync(devnet.Settings, devnet.Client, devnet.Accounts.Select(static a => new WatchedOwner(a, a.ToHex())));
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine" })).GetProperty("block")));
        return chain;
    }
}
