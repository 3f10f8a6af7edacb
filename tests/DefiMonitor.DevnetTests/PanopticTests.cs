using System.Diagnostics;
using System.Text.Json;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Protocols.PanopticV2;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

/// <summary>
/// The adapter in the real loop against our own stand-in for a pool of Panoptic v2, which is on no registry: events, hash, views and decision as described, a solvency rule of its own.
/// </summary>
public sealed class PanopticTests(ITestOutputHelper output)
{
    private const int People = 50;
    private const int Steps = 60;

    [Fact]
    public async Task Who_is_called_liquidatable_can_be_liquidated_and_nobody_else_at_every_block_of_a_random_walk()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Panoptic, People, seed: 3);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();

        var watch = Stopwatch.StartNew();
        var random = new Random(4);
        var deeds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var step = 0; step < Steps; step++)
        {
            var dt = random.Next(8) switch { 0 => 3_600 + random.Next(40_000), < 4 => 120 + random.Next(600), _ => 12 };
            var done = await devnet.DoAsync(new { cmd = "randomStep", seed = 100 + step, actions = 20, volatility = 300, dt });
            foreach (var deed in done.GetProperty("deeds").EnumerateArray().Where(static d => d.GetProperty("ok").GetBoolean()))
            {
                Count(deeds, deed.GetProperty("deed").GetString()!);
            }

            await chain.FollowToAsync(DevnetBlock.Read(done.GetProperty("block")));
            var answers = await chain.Client.CallAsync([.. devnet.Accounts.Select(protocol.AccountOf).SelectMany(protocol.Confirm)], chain.Head, CancellationToken.None);
            foreach (var said in done.GetProperty("said").EnumerateArray())
            {
                var account = protocol.AccountOf(Address.Parse(said.GetProperty("user").GetString()!));
                var where = $"{account} at {chain.Head.Ref}, step {step}: {said}";
                var state = protocol.Capture(account, chain.Head);
                var report = protocol.Evaluate(state, new Instant(chain.Head.Timestamp), Shock.None);
                report.Status.ShouldBe(said.GetProperty("liquidates").GetBoolean() ? MarginStatus.Liquidatable : MarginStatus.Healthy, $"{where}: {report.UnknownReason}");
                report.NativeWords.ShouldBe(WordsIn(said), where);
                var agreement = protocol.Compare(state, answers.Results);
                agreement.Kind.ShouldBe(AgreementKind.Equal, $"{where}: {agreement.Text}");
                if (said.GetProperty("positions").GetInt32() > 0)
                {
                    var solvent = said.GetProperty("solvent").GetInt32();
                    var health = report.HealthFactor!.Value;
                    (solvent switch { 0 => health < FixedPoint.Wad, 4 => health >= FixedPoint.Wad, _ => health == FixedPoint.Wad }).ShouldBeTrue(where);
                    Count(tally, solvent switch { 0 => "insolvent", 4 => $"solvent, {said.GetProperty("refusal").GetString() ?? "exercisable"}", _ => "of two minds" });
                }
            }
        }

        output.WriteLine($"{Steps * People:N0} users compared in {watch.Elapsed.TotalSeconds:0.0} s ({Text(tally)}): {Text(deeds)}");
        string[] needed = ["burn", "deposit", "dispatchFrom", "donate", "mint", "setPremiumRate", "withdraw"];
        deeds.Keys.ShouldBe(needed, ignoreOrder: true);
        tally["insolvent"].ShouldBeGreaterThan(20);
        tally["of two minds"].ShouldBeGreaterThan(20);
        tally["solvent, exercisable"].ShouldBeGreaterThan(10);
        chain.Tally.Unreadable.ShouldBe(0);
    }

    [Fact]
    public async Task At_the_tick_that_we_name_the_liquidation_goes_through_and_one_tick_before_it_does_not()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Panoptic, People, seed: 9);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();

        // Premia stand still, and every block narrows the edges to a third.
        for (var block = 0; block < 12; block++)
        {
            await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine", premiumRate = 0 })).GetProperty("block")));
        }

        var checks = new List<(object Ask, bool Liquidates, string What)>();
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var owner in devnet.Accounts)
        {
            var state = (PanopticV2State)protocol.Capture(protocol.AccountOf(owner), chain.Head);
            var report = protocol.Evaluate(state, new Instant(chain.Head.Timestamp), Shock.None);
            if (report.Triggers is not [{ Active: false } trigger])
            {
                continue;
            }

            var edges = trigger.Edges.Select(edge => (edge.Side, Tick: TickOf(edge.Price))).ToList();
            foreach (var (side, tick) in edges)
            {
                Expect(side.ToString(), tick, liquidates: true);
                Expect(side.ToString(), side == EdgeSide.Falls ? tick + 1 : tick - 1, liquidates: false);
            }

            Count(tally, $"with {edges.Count} edges");
            foreach (var offset in (int[])[-4_000, -1_500, -400, 400, 1_500, 4_000])
            {
                // Between two ticks a price is neither's.
                var tick = state.Ticks.Current + offset;
                var ppm = (uint)Math.Round(Math.Pow(1.0001, offset) * Shock.Unit);
                var shocked = protocol.Evaluate(state, new Instant(chain.Head.Timestamp), new Shock(new Dictionary<Address, uint> { [state.Token0.Address] = ppm }, 0));
                if (edges.TrueForAll(edge => Math.Abs(edge.Tick - tick) > 2))
                {
                    shocked.Status.ShouldNotBe(MarginStatus.Unknown);
                    Expect("shocked", tick, shocked.Status == MarginStatus.Liquidatable);
                }
            }

            void Expect(string what, int tick, bool liquidates)
            {
                checks.Add((new { user = owner.ToString(), tick }, liquidates, $"{what} of {owner}, now at {state.Ticks.Current}"));
                Count(tally, $"{what}, {(liquidates ? "liquidated" : "not")}");
            }
        }

        var answers = (await devnet.DoAsync(new { cmd = "ask", asks = checks.Select(static one => one.Ask) })).GetProperty("answers").EnumerateArray().ToList();
        foreach (var ((ask, liquidates, what), said) in checks.Zip(answers))
        {
            said.GetProperty("liquidates").GetBoolean().ShouldBe(liquidates, $"{what}: {JsonSerializer.Serialize(ask)}: {said}");
        }

        output.WriteLine(Text(tally));
        foreach (var what in (string[])["Falls, liquidated", "Rises, liquidated", "with 2 edges", "shocked, liquidated", "shocked, not"])
        {
            tally.GetValueOrDefault(what).ShouldBeGreaterThan(5, what);
        }
    }

    [Fact]
    public async Task A_list_that_lacks_a_log_is_not_judged()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Panoptic, People, seed: 9);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var owner = devnet.Accounts.First(who => Report(who).Positions.Count(static leg => leg.Option is not null) == 1 && Report(who).HealthFactor > 2u * FixedPoint.Wad);
        var lost = 0;
        protocol.Withheld = _ => ++lost > 0;

        // The pool says that the position is not his any more: out of the list, and judged anew at the next block.
        await SwapAsync("burn");
        lost.ShouldBe(1);
        Report(owner).Status.ShouldBe(MarginStatus.Unknown);
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine" })).GetProperty("block")));
        Report(owner).Status.ShouldNotBe(MarginStatus.Unknown, Report(owner).UnknownReason);
        Report(owner).Positions.ShouldAllBe(static leg => leg.Option == null);

        // One that nobody has heard of can't be asked for.
        await SwapAsync("mint");
        lost.ShouldBe(2);
        Report(owner).UnknownReason!.ShouldContain("The pool counts 1 legs of the account and 0 are known");
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine" })).GetProperty("block")));
        Report(owner).UnknownReason!.ShouldContain("The pool counts 1 legs of the account and 0 are known");
        devnet.Accounts.Where(who => who != owner).Select(Report).Select(static report => report.Status).ShouldNotContain(MarginStatus.Unknown);

        MarginReport Report(Address who) => protocol.Evaluate(protocol.Capture(protocol.AccountOf(who), chain.Head), new Instant(chain.Head.Timestamp), Shock.None);

        async Task SwapAsync(string deed) =>
            await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "swap", user = owner.ToString(), deed })).GetProperty("block")));
    }

    // Of a price of a whole WETH in USDC, 18 decimals.
    private static int TickOf(UInt256 price) => (int)Math.Round(Math.Log(price.ToDouble() / 1e18 / 1e12) / Math.Log(1.0001));

    private static async Task<FollowedChain> StartAsync(VenueDevnet devnet)
    {
        var chain = await FollowedChain.StartAsync(devnet.Settings, devnet.Client, devnet.Accounts.Select(static a => new WatchedOwner(a, a.ToHex())));
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine" })).GetProperty("block")));
        return chain;
    }

    private static NativeWord[] WordsIn(JsonElement said)
    {
        string[] names = said.GetProperty("positions").GetInt32() == 0 ? ["assets0", "assets1"] : ["assets0", "assets1", "shortPremium", "longPremium"];
        var words = names.Select(name => new NativeWord(name, Figure(said, name))).Prepend(new NativeWord("numberOfLegs", Figure(said, "legs")));
        return names.Length == 2 ? [.. words] : [.. words, new NativeWord("poolVerdict", (uint)VerdictIn(said))];
    }

    private static PoolVerdict VerdictIn(JsonElement said) => said.GetProperty("solvent").GetInt32() switch { 0 => PoolVerdict.Insolvent, 4 => PoolVerdict.Solvent, _ => PoolVerdict.Mixed };

    private static UInt256 Figure(JsonElement said, string name) => UInt256.Parse(said.GetProperty(name).GetString()!);

    private static void Count(SortedDictionary<string, int> tally, string what) => tally[what] = tally.GetValueOrDefault(what) + 1;

    private static string Text(SortedDictionary<string, int> tally) => string.Join(", ", tally.Select(static pair => $"{pair.Key} {pair.Value}"));
}
