using System.Diagnostics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Engine.Loops.Chain;
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
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Morpho, People, seed: 5);
        await using var chain = await StartAsync(devnet);
        var accounts = chain.Protocols.SelectMany(p => devnet.Accounts.Select(a => (Protocol: p, Account: p.AccountOf(a)))).ToList();
        accounts.Count.ShouldBe(2 * People);
        accounts.ShouldAllBe(a => a.Protocol.HasEntered(a.Account));
        foreach (var protocol in chain.Protocols)
        {
            protocol.Forget();
        }

        var watch = Stopwatch.StartNew();
        var equations = 0;
        var random = new Random(6);
        var deeds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var step = 0; step < Steps; step++)
        {
            var dt = random.Next(8) == 0 ? 3_600 + random.Next(1_000_000) : 12;
            var done = await devnet.DoAsync(new { cmd = "randomStep", seed = 100 + step, actions = 5, volatility = 0.08, dt });
            foreach (var deed in done.GetProperty("deeds").EnumerateArray().Where(static d => d.GetProperty("ok").GetBoolean()))
            {
                var name = deed.GetProperty("deed").GetString()!;
                deeds[name] = deeds.GetValueOrDefault(name) + 1;
            }

            await chain.FollowToAsync(DevnetBlock.Read(done.GetProperty("block")));
            await CompareAsync(chain, accounts, $"step {step}: {done.GetProperty("deeds")}");
            equations += await Equations.HoldAsync(chain, $"step {step}: {done.GetProperty("deeds")}");
        }

        output.WriteLine($"{Steps * accounts.Count:N0} accounts compared in {watch.Elapsed.TotalSeconds:0.0} s: {string.Join(", ", deeds.Select(static d => $"{d.Key} {d.Value}"))}");
        string[] needed = ["accrueInterest", "borrow", "liquidate", "repay", "setFee", "supply", "supplyCollateral", "withdraw", "withdrawCollateral"];
        deeds.Keys.ShouldBe(["setPrice", .. needed], ignoreOrder: true);
        deeds["liquidate"].ShouldBeGreaterThanOrEqualTo(10);
        chain.Protocols.Sum(static p => p.Snapshots + p.AccountReads).ShouldBe(0, "accounts were read, not folded");
        chain.Tally.Unreadable.ShouldBe(0);
        equations.ShouldBe(2 * Steps);

        // A borrower whose log is lost is missed in the very block.
        var market = chain.Protocols[0];
        var lost = 0;
        market.Withheld = log => market.Discover(log) is not null && ++lost > 0;
        for (var step = Steps; lost == 0; step++)
        {
            step.ShouldBeLessThan(2 * Steps, "nobody borrowed");
            var done = await devnet.DoAsync(new { cmd = "randomStep", seed = 100 + step, actions = 5, volatility = 0.01, dt = 12 });
            await chain.FollowToAsync(DevnetBlock.Read(done.GetProperty("block")));
            (await Equations.ReadAsync(chain, market)).ShouldHaveSingleItem().Holds.ShouldBe(lost == 0);
        }
    }

    [Fact]
    public async Task At_the_price_that_we_name_the_real_liquidate_takes_what_we_quote_and_one_unit_above_it_reverts()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Morpho, People, seed: 8);
        await using var chain = await StartAsync(devnet);
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine", dt = 2_000_000 })).GetProperty("block")));
        var at = new Instant(chain.Head.Timestamp);
        var mined = 0;
        foreach (var protocol in chain.Protocols)
        {
            var tried = 0;
            var market = protocol.Id.Name;
            foreach (var owner in devnet.Accounts)
            {
                var user = owner.ToString();
                var state = protocol.Capture(protocol.AccountOf(owner), chain.Head);
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

    private static async Task<FollowedChain> StartAsync(VenueDevnet devnet)
    {
        var chain = await FollowedChain.StartAsync(devnet.Settings, devnet.Client, devnet.Accounts.Select(static a => new WatchedOwner(a, a.ToHex())));
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine" })).GetProperty("block")));
        return chain;
    }

    // The words that follow from market(), position(), price() and the rate model's answer; and the shares of everybody are the market's.
    private static async Task CompareAsync(FollowedChain chain, List<(CountingProtocol Protocol, MarginAccountId Account)> accounts, string what)
    {
        var answers = await chain.Client.CallAsync([.. accounts.SelectMany(static a => a.Protocol.Confirm(a.Account))], chain.Head, CancellationToken.None);
        var wrong = new List<string>();
        foreach (var group in accounts.GroupBy(static a => a.Protocol.Id))
        {
            var sum = UInt256.Zero;
            var total = UInt256.Zero;
            foreach (var (protocol, account) in group)
            {
                var state = protocol.Capture(account, chain.Head);
                var agreement = protocol.Compare(state, answers.Results);
                var report = protocol.Evaluate(state, new Instant(chain.Head.Timestamp), Shock.None);
                if (agreement.Kind != AgreementKind.Equal || !report.NativeWords.SequenceEqual(agreement.Chain) || report.IsBelowEdge != agreement.ChainSaysLiquidatable)
                {
                    wrong.Add($"{account}: {agreement.Kind} {agreement.Text}");
                }

                sum += report.NativeWords.Single(static w => w.Name == "borrowShares").Value;
                total = report.NativeWords.Single(static w => w.Name == "totalBorrowShares").Value;
            }

            sum.ShouldBe(total, $"{group.Key} at {what}");
        }

        wrong.ShouldBeEmpty($"at block {chain.Head.Ref}, {what}");
    }
}
