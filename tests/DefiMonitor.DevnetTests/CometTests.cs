using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

/// <summary>The adapter in the real loop against a small Comet of our own, written from its description; the real one is on no registry.</summary>
public sealed class CometTests(ITestOutputHelper output)
{
    private const int People = 12;
    private const int Steps = 150;

    // Until a transaction of ours can land.
    private const ulong NextBlock = 12;

    [Fact]
    public async Task Every_word_equals_the_contract_at_every_block_of_a_random_walk_and_debts_and_collaterals_add_up()
    {
        await using var walk = await VenueWalk.StartAsync(VenueDevnet.Comet, People, seed: 5);
        var (equations, absorbable, lag) = (0, 0, 0);
        await walk.WalkAsync(
            Steps,
            new Pace(Seed: 6, Actions: 5, Volatility: 0.06, GapOneIn: 8, LongestGap: 1_000_000),
            each: async at =>
            {
                // Now and then what absorb itself does at the next block, interest included, which the view leaves out.
                if (at.Step % 5 == 0 && at.Report.HealthFactor is not null)
                {
                    var next = at.Protocol.Evaluate(at.State, new Instant(walk.Head.Timestamp + NextBlock), Shock.None);
                    var there = await walk.Devnet.TryAsync(new { cmd = "tryLiquidate", user = at.State.Account.Key, dt = NextBlock });
                    there.GetProperty("ok").GetBoolean().ShouldBe(next.IsBelowEdge && next.Blocked.Count == 0, $"{at.What}: {there}");
                    absorbable += next.IsBelowEdge ? 1 : 0;
                    lag += next.IsBelowEdge && at.Report.NativeWords.Single(static w => w.Name == "isLiquidatable").Value.IsZero ? 1 : 0;
                }
            },
            block: async what => equations += await Equations.HoldAsync(walk.Chain, what));

        output.WriteLine($"{walk}; {absorbable} absorbs foretold ({lag} that the view denies)");
        string[] needed = ["absorb", "accrueAccount", "pause", "supply", "transferAsset", "updateAnswer", "withdraw"];
        walk.Deeds.Keys.ShouldBe(needed, ignoreOrder: true);
        walk.Deeds["absorb"].ShouldBeGreaterThan(5);
        walk.Below.ShouldBeGreaterThan(10);
        absorbable.ShouldBeGreaterThan(2);
        equations.ShouldBe(4 * Steps, "the debts, and each of three collaterals");
        walk.ShouldHaveRead();

        // A supply whose log is lost is missed in the very block. (Of a collateral that is new to its owner the contract's bits tell, and it is read.)
        var lost = 0;
        var protocol = walk.Protocol;
        var supply = Keccak256.HashUtf8("SupplyCollateral(address,address,address,uint256)");
        var held = new HashSet<(Hash32 Owner, Hash32 Asset)>();
        protocol.Withheld = log => log.Topics[0] == supply && held.Contains((log.Topics[2], log.Topics[3])) && ++lost > 0;
        for (var step = Steps; lost == 0; step++)
        {
            step.ShouldBeLessThan(2 * Steps, "nobody supplied");
            held = [.. from owner in walk.Devnet.Accounts
                       from leg in protocol.Evaluate(protocol.Capture(protocol.AccountOf(owner), walk.Head), new Instant(walk.Head.Timestamp), Shock.None).Positions
                       where leg.Side == PositionSide.Collateral
                       select (owner.ToWord(), leg.Asset.ToWord())];
            await walk.StepAsync(step, actions: 5, volatility: 0.01, dt: 12);
            (await Equations.ReadAsync(walk.Chain, protocol)).Any(static e => e.Holds == false).ShouldBe(lost > 0);
        }
    }

    [Fact]
    public async Task At_the_price_that_we_name_absorb_goes_through_and_one_unit_before_it_reverts()
    {
        await using var walk = await VenueWalk.StartAsync(VenueDevnet.Comet, 2 * People, seed: 8);
        var (protocol, trials) = (walk.Protocol, new EdgeTrials<EdgeSide>(walk.Devnet));
        var at = new Instant(walk.Head.Timestamp + NextBlock);
        foreach (var owner in walk.Devnet.Accounts)
        {
            var report = protocol.Evaluate(protocol.Capture(protocol.AccountOf(owner), walk.Head), at, Shock.None);
            foreach (var edge in report.Triggers.SelectMany(static t => t.Edges))
            {
                var safe = edge.Side == EdgeSide.Falls ? edge.Price + UInt256.One : edge.Price - UInt256.One;
                await trials.TryAsync(edge.Side, Absorb(edge.Price), Absorb(safe), $"{owner} at {edge}");

                object Absorb(UInt256 price) =>
                    new { cmd = "tryLiquidate", user = owner.ToString(), dt = NextBlock, prices = new Dictionary<string, string> { [edge.Symbol] = price.ToString() } };
            }
        }

        output.WriteLine($"{trials}");
        trials.Kinds.ShouldBe([EdgeSide.Falls, EdgeSide.Rises], ignoreOrder: true);
        trials.Count.ShouldBeGreaterThan(2 * People);
    }
}
