using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;

namespace DefiMonitor.DevnetTests;

/// <summary>A transmission that waits in the pool of a real node, on the real Aave.</summary>
public sealed class PendingTests
{
    [Fact]
    public async Task Whom_a_pending_price_makes_liquidatable_is_told_before_the_block_that_brings_it()
    {
        await using var devnet = await Devnet.StartAsync(accounts: 24, seed: 86);
        var oracle = await devnet.DoAsync(new { cmd = "oracle", asset = "WETH" });
        var weth = devnet.Ready.GetProperty("assets").GetProperty("WETH");
        var watch = new FeedWatch
        {
            Chain = new ChainId(31337),
            Name = "ETH / USD",
            Feed = Address.Parse(oracle.GetProperty("aggregator").GetString()!),
            Decimals = 8,
            DeviationBps = 50,
            HeartbeatSeconds = 31_536_000,
            Tokens = [Address.Parse(weth.GetProperty("address").GetString()!)],

            // Nothing is due by the market: what is told hangs on the pool alone.
            Market = new SecondFeed(Address.Parse(weth.GetProperty("feed").GetString()!), 8) { MaxAgeSeconds = 90_000 },
        };
        await using var chain = await FollowedChain.StartAsync(devnet, o => o with { Feeds = [watch], Pending = true, PendingEvery = TimeSpan.Zero });
        await chain.FollowToAsync(await devnet.MineAsync(new { cmd = "mine" }));
        await chain.FollowToAsync(await devnet.MineAsync(new { cmd = "mine" }));
        chain.Told.ShouldNotContain(static t => t.Rule == Rules.NextPrice);

        var next = (await devnet.PricesAsync())["WETH"] * 3u / 5u;
        var before = chain.Head;
        await devnet.DoAsync(new { cmd = "transmit", observations = new[] { next - 7u, next, next + 9u }.Select(static o => o.ToString()) });
        await chain.StepAsync();
        chain.Head.ShouldBe(before);
        var early = chain.Told.Where(static t => t.Rule == Rules.NextPrice).ToList();
        early.ShouldNotBeEmpty();
        early.ShouldAllBe(static t => t.Pin == "pending" && t.Kind == TransitionKind.Opened && t.Level == AlertLevel.Warning && !t.Report!.IsBelowEdge);
        early.ShouldAllBe(t => t.Outlook!.Feeds.Single().Next == next && t.Outlook.Feeds.Single().Due == FeedDue.Pending);
        await chain.StepAsync();
        chain.Told.Count(static t => t.Rule == Rules.NextPrice).ShouldBe(early.Count, "nothing is said twice");

        // The block takes the transmission, and the contract says what was foreseen.
        await chain.FollowToAsync(await devnet.MineAsync(new { cmd = "mine" }));
        (await devnet.PricesAsync())["WETH"].ShouldBe(next);
        var read = await devnet.ReadAsync(chain.Head);
        foreach (var told in early)
        {
            var account = read.Single(a => a.Account == told.Report!.Account);
            account.Agreement.Kind.ShouldBe(Core.Portfolio.AgreementKind.Equal);
            account.AtBlock.IsBelowEdge.ShouldBeTrue(account.Account.ToString());
            chain.Told.ShouldContain(t => t.Rule == Rules.Distance && t.Level == AlertLevel.Liquidatable && t.Subject == told.Subject);
        }

        chain.Told.ShouldNotContain(static t => t.Rule == Rules.NextPrice && t.Kind != TransitionKind.Opened);
    }
}
