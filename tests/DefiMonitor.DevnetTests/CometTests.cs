using System.Diagnostics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Engine.Loops.Chain;
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
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Comet, People, seed: 5);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var accounts = devnet.Accounts.Select(protocol.AccountOf).ToList();
        accounts.ShouldAllBe(account => protocol.HasEntered(account));

        var watch = Stopwatch.StartNew();
        var random = new Random(6);
        var deeds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (equations, unsafeOnes, absorbable, lag) = (0, 0, 0, 0);
        for (var step = 0; step < Steps; step++)
        {
            var dt = random.Next(8) == 0 ? 3_600 + random.Next(1_000_000) : 12;
            var done = await devnet.DoAsync(new { cmd = "randomStep", seed = 100 + step, actions = 5, volatility = 0.06, dt });
            foreach (var deed in done.GetProperty("deeds").EnumerateArray().Where(static d => d.GetProperty("ok").GetBoolean()))
            {
                var name = deed.GetProperty("deed").GetString()!;
                deeds[name] = deeds.GetValueOrDefault(name) + 1;
            }

            await chain.FollowToAsync(DevnetBlock.Read(done.GetProperty("block")));
            var what = $"step {step}: {done.GetProperty("deeds")}";
            var answers = await chain.Client.CallAsync([.. accounts.SelectMany(protocol.Confirm)], chain.Head, CancellationToken.None);
            foreach (var account in accounts)
            {
                var state = protocol.Capture(account, chain.Head);
                var agreement = protocol.Compare(state, answers.Results);
                var report = protocol.Evaluate(state, new Instant(chain.Head.Timestamp), Shock.None);
                agreement.Kind.ShouldBe(AgreementKind.Equal, $"{account} at {chain.Head.Ref}, {what}: {agreement.Text}");
                report.NativeWords.ShouldBe(agreement.Chain);
                unsafeOnes += report.IsBelowEdge ? 1 : 0;

                // Now and then what absorb itself does at the next block, interest included, which the view leaves out.
                if (step % 5 == 0 && report.HealthFactor is not null)
                {
                    var next = protocol.Evaluate(state, new Instant(chain.Head.Timestamp + NextBlock), Shock.None);
                    var there = await devnet.TryAsync(new { cmd = "tryLiquidate", user = account.Key, dt = NextBlock });
                    there.GetProperty("ok").GetBoolean().ShouldBe(next.IsBelowEdge && next.Blocked.Count == 0, $"{account} at {chain.Head.Ref}, {what}: {there}");
                    absorbable += next.IsBelowEdge ? 1 : 0;
                    lag += next.IsBelowEdge && report.NativeWords.Single(static w => w.Name == "isLiquidatable").Value.IsZero ? 1 : 0;
                }
            }

            equations += await Equations.HoldAsync(chain, what);
        }

        output.WriteLine($"{Steps * People:N0} accounts compared in {watch.Elapsed.TotalSeconds:0.0} s, {unsafeOnes} of them liquidatable, {absorbable} absorbs foretold ({lag} that the view denies): {string.Join(", ", deeds.Select(static d => $"{d.Key} {d.Value}"))}");
        string[] needed = ["absorb", "accrueAccount", "pause", "supply", "transferAsset", "updateAnswer", "withdraw"];
        deeds.Keys.ShouldBe(needed, ignoreOrder: true);
        deeds["absorb"].ShouldBeGreaterThan(5);
        unsafeOnes.ShouldBeGreaterThan(10);
        absorbable.ShouldBeGreaterThan(2);
        equations.ShouldBe(4 * Steps, "the debts, and each of three collaterals");
        chain.Tally.Unreadable.ShouldBe(0);

        // A supply whose log is lost is missed in the very block. (Of a collateral that is new to its owner the contract's bits tell, and it is read.)
        var lost = 0;
        var supply = Keccak256.HashUtf8("SupplyCollateral(address,address,address,uint256)");
        var held = new HashSet<(Hash32 Owner, Hash32 Asset)>();
        protocol.Withheld = log => log.Topics[0] == supply && held.Contains((log.Topics[2], log.Topics[3])) && ++lost > 0;
        for (var step = Steps; lost == 0; step++)
        {
            step.ShouldBeLessThan(2 * Steps, "nobody supplied");
            held = [.. from owner in devnet.Accounts
                       from leg in protocol.Evaluate(protocol.Capture(protocol.AccountOf(owner), chain.Head), new Instant(chain.Head.Timestamp), Shock.None).Positions
                       where leg.Side == PositionSide.Collateral
                       select (owner.ToWord(), leg.Asset.ToWord())];
            var done = await devnet.DoAsync(new { cmd = "randomStep", seed = 100 + step, actions = 5, volatility = 0.01, dt = 12 });
            await chain.FollowToAsync(DevnetBlock.Read(done.GetProperty("block")));
            (await Equations.ReadAsync(chain, protocol)).Any(static e => e.Holds == false).ShouldBe(lost > 0);
        }
    }

    [Fact]
    public async Task At_the_price_that_we_name_absorb_goes_through_and_one_unit_before_it_reverts()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Comet, 2 * People, seed: 8);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var at = new Instant(chain.Head.Timestamp + NextBlock);
        var tried = new Dictionary<EdgeSide, int>();
        foreach (var owner in devnet.Accounts)
        {
            var state = protocol.Capture(protocol.AccountOf(owner), chain.Head);
            var report = protocol.Evaluate(state, at, Shock.None);
            foreach (var edge in report.Triggers.SelectMany(static t => t.Edges))
            {
                var safe = edge.Side == EdgeSide.Falls ? edge.Price + UInt256.One : edge.Price - UInt256.One;
                object Ask(UInt256 price) => new { cmd = "tryLiquidate", user = owner.ToString(), dt = NextBlock, prices = new Dictionary<string, string> { [edge.Symbol] = price.ToString() } };
                var there = await devnet.TryAsync(Ask(edge.Price));
                there.GetProperty("ok").GetBoolean().ShouldBeTrue($"{owner}: {edge}: {there}");
                (await devnet.TryAsync(Ask(safe))).GetProperty("ok").GetBoolean().ShouldBeFalse($"{owner}: one unit before {edge}");
                tried[edge.Side] = tried.GetValueOrDefault(edge.Side) + 1;
            }
        }

        output.WriteLine(string.Join(", ", tried.Select(static pair => $"{pair.Key}: {pair.Value} edges tried on both sides")));
        tried.Keys.ShouldBe([EdgeSide.Falls, EdgeSide.Rises], ignoreOrder: true);
        tried.Values.Sum().ShouldBeGreaterThan(2 * People);
    }

    private static async Task<FollowedChain> StartAsync(VenueDevnet devnet)
    {
        var chain = await FollowedChain.StartAsync(devnet.Settings, devnet.Client, devnet.Accounts.Select(static a => new WatchedOwner(a, a.ToHex())));
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine" })).GetProperty("block")));
        return chain;
    }
}
