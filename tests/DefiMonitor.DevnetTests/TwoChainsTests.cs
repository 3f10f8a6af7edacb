using DefiMonitor.App.Reading;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Engine.Alerting;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

/// <summary>The real program on two chains of real contracts at once.</summary>
public sealed class TwoChainsTests(ITestOutputHelper output)
{
    private const string Key = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private const int People = 60;

    [Fact]
    public async Task A_reorg_on_one_chain_and_an_outage_of_the_other_stay_each_on_its_own()
    {
        var began = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 300;
        await using var inbox = await Inbox.StartAsync();
        await using var here = await Devnet.StartAsync(People, seed: 61, timestamp: began);
        await using var there = await Devnet.StartAsync(People, seed: 61, timestamp: began, chain: 31338);
        here.Accounts.Select(static a => a.Address).ShouldBe(there.Accounts.Select(static a => a.Address), "the same owners on both chains");
        await using var monitor = new RealMonitor(
            [here, there],
            new { unknownAfterSeconds = 2, lateMinimumSeconds = 3_600, minimumDebt = 0 },
            new { sinks = new[] { new { kind = "webhook", name = "person", url = "${WEBHOOK_URL}", secrets = new[] { "${WEBHOOK_SECRET}" }, allowPrivate = true, perMinute = 6_000 } } },
            new Dictionary<string, string> { ["WEBHOOK_URL"] = inbox.Url, ["WEBHOOK_SECRET"] = Key });
        await here.MineAsync(new { cmd = "mine", dt = 1 });
        await there.MineAsync(new { cmd = "mine", dt = 1 });
        monitor.Start();
        await monitor.UntilJudgedAsync(here, here.Head!);
        await monitor.UntilJudgedAsync(there, there.Head!);

        // The other chain is gone. This one is judged at each block as if nothing had happened, through a fork that undoes a fall.
        await there.DoAsync(new { cmd = "down" });
        await monitor.UntilAsync("the person was told that the other chain can't be read", () => Task.FromResult(Told(inbox, there, Rules.Blind, "opened").Any()));
        var calm = await LiquidatableAsync(here);
        var fallen = await FallAsync(here, 70);
        await monitor.UntilJudgedAsync(here, fallen);
        var fell = await LiquidatableAsync(here);
        fell.Except(calm).Count().ShouldBeGreaterThan(2, "the fall was too mild to show anything");
        await monitor.UntilAsync("the person was told of everybody whom the fall made liquidatable", () => Task.FromResult(fell.IsSubsetOf(Believed(inbox, here))));
        var back = await here.MineAsync(new { cmd = "reorg", depth = 1, blocks = 2, dt = 13 });
        await monitor.UntilJudgedAsync(here, back);
        (await LiquidatableAsync(here)).ShouldBe(calm, ignoreOrder: true);
        await monitor.UntilAsync("what the fork undid is taken back", () => Task.FromResult(Believed(inbox, here).SetEquals(calm)));
        Told(inbox, here, Rules.Blind, "opened").ShouldBeEmpty();

        // Meanwhile the other one fell as well, unseen. Nothing was said of it, and all of it is when it can be read again.
        var before = Believed(inbox, there);
        var unseen = await FallAsync(there, 70);
        await monitor.UntilJudgedAsync(here, await here.MineAsync(new { cmd = "mine", dt = 1 }));
        Believed(inbox, there).ShouldBe(before, ignoreOrder: true);
        await there.DoAsync(new { cmd = "up" });
        await monitor.UntilJudgedAsync(there, unseen);
        await monitor.UntilAsync("the person was told that the other chain can be read again", () => Task.FromResult(Told(inbox, there, Rules.Blind, "resolved").Any()));
        await monitor.UntilDeliveredAsync();
        var truth = await LiquidatableAsync(there);
        truth.Count.ShouldBeGreaterThan(2);
        Believed(inbox, there).ShouldBe(truth, ignoreOrder: true);
        Believed(inbox, here).ShouldBe(calm, ignoreOrder: true);
        inbox.Messages.ShouldAllBe(static m => m.Confirmation == null || m.Confirmation.State != "disputed");
        inbox.Messages.ShouldContain(static m => m.State == "retracted");
        output.WriteLine($"{inbox.Messages.Count} messages; {fell.Count} liquidatable here in the fall that was undone, {truth.Count} there in the end");
        await monitor.StopAsync();
    }

    /// <summary>Every falling price at so many percent of what it was, in one block at the wall clock's time.</summary>
    private static async Task<DevnetBlock> FallAsync(Devnet devnet, uint percent)
    {
        var prices = await devnet.PricesAsync();
        return await devnet.PriceAsync(((string[])["WETH", "wstETH", "WBTC", "LINK"]).ToDictionary(static s => s, s => prices[s] * percent / 100u, StringComparer.Ordinal));
    }

    /// <summary>Whom the contracts call liquidatable at the newest block.</summary>
    private static async Task<HashSet<string>> LiquidatableAsync(Devnet devnet)
    {
        var readings = await devnet.ReadAsync(await devnet.Client.GetHeadAsync(CancellationToken.None));
        readings.ShouldAllBe(static r => r.Agreement.Kind == AgreementKind.Equal);
        return [.. readings.Where(static r => r.Agreement.ChainSaysLiquidatable == true).Select(static r => r.Account.ToString())];
    }

    /// <summary>Whom a person takes for liquidatable who heard everything.</summary>
    private static HashSet<string> Believed(Inbox inbox, Devnet devnet) =>
        [.. inbox.Messages.Where(m => m.Rule == Rules.Distance && m.Subject.Key.Contains($"/{devnet.Chain}/", StringComparison.Ordinal)).GroupBy(static m => m.Subject.Key, StringComparer.Ordinal)
            .Where(static g => g.MaxBy(static m => m.Seq) is { Level: "liquidatable", State: not "retracted" }).Select(static g => g.Key)];

    private static IEnumerable<AlertV1> Told(Inbox inbox, Devnet devnet, string rule, string state) =>
        inbox.Messages.Where(m => m.Rule == rule && m.State == state && m.Subject.Key.Contains(devnet.Chain.ToString(), StringComparison.Ordinal));
}
