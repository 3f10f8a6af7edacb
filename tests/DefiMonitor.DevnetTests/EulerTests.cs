using System.Diagnostics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Engine.Loops.Chain;
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
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Euler, People, seed: 5);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var accounts = devnet.Accounts.Select(protocol.AccountOf).ToList();
        accounts.ShouldAllBe(account => protocol.HasEntered(account));

        var watch = Stopwatch.StartNew();
        var random = new Random(6);
        var deeds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (unsafeOnes, withDebt) = (0, 0);
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
            var answers = await chain.Client.CallAsync([.. accounts.SelectMany(protocol.Confirm)], chain.Head, CancellationToken.None);
            foreach (var account in accounts)
            {
                var state = protocol.Capture(account, chain.Head);
                var agreement = protocol.Compare(state, answers.Results);
                var report = protocol.Evaluate(state, new Instant(chain.Head.Timestamp), Shock.None);
                agreement.Kind.ShouldBe(AgreementKind.Equal, $"{account} at {chain.Head.Ref}, step {step}: {agreement.Text}; {done.GetProperty("deeds")}");
                report.NativeWords.ShouldBe(agreement.Chain);
                report.IsBelowEdge.ShouldBe(agreement.ChainSaysLiquidatable!.Value);
                unsafeOnes += report.IsBelowEdge ? 1 : 0;
                withDebt += report.HealthFactor is null ? 0 : 1;
            }
        }

        output.WriteLine($"{Steps * People:N0} accounts compared in {watch.Elapsed.TotalSeconds:0.0} s, {withDebt} with debt, {unsafeOnes} liquidatable: {string.Join(", ", deeds.Select(static d => $"{d.Key} {d.Value}"))}");
        string[] needed =
        [
            "borrow", "deposit", "disableCollateral", "enableCollateral", "liquidate", "pullDebt", "redeem", "repay", "setInterestFee", "setLTV", "touch", "transfer", "updateAnswer",
        ];
        deeds.Keys.ShouldBe(needed, ignoreOrder: true);
        deeds["liquidate"].ShouldBeGreaterThan(5);
        unsafeOnes.ShouldBeGreaterThan(10);
        withDebt.ShouldBeGreaterThan(Steps * People / 2);
        chain.Tally.Unreadable.ShouldBe(0);
    }

    [Fact]
    public async Task At_the_price_that_we_name_liquidate_goes_through_and_one_unit_before_it_reverts()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Euler, 2 * People, seed: 8);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var at = new Instant(chain.Head.Timestamp);
        var tried = new Dictionary<EdgeSide, int>();
        foreach (var owner in devnet.Accounts)
        {
            var report = protocol.Evaluate(protocol.Capture(protocol.AccountOf(owner), chain.Head), at, Shock.None);
            foreach (var edge in report.Triggers.SelectMany(static t => t.Edges))
            {
                // A price of 18 decimals; the feed has 8 and its last unit is ten thousand million of ours.
                var step = UInt256.Pow10(10);
                var (there, before) = edge.Side == EdgeSide.Falls ? (edge.Price / step, (edge.Price / step) + UInt256.One) : ((edge.Price + step - UInt256.One) / step, ((edge.Price + step - UInt256.One) / step) - UInt256.One);
                var symbol = edge.Symbol[0] == 'e' ? edge.Symbol[1..] : edge.Symbol;
                var collateral = report.Positions.First(static p => p.Side == PositionSide.Collateral && p.Counts).Symbol;
                object Ask(UInt256 price) => new
                {
                    cmd = "tryLiquidate", user = owner.ToString(), collateral = collateral[0] == 'e' ? collateral[1..] : collateral, prices = new Dictionary<string, string> { [symbol] = price.ToString() },
                };
                var taken = await devnet.TryAsync(Ask(there));
                taken.GetProperty("ok").GetBoolean().ShouldBeTrue($"{owner}: {edge} at {there}: {taken}");
                (await devnet.TryAsync(Ask(before))).GetProperty("ok").GetBoolean().ShouldBeFalse($"{owner}: one unit before {edge}");
                tried[edge.Side] = tried.GetValueOrDefault(edge.Side) + 1;
            }
        }

        output.WriteLine(string.Join(", ", tried.Select(static pair => $"{pair.Key}: {pair.Value} edges tried on both sides")));
        tried.GetValueOrDefault(EdgeSide.Falls).ShouldBeGreaterThan(People);
    }

    private static async Task<FollowedChain> StartAsync(VenueDevnet devnet)
    {
        var chain = await FollowedChain.StartAsync(devnet.Settings, devnet.Client, devnet.Accounts.Select(static a => new WatchedOwner(a, a.ToHex())));
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine" })).GetProperty("block")));
        return chain;
    }
}
