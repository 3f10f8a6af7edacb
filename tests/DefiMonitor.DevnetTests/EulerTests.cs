using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

/// <summary>The adapter in the real loop against a small Euler v2 of our own, written from its description; the real one is on no registry.</summary>
public sealed class EulerTests(ITestOutputHelper output)
{
    private const int People = 12;
    private const int Steps = 150;

    [Fact]
    public async Task Every_word_equals_the_contract_at_every_block_of_a_random_walk()
    {
        await using var walk = await VenueWalk.StartAsync(VenueDevnet.Euler, People, seed: 5);
        var withDebt = 0;
        await walk.WalkAsync(
            Steps,
            new Pace(Seed: 6, Actions: 5, Volatility: 0.06, GapOneIn: 8, LongestGap: 1_000_000),
            each: at =>
            {
                withDebt += at.Report.HealthFactor is null ? 0 : 1;
                return Task.CompletedTask;
            });

        output.WriteLine($"{walk}; {withDebt} with debt");
        string[] needed =
        [
            "borrow", "deposit", "disableCollateral", "enableCollateral", "liquidate", "pullDebt", "redeem", "repay", "setInterestFee", "setLTV", "touch", "transfer", "updateAnswer",
        ];
        walk.Deeds.Keys.ShouldBe(needed, ignoreOrder: true);
        walk.Deeds["liquidate"].ShouldBeGreaterThan(5);
        walk.Below.ShouldBeGreaterThan(10);
        withDebt.ShouldBeGreaterThan(Steps * People / 2);
        walk.ShouldHaveRead();
    }

    [Fact]
    public async Task At_the_price_that_we_name_liquidate_goes_through_and_one_unit_before_it_reverts()
    {
        await using var walk = await VenueWalk.StartAsync(VenueDevnet.Euler, 2 * People, seed: 8);
        var (protocol, trials) = (walk.Protocol, new EdgeTrials<EdgeSide>(walk.Devnet));
        foreach (var owner in walk.Devnet.Accounts)
        {
            var report = protocol.Evaluate(protocol.Capture(protocol.AccountOf(owner), walk.Head), new Instant(walk.Head.Timestamp), Shock.None);
            foreach (var edge in report.Triggers.SelectMany(static t => t.Edges))
            {
                // A price of 18 decimals; the feed has 8 and its last unit is ten thousand million of ours.
                var step = UInt256.Pow10(10);
                var (there, before) = edge.Side == EdgeSide.Falls ? (edge.Price / step, (edge.Price / step) + UInt256.One) : ((edge.Price + step - UInt256.One) / step, ((edge.Price + step - UInt256.One) / step) - UInt256.One);
                var collateral = report.Positions.First(static p => p.Side == PositionSide.Collateral && p.Counts).Symbol;
                await trials.TryAsync(edge.Side, Liquidate(there), Liquidate(before), $"{owner} at {edge}");

                object Liquidate(UInt256 price) =>
                    new { cmd = "tryLiquidate", user = owner.ToString(), collateral = Asset(collateral), prices = new Dictionary<string, string> { [Asset(edge.Symbol)] = price.ToString() } };
            }
        }

        output.WriteLine($"{trials}");
        trials.Of(EdgeSide.Falls).ShouldBeGreaterThan(People);
    }

    // A vault's shares are called e and their asset.
    private static string Asset(string symbol) => symbol[0] == 'e' ? symbol[1..] : symbol;
}
