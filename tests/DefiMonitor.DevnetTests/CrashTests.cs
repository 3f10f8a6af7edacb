using DefiMonitor.App.Reading;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Engine.Alerting;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Kills = 4;
    private const string Key = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private static readonly string[] Falling = ["WETH", "wstETH", "WBTC", "LINK"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Kill_minus_nine_in_the_middle_of_a_crash_and_the_node_killed_at_the_very_crossing_lose_double_and_falsify_nothing(int seed)
    {
        var random = new Random(seed);
        await using var inbox = await Inbox.StartAsync();
        await using var devnet = await Devnet.StartAsync(accounts: 60, seed: 40 + seed, timestamp: TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 300);
        await using var monitor = new RealMonitor(
            devnet,
            new { unknownAfterSeconds = 2, lateMinimumSeconds = 3_600, minimumDebt = 0 },
            new
            {
                sinks = new[]
                {
                    new { kind = "webhook", name = "person", url = "${WEBHOOK_URL}", secrets = new[] { "${WEBHOOK_SECRET}" }, allowPrivate = true, perMinute = 6_000 },
                },
            },
            new Dictionary<string, string> { ["WEBHOOK_URL"] = inbox.Url, ["WEBHOOK_SECRET"] = Key });
        var beginning = await devnet.PricesAsync();
        var prices = new Dictionary<string, UInt256>(beginning);
        await devnet.MineAsync(new { cmd = "mine", dt = 1 });
        for (var kill = 1; kill <= Kills; kill++)
        {
            monitor.Start();
            if (kill % 2 == 1)
            {
                await monitor.UntilJudgedAsync(devnet.Head!);
            }

            // Every other time it is killed on its way up already.
            var after = TimeSpan.FromMilliseconds(random.Next(kill % 2 == 1 ? 1_500 : 4_000));
            var killing = KillAsync(monitor, after);
            var blocks = 0;
            while (!killing.IsCompleted)
            {
                await FallAsync(devnet, prices, random, least: -16_000, most: 4_000);
                blocks++;
                await Task.Delay(random.Next(250));
            }

            await killing;
            output.WriteLine($"kill -9 no. {kill} after {after.TotalMilliseconds} ms and {blocks} blocks of the crash; the person has {inbox.Messages.Count} messages");
            for (var alone = random.Next(1, 4); alone > 0; alone--)
            {
                await FallAsync(devnet, prices, random, least: -10_000, most: 0);
            }
        }

        await SinkAsync(devnet, prices, beginning);
        monitor.Start();
        await monitor.UntilJudgedAsync(devnet.Head!);
        await BlindCrossingAsync(devnet, monitor, inbox, prices, cutFirst: true);
        await BlindCrossingAsync(devnet, monitor, inbox, prices, cutFirst: false);

        // Not all stays as bad as it was.
        for (var i = 0; i < 4; i++)
        {
            await FallAsync(devnet, prices, random, least: 0, most: 15_000);
            await monitor.UntilJudgedAsync(devnet.Head!);
        }

        await monitor.UntilDeliveredAsync();
        await HoldAgainstTheChainAsync(devnet, monitor, inbox);
        await monitor.StopAsync();
    }

    private static async Task KillAsync(RealMonitor monitor, TimeSpan after)
    {
        await Task.Delay(after);
        await monitor.KillNineAsync();
    }

    /// <summary>One block in which all falling prices move together, each a little its own way.</summary>
    private static async Task FallAsync(Devnet devnet, Dictionary<string, UInt256> prices, Random random, int least, int most)
    {
        var common = random.Next(least, most);
        foreach (var symbol in Falling)
        {
            prices[symbol] = prices[symbol] * (uint)(1_000_000 + common + (symbol == "wstETH" ? 0 : random.Next(-2_000, 2_000))) / 1_000_000u;
        }

        await devnet.PriceAsync(Falling.ToDictionary(static s => s, s => prices[s], StringComparer.Ordinal));
    }

    /// <summary>Down to seven tenths of the beginning in three blocks, wherever prices stand: how far the crash got depends on how fast the machine is.</summary>
    private static async Task SinkAsync(Devnet devnet, Dictionary<string, UInt256> prices, Dictionary<string, UInt256> beginning)
    {
        for (var left = 3u; left > 0; left--)
        {
            foreach (var symbol in Falling)
            {
                var bottom = beginning[symbol] * 7u / 10u;
                prices[symbol] = ((prices[symbol] * (left - 1)) + bottom) / left;
            }

            await devnet.PriceAsync(Falling.ToDictionary(static s => s, s => prices[s], StringComparer.Ordinal));
        }
    }

    /// <summary>The node goes down right before, or right after, the block in which the nearest account crosses the edge; the person must hear of the blindness meanwhile.</summary>
    private async Task BlindCrossingAsync(Devnet devnet, RealMonitor monitor, Inbox inbox, Dictionary<string, UInt256> prices, bool cutFirst)
    {
        var (victim, edge) = (await devnet.ReadAsync(await devnet.Client.GetHeadAsync(CancellationToken.None)))
            .Where(static a => a.AtBlock is { Status: MarginStatus.Healthy, HealthFactor: not null })
            .SelectMany(static a => a.AtBlock.Triggers.SelectMany(static t => t.Edges).Where(static e => e.Side == EdgeSide.Falls && Falling.Contains(e.Symbol) && e.Price < e.CurrentPrice).Select(e => (a.Account, e)))
            .MinBy(static c => c.e.DistancePpm);
        var before = Blind(inbox);
        if (cutFirst)
        {
            await devnet.DoAsync(new { cmd = "down" });
        }

        // Below the edge by as much as a block's worth of interest on a supply could lift it.
        prices[edge.Symbol] = edge.Price - (edge.Price / 10_000u);
        await devnet.PriceAsync(new Dictionary<string, UInt256> { [edge.Symbol] = prices[edge.Symbol] });
        if (!cutFirst)
        {
            await devnet.DoAsync(new { cmd = "down" });
        }

        await monitor.UntilAsync("the person was told that nothing can be read", () => Task.FromResult(Blind(inbox) > before));
        output.WriteLine($"blind while {victim.Key} of {victim.Deployment.Name} crossed: {inbox.Messages.Last(IsBlind).Title}");
        await devnet.DoAsync(new { cmd = "up" });
        await monitor.UntilJudgedAsync(devnet.Head!);
        await monitor.UntilAsync(
            "the person was told of the account that crossed while the node was down",
            () => Task.FromResult(inbox.Messages.Any(m => m.Subject.Key == victim.ToString() && m is { Rule: Rules.Distance, Level: "liquidatable" } && m.Block!.Number >= devnet.Head!.Number)));
        await monitor.UntilAsync("the person was told that the node can be read again", () => Task.FromResult(inbox.Messages.Any(m => m is { Rule: Rules.Blind, State: "resolved" } && m.Seq > inbox.Messages.Last(IsBlind).Seq)));
    }

    private static int Blind(Inbox inbox) => inbox.Messages.Count(IsBlind);

    private static bool IsBlind(AlertV1 message) => message is { Rule: Rules.Blind, State: "opened" };

    private async Task HoldAgainstTheChainAsync(Devnet devnet, RealMonitor monitor, Inbox inbox)
    {
        var messages = inbox.Messages;
        var store = await monitor.StoreAsync();
        var head = await devnet.Client.GetHeadAsync(CancellationToken.None);
        var readings = await devnet.ReadAsync(head);
        var truth = readings.Where(static r => ChainSays(r)).Select(static r => r.Account.ToString()).ToHashSet(StringComparer.Ordinal);
        output.WriteLine($"{messages.Count} messages ({inbox.Repeats} came twice), {truth.Count} accounts liquidatable at the end, by level: {string.Join(", ", messages.GroupBy(static m => $"{m.Rule} {m.State} {m.Level}").OrderBy(static g => g.Key, StringComparer.Ordinal).Select(static g => $"{g.Key} {g.Count()}"))}");
        truth.Count.ShouldBeGreaterThanOrEqualTo(4, "the crash was too mild to show anything");
        inbox.Repeats.ShouldBeGreaterThan(0, "the receiver was meant to fail now and then");

        // None lost, none contradicting: what a person believes who heard everything is what the chain says, and so is what stands open.
        var believed = messages.Where(static m => m.Rule == Rules.Distance).GroupBy(static m => m.Subject.Key, StringComparer.Ordinal)
            .Where(static g => g.MaxBy(static m => m.Seq)!.Level == "liquidatable").Select(static g => g.Key);
        believed.ShouldBe(truth, ignoreOrder: true);
        var open = (await store.AlertsAsync(openOnly: true, null, 500)).Items;
        open.Where(static a => a.State is { Rule: Rules.Distance, Level: AlertLevel.Liquidatable }).Select(static a => a.State.Subject.Key).ShouldBe(truth, ignoreOrder: true);
        open.ShouldAllBe(static a => a.State.Rule == Rules.Distance);
        messages.ShouldAllBe(static m => m.State != "disputed");

        // None doubled, none missing in between, none that repeats itself.
        foreach (var alert in messages.GroupBy(static m => m.AlertId, StringComparer.Ordinal))
        {
            var told = alert.OrderBy(static m => m.Seq).ToList();
            told.Select(static m => m.TransitionNumber).ShouldBe(Enumerable.Range(1, told.Count), $"alert {alert.Key} of {told[0].Subject.Key}");
            alert.Select(static m => m.Seq).ShouldBeInOrder();
            for (var i = 1; i < told.Count; i++)
            {
                (told[i].State, told[i].Level).ShouldNotBe((told[i - 1].State, told[i - 1].Level), $"{told[i].Title} / {told[i - 1].Title}");
            }
        }

        await EachWasTrueAsync(devnet, messages);
    }

    /// <summary>What was told at a block is what the contract says at that block.</summary>
    private static async Task EachWasTrueAsync(Devnet devnet, IReadOnlyList<AlertV1> messages)
    {
        var judged = messages.Where(static m => m.Rule == Rules.Distance && m.State is "opened" or "escalated" or "eased" or "resolved").ToList();
        foreach (var block in judged.GroupBy(static m => m.Block!))
        {
            var header = await devnet.Client.GetHeaderAsync(Hash32.Parse(block.Key.Hash), CancellationToken.None);
            var there = (await devnet.ReadAsync(header.ShouldNotBeNull($"block {block.Key} was told of and is not on the chain"))).ToDictionary(static r => r.Account.ToString(), StringComparer.Ordinal);
            foreach (var message in block)
            {
                var reading = there[message.Subject.Key];
                reading.Agreement.Kind.ShouldBe(AgreementKind.Equal, reading.Agreement.Text);
                ChainSays(reading).ShouldBe(message.Level == "liquidatable", message.Title);
            }
        }
    }

    private static bool ChainSays(AccountReading reading) => reading.Agreement.ChainSaysLiquidatable ?? throw new InvalidOperationException($"The chain says nothing of {reading.Account}: {reading.Agreement.Text}");
}
