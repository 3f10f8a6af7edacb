using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
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
        await using var walk = await VenueWalk.StartAsync(VenueDevnet.AaveV4, People, seed: 3);
        var equations = 0;
        await walk.WalkAsync(
            Steps, new Pace(Seed: 4, Actions: 6, Volatility: 0.05, GapOneIn: 6, LongestGap: 1_500_000), block: async what => equations += await Equations.HoldAsync(walk.Chain, what));

        output.WriteLine($"{walk}");
        string[] needed =
        [
            "addKey", "borrow", "changeKey", "liquidationCall", "repay", "setUsingAsCollateral", "supply", "updateUserDynamicConfig", "updateUserRiskPremium", "withdraw",
        ];
        needed.Except(walk.Deeds.Keys).ShouldBeEmpty();
        walk.Deeds["liquidationCall"].ShouldBeGreaterThanOrEqualTo(10);
        walk.Below.ShouldBeGreaterThan(20);
        walk.ShouldHaveFolded();
        equations.ShouldBe(4 * Steps);
    }

    [Fact]
    public async Task At_the_price_that_we_name_liquidationCall_goes_through_and_one_unit_beside_it_reverts()
    {
        await using var walk = await VenueWalk.StartAsync(VenueDevnet.AaveV4, 2 * People, seed: 9);
        var (protocol, trials) = (walk.Protocol, new EdgeTrials<EdgeSide>(walk.Devnet));
        foreach (var owner in walk.Devnet.Accounts)
        {
            var state = (AaveV4State)protocol.Capture(protocol.AccountOf(owner), walk.Head);
            if (protocol.Evaluate(state, new Instant(walk.Head.Timestamp), Shock.None).Triggers is not [{ Active: false } trigger])
            {
                continue;
            }

            var collateral = state.Reserves.First(static reserve => reserve.Position.IsCollateral && reserve.Position.SuppliedShares != 0);
            var debt = state.Reserves.First(static reserve => reserve.Position.DrawnShares != 0);
            foreach (var edge in trigger.Edges)
            {
                var feed = state.Reserves.First(reserve => reserve.Asset == edge.Asset).PriceSource.ToString();
                var safe = edge.Side == EdgeSide.Falls ? edge.Price + UInt256.One : edge.Price - UInt256.One;
                await trials.TryAsync(edge.Side, Liquidate(edge.Price), Liquidate(safe), $"{owner} at {edge}", "HealthFactorNotBelowThreshold");

                object Liquidate(UInt256 price) =>
                    new { cmd = "tryLiquidate", user = owner.ToString(), collateral = (int)collateral.Id, debt = (int)debt.Id, feed, price = price.ToString(), shares = "1000" };
            }
        }

        output.WriteLine($"{trials}");
        trials.Of(EdgeSide.Falls).ShouldBeGreaterThan(10);
        trials.Of(EdgeSide.Rises).ShouldBeGreaterThan(5);
    }
}
