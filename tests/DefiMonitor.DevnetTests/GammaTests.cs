using System.Diagnostics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Protocols.OpynGamma;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

/// <summary>The adapter in the real loop against a small Gamma protocol of our own, written from its description; the real one is on no registry.</summary>
public sealed class GammaTests(ITestOutputHelper output)
{
    private const int People = 120;
    private const int Steps = 90;

    // Until a transaction of ours can land.
    private const ulong NextBlock = 12;

    [Fact]
    public async Task Every_word_equals_the_contract_at_every_block_of_a_random_walk()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Gamma, People, seed: 5);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var accounts = devnet.Accounts.Select(protocol.AccountOf).ToList();
        accounts.ShouldAllBe(account => protocol.HasEntered(account));

        var watch = Stopwatch.StartNew();
        var random = new Random(6);
        var deeds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var unheard = new Dictionary<MarginAccountId, int>();
        var naked = 0;
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        void Count(string what, bool isSo = true) => tally[what] = tally.GetValueOrDefault(what) + (isSo ? 1 : 0);
        for (var step = 0; step < Steps; step++)
        {
            var dt = random.Next(8) == 0 ? 3_600 + random.Next(600_000) : 12;
            var done = await devnet.DoAsync(new { cmd = "randomStep", seed = 100 + step, actions = 12, volatility = 0.03, dt });
            foreach (var deed in done.GetProperty("deeds").EnumerateArray().Where(static d => d.GetProperty("ok").GetBoolean()))
            {
                var name = deed.GetProperty("deed").GetString()!;
                deeds[name] = deeds.GetValueOrDefault(name) + 1;
            }

            await chain.FollowToAsync(DevnetBlock.Read(done.GetProperty("block")));
            var answers = await chain.Client.CallAsync([.. accounts.SelectMany(protocol.Confirm)], chain.Head, CancellationToken.None);
            var before = naked;
            naked = 0;
            foreach (var account in accounts)
            {
                var what = $"{account} at {chain.Head.Ref}, step {step}: {done.GetProperty("deeds")}";
                var state = (OpynGammaState)protocol.Capture(account, chain.Head);
                var agreement = protocol.Compare(state, answers.Results);
                var report = protocol.Evaluate(state, new Instant(chain.Head.Timestamp), Shock.None);
                report.Status.ShouldNotBe(MarginStatus.Unknown, $"{report.UnknownReason} {what}");
                naked += state.Vaults.Count(vault => vault.IsLiveNaked(chain.Head.Timestamp));
                if (agreement.Kind == AgreementKind.Different && agreement.Text.Contains("latest update", StringComparison.Ordinal))
                {
                    // No event tells of a sync: it is seen when the vault is read again in its turn.
                    (unheard[account] = unheard.GetValueOrDefault(account) + 1).ShouldBeLessThanOrEqualTo((before / 32) + 1, $"{agreement.Text} {what}");
                    Count("unheard");
                    continue;
                }

                unheard.Remove(account);
                agreement.Kind.ShouldBe(AgreementKind.Equal, $"{agreement.Text} {what}");
                report.NativeWords.ShouldBeSubsetOf(agreement.Chain, what);

                // Of a vault that is short the contract says so once a round can be named.
                (report.IsBelowEdge && report.Blocked.All(static one => one.Code != "round")).ShouldBe(agreement.ChainSaysLiquidatable!.Value, what);
                Count("accounts");
                Count("liquidatable", agreement.ChainSaysLiquidatable.Value);
                Count("without a round", report.Blocked.Any(static one => one.Code == "round"));
                Count("not exact", report.Tag == ResultTag.ChainView);
                Count("auctions", agreement.Chain.Any(static word => word.Name.Contains("auction price", StringComparison.Ordinal)));
                foreach (var vault in state.Vaults)
                {
                    Count("live naked vaults", vault.IsLiveNaked(chain.Head.Timestamp));
                    Count("spreads", vault is { Type: 0, Long: not null, Short: not null });
                    Count("settled at a final price", vault.Series is { } series && series.Expiry <= chain.Head.Timestamp && vault.Settled.IsFinal);
                }
            }
        }

        output.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s: {string.Join(", ", tally.Select(static d => $"{d.Key} {d.Value:N0}"))}; {string.Join(", ", deeds.Select(static d => $"{d.Key} {d.Value}"))}");
        string[] needed =
        [
            "burnOtoken", "deployment", "depositCollateral", "depositLong", "liquidate", "mintOtoken", "openVault", "setCollateralDust", "setExpiryPrice", "setMaxPrice", "setOracleDeviation",
            "setSpotShock", "setSystemPartiallyPaused", "settleVault", "sync", "withdrawCollateral", "withdrawLong", "write",
        ];
        deeds.Keys.ShouldBe(needed, ignoreOrder: true);
        deeds["liquidate"].ShouldBeGreaterThan(20);
        tally.ShouldAllBe(static count => count.Key == "without a round" || count.Value > 20);
        chain.Tally.Unreadable.ShouldBe(0);
    }

    [Fact]
    public async Task At_the_price_that_we_name_liquidate_goes_through_and_one_unit_before_it_reverts()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Gamma, 30, seed: 8);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var at = new Instant(chain.Head.Timestamp + NextBlock);
        var tried = new Dictionary<EdgeSide, int>();
        foreach (var owner in devnet.Accounts)
        {
            var state = (OpynGammaState)protocol.Capture(protocol.AccountOf(owner), chain.Head);
            foreach (var vault in state.Vaults.Where(vault => vault.IsLiveNaked(at.Seconds)))
            {
                var alone = protocol.Evaluate(state with { Vaults = [vault] }, at, Shock.None);
                foreach (var edge in alone.Triggers.ShouldHaveSingleItem().Edges)
                {
                    var safe = edge.Side == EdgeSide.Falls ? edge.Price + UInt256.One : edge.Price - UInt256.One;
                    object Ask(UInt256 price) => new { cmd = "liquidate", user = owner.ToString(), vault = vault.Id, symbol = edge.Symbol, price = price.ToString(), dt = NextBlock };
                    var there = await devnet.TryAsync(Ask(edge.Price));
                    there.GetProperty("ok").GetBoolean().ShouldBeTrue($"{owner} vault {vault.Id}: {edge}: {there}");
                    var before = await devnet.TryAsync(Ask(safe));
                    before.GetProperty("ok").GetBoolean().ShouldBeFalse($"{owner} vault {vault.Id}: one unit before {edge}");
                    before.GetProperty("error").GetString().ShouldNotBeNull().ShouldContain("not short");
                    tried[edge.Side] = tried.GetValueOrDefault(edge.Side) + 1;
                }
            }
        }

        output.WriteLine(string.Join(", ", tried.Select(static pair => $"{pair.Key}: {pair.Value} edges tried on both sides")));
        tried.Keys.ShouldBe([EdgeSide.Falls, EdgeSide.Rises], ignoreOrder: true);
        tried.Values.ShouldAllBe(static count => count > 5);
    }

    private static async Task<FollowedChain> StartAsync(VenueDevnet devnet)
    {
        var chain = await FollowedChain.StartAsync(devnet.Settings, devnet.Client, devnet.Accounts.Select(static a => new WatchedOwner(a, a.ToHex())));
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine" })).GetProperty("block")));
        return chain;
    }
}
