using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

/// <summary>The adapter in the real loop against the real Morpho Blue.</summary>
public sealed class MorphoTests(ITestOutputHelper output)
{
    private const int People = 16;
    private const int Steps = 240;
    private const string Healthy = "position is healthy";

    [Fact]
    public async Task Folding_events_alone_equals_the_contract_at_every_block_of_a_random_walk()
    {
        await using var walk = await VenueWalk.StartAsync(VenueDevnet.Morpho, People, seed: 5);
        var equations = 0;
        await walk.WalkAsync(
            Steps, new Pace(Seed: 6, Actions: 5, Volatility: 0.08, GapOneIn: 8, LongestGap: 1_000_000), block: async what => equations += await Equations.HoldAsync(walk.Chain, what));

        output.WriteLine($"{walk}");
        string[] needed = ["accrueInterest", "borrow", "liquidate", "repay", "setFee", "supply", "supplyCollateral", "withdraw", "withdrawCollateral"];
        walk.Deeds.Keys.ShouldBe(["setPrice", .. needed], ignoreOrder: true);
        walk.Deeds["liquidate"].ShouldBeGreaterThanOrEqualTo(10);
        walk.ShouldHaveFolded();
        equations.ShouldBe(2 * Steps);

        // A borrower whose log is lost is missed in the very block.
        var market = walk.Chain.Protocols[0];
        var lost = 0;
        market.Withheld = log => market.Discover(log) is not null && ++lost > 0;
        for (var step = Steps; lost == 0; step++)
        {
            step.ShouldBeLessThan(2 * Steps, "nobody borrowed");
            await walk.StepAsync(step, actions: 5, volatility: 0.01, dt: 12);
            (await Equations.ReadAsync(walk.Chain, market)).ShouldHaveSingleItem().Holds.ShouldBe(lost == 0);
        }
    }

    [Fact]
    public async Task At_the_price_that_we_name_the_real_liquidate_takes_what_we_quote_and_one_unit_above_it_reverts()
    {
        await using var walk = await VenueWalk.StartAsync(VenueDevnet.Morpho, People, seed: 8);
        await walk.MineAsync(new { cmd = "mine", dt = 2_000_000 });
        var (devnet, at) = (walk.Devnet, new Instant(walk.Head.Timestamp));
        var mined = 0;
        foreach (var protocol in walk.Chain.Protocols)
        {
            var tried = 0;
            var market = protocol.Id.Name;
            foreach (var owner in devnet.Accounts)
            {
                var user = owner.ToString();
                var state = protocol.Capture(protocol.AccountOf(owner), walk.Head);
                var edge = protocol.Evaluate(state, at, Shock.None).Triggers.ShouldHaveSingleItem().Edges.ShouldHaveSingleItem();
                var atEdge = ((DefiMonitor.Protocols.MorphoBlue.MorphoBlueState)state) with { Price = edge.Price };
                var quote = protocol.Evaluate(atEdge, at, Shock.None).Liquidations.ShouldHaveSingleItem();

                // By shares the whole debt goes; where the collateral does not cover that, all of the collateral does.
                var all = quote.CollateralTaken < atEdge.CollateralAmount;
                var shares = all ? ((UInt256)atEdge.BorrowShares).ToString() : "0";
                var seized = all ? "0" : quote.CollateralTaken.ToString();
                var there = await devnet.DoAsync(new { cmd = "tryLiquidate", market, user, seized, shares, price = edge.Price.ToString() });
                there.GetProperty("repaid").GetString().ShouldBe(quote.DebtToCover.ToString(), user);
                there.GetProperty("seized").GetString().ShouldBe(quote.CollateralTaken.ToString(), user);
                var safe = (edge.Price + UInt256.One).ToString();
                Refused(await devnet.TryAsync(new { cmd = "tryLiquidate", market, user, seized, shares, price = safe }), Healthy);
                tried++;
                if (market == VenueDevnet.Still945 && mined < 3)
                {
                    await devnet.DoAsync(new { cmd = "liquidate", market, user, seized, shares, price = edge.Price.ToString() });
                    Refused(await devnet.TryAsync(new { cmd = "liquidate", market, user, seized, shares, price = safe }), "reverted");
                    mined++;
                }
            }

            output.WriteLine($"{market}: {tried} edges tried on both sides");
            tried.ShouldBe(People);
        }

        mined.ShouldBe(3);
    }

    private static void Refused(System.Text.Json.JsonElement answer, string why)
    {
        answer.GetProperty("ok").GetBoolean().ShouldBeFalse();
        answer.GetProperty("error").GetString().ShouldNotBeNull().ShouldContain(why);
    }
}
