using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Protocols.LyraV1;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

/// <summary>The adapter in the real loop against the real Lyra v1.</summary>
public sealed class LyraTests(ITestOutputHelper output)
{
    private const int People = 8;
    private const int Steps = 150;

    // Until a transaction of ours can land.
    private const ulong NextBlock = 12;

    [Fact]
    public async Task Folding_events_alone_equals_the_contract_at_every_block_of_a_random_walk()
    {
        await using var walk = await VenueWalk.StartAsync(VenueDevnet.Lyra, People, seed: 3);
        var requirements = 0;
        await walk.WalkAsync(
            Steps,
            new Pace(Seed: 4, Actions: 5, Volatility: 0.05, GapOneIn: 6, LongestGap: 180_000),
            each: at =>
            {
                requirements += at.Report.NativeWords.Count(static word => word.Name.EndsWith("minCollateral", StringComparison.Ordinal));
                return Task.CompletedTask;
            });

        output.WriteLine($"{walk}; {requirements:N0} requirements compared");
        string[] needed =
        [
            "addCollateral", "closePosition", "liquidatePosition", "merge", "openPosition", "setBoardFrozen", "setGreekCacheParameters", "setMinCollateralParameters", "settleExpiredBoard",
            "settleOptions", "split", "transferFrom",
        ];
        needed.Except(walk.Deeds.Keys).ShouldBeEmpty();
        requirements.ShouldBeGreaterThan(1_500);
        walk.Below.ShouldBeGreaterThan(20);
        walk.ShouldHaveFolded();
    }

    [Fact]
    public async Task At_the_spot_that_we_name_the_real_liquidatePosition_goes_through_and_one_unit_before_it_reverts()
    {
        await using var walk = await VenueWalk.StartAsync(VenueDevnet.Lyra, 3 * People, seed: 9);
        var (protocol, trials) = (walk.Protocol, new EdgeTrials<OptionType>(walk.Devnet));
        var at = new Instant(walk.Head.Timestamp + NextBlock);
        foreach (var owner in walk.Devnet.Accounts)
        {
            var state = (LyraV1State)protocol.Capture(protocol.AccountOf(owner), walk.Head);
            foreach (var position in state.Positions.Where(static position => position.IsShort))
            {
                var alone = protocol.Evaluate(state with { Positions = [position] }, at, Shock.None);
                if (alone.Triggers.ShouldHaveSingleItem().Edges is not [var edge])
                {
                    continue;
                }

                var safe = position.IsCall ? edge.Price - UInt256.One : edge.Price + UInt256.One;
                await trials.TryAsync(position.Type, Liquidate(edge.Price), Liquidate(safe), $"position {position} at {edge.Price}", "PositionNotLiquidatable");

                object Liquidate(UInt256 spot) => new { cmd = "liquidate", position = position.Id.ToString(), spot = spot.ToString() };
            }
        }

        output.WriteLine($"{trials}");
        trials.Kinds.ShouldBe([OptionType.ShortCallBase, OptionType.ShortCallQuote, OptionType.ShortPutQuote], ignoreOrder: true);
        trials.Count.ShouldBeGreaterThan(15);
    }
}
