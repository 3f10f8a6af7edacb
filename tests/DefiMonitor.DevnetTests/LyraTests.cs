using System.Diagnostics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Engine.Loops.Chain;
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
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Lyra, People, seed: 3);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var accounts = devnet.Accounts.Select(protocol.AccountOf).ToList();
        accounts.ShouldAllBe(account => protocol.HasEntered(account));
        protocol.Forget();

        var watch = Stopwatch.StartNew();
        var random = new Random(4);
        var deeds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var requirements = 0;
        var unsafeOnes = 0;
        for (var step = 0; step < Steps; step++)
        {
            var dt = random.Next(6) == 0 ? 3_600 + random.Next(180_000) : 12;
            var done = await devnet.DoAsync(new { cmd = "randomStep", seed = 100 + step, actions = 5, volatility = 0.05, dt });
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
                var report = protocol.Evaluate(state, new Instant(chain.Head.Timestamp), Shock.None);
                agreement.Kind.ShouldBe(AgreementKind.Equal, $"{account} at {chain.Head.Ref}, step {step}: {agreement.Text}");
                report.NativeWords.ShouldBe(agreement.Chain);
                report.IsBelowEdge.ShouldBe(agreement.ChainSaysLiquidatable!.Value);
                requirements += report.NativeWords.Count(static word => word.Name.EndsWith("minCollateral", StringComparison.Ordinal));
                unsafeOnes += report.IsBelowEdge ? 1 : 0;
            }
        }

        output.WriteLine(
            $"{Steps * People:N0} accounts and {requirements:N0} requirements compared in {watch.Elapsed.TotalSeconds:0.0} s, {unsafeOnes} of them liquidatable: {string.Join(", ", deeds.Select(static d => $"{d.Key} {d.Value}"))}");
        string[] needed =
        [
            "addCollateral", "closePosition", "liquidatePosition", "merge", "openPosition", "setBoardFrozen", "setGreekCacheParameters", "setMinCollateralParameters", "settleExpiredBoard",
            "settleOptions", "split", "transferFrom",
        ];
        needed.Except(deeds.Keys).ShouldBeEmpty();
        requirements.ShouldBeGreaterThan(1_500);
        unsafeOnes.ShouldBeGreaterThan(20);
        (protocol.Snapshots + protocol.AccountReads).ShouldBe(0, "accounts were read, not folded");
        chain.Tally.Unreadable.ShouldBe(0);
    }

    [Fact]
    public async Task At_the_spot_that_we_name_the_real_liquidatePosition_goes_through_and_one_unit_before_it_reverts()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Lyra, 3 * People, seed: 9);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var at = chain.Head.Timestamp + NextBlock;
        var tried = new Dictionary<OptionType, int>();
        foreach (var owner in devnet.Accounts)
        {
            var state = (LyraV1State)protocol.Capture(protocol.AccountOf(owner), chain.Head);
            foreach (var position in state.Positions.Where(static position => position.IsShort))
            {
                var alone = protocol.Evaluate(state with { Positions = [position] }, new Instant(at), Shock.None);
                if (alone.Triggers.ShouldHaveSingleItem().Edges is not [var edge])
                {
                    continue;
                }

                var safe = position.IsCall ? edge.Price - UInt256.One : edge.Price + UInt256.One;
                var there = await devnet.TryAsync(new { cmd = "liquidate", position = position.Id.ToString(), spot = edge.Price.ToString() });
                there.GetProperty("ok").GetBoolean().ShouldBeTrue($"position {position} at {edge.Price}: {there}");
                var before = await devnet.TryAsync(new { cmd = "liquidate", position = position.Id.ToString(), spot = safe.ToString() });
                before.GetProperty("error").GetString().ShouldBe("PositionNotLiquidatable", $"position {position} at {safe}");
                tried[position.Type] = tried.GetValueOrDefault(position.Type) + 1;
            }
        }

        output.WriteLine(string.Join(", ", tried.Select(static pair => $"{pair.Key}: {pair.Value} edges tried on both sides")));
        tried.Keys.ShouldBe([OptionType.ShortCallBase, OptionType.ShortCallQuote, OptionType.ShortPutQuote], ignoreOrder: true);
        tried.Values.Sum().ShouldBeGreaterThan(15);
    }

    private static async Task<FollowedChain> StartAsync(VenueDevnet devnet)
    {
        var chain = await FollowedChain.StartAsync(devnet.Settings, devnet.Client, devnet.Accounts.Select(static a => new WatchedOwner(a, a.ToHex())));
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine" })).GetProperty("block")));
        return chain;
    }
}
