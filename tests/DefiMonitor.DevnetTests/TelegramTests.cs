using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Tests.Sinks;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

public sealed class TelegramTests(ITestOutputHelper output)
{
    private const string Alice = "0x00000000000000000000000000000000000A11cE";

    [Fact]
    public async Task A_telegram_shaped_server_receives_an_escalation_an_acknowledgement_and_a_retraction()
    {
        await using var bot = await BotApiServer.StartAsync(longPoll: TimeSpan.FromMilliseconds(500));
        await using var devnet = await Devnet.StartAsync(accounts: 0, seed: 1, timestamp: TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 300);
        var alice = Address.Parse(Alice.ToLowerInvariant()).ToString();
        await devnet.DoAsync(new { cmd = "setConfig", dir = devnet.ConfigDir, owners = new[] { new { name = "alice", address = alice } } });

        // 10 WETH at 2,765.66 and a threshold of 82.5 %: a health factor of 1.5.
        await devnet.MineAsync(new { cmd = "act", market = Devnet.Core36, user = alice, action = "supply", asset = "WETH", amount = "10000000000000000000" });
        await devnet.MineAsync(new { cmd = "act", market = Devnet.Core36, user = alice, action = "borrow", asset = "USDC", amount = "15211000000" });
        await using var monitor = new RealMonitor(
            devnet,
            new
            {
                levels = new[]
                {
                    new { level = "warning", healthFactor = "1.3" }, new { level = "danger", healthFactor = "1.15" }, new { level = "critical", healthFactor = "1.05" },
                },
                lateMinimumSeconds = 3_600,
            },
            new
            {
                sinks = new[]
                {
                    new { kind = "telegram", name = "telegram", token = "${TELEGRAM_TOKEN}", chatId = BotApiServer.Chat.ToString(), apiUrl = bot.Url, allowPrivate = true },
                },
            },
            new Dictionary<string, string> { ["TELEGRAM_TOKEN"] = BotApiServer.Token });
        monitor.Start();
        await monitor.UntilJudgedAsync(await devnet.MineAsync(new { cmd = "mine", dt = devnet.UntilNow }));
        bot.Messages.ShouldBeEmpty();

        await monitor.UntilJudgedAsync(await PriceAsync(devnet, 2_028));
        var danger = await HearAsync(monitor, bot, "DANGER");
        await monitor.UntilJudgedAsync(await PriceAsync(devnet, 1_899));
        var critical = await HearAsync(monitor, bot, "CRITICAL");
        critical.Text.ShouldContain("alice");
        critical.Silent.ShouldBeFalse();
        critical.ReplyTo.ShouldBe(danger.Id);

        var button = critical.Buttons.First(static b => b.StartsWith("ack:", StringComparison.Ordinal));
        bot.Press(button, critical.Id);
        var acknowledged = await HearAsync(monitor, bot, "Acknowledged by alice");
        acknowledged.ReplyTo.ShouldBe(critical.Id);
        var store = await monitor.StoreAsync();
        (await store.AlertAsync(button["ack:".Length..]))!.State.Acknowledged.ShouldBeTrue();
        bot.CallsOf("answerCallbackQuery").ShouldNotBeEmpty();
        await monitor.UntilAsync("the button is gone", () => Task.FromResult(bot.CallsOf("editMessageReplyMarkup").Any()));

        await monitor.UntilJudgedAsync(await devnet.MineAsync(new { cmd = "reorg", depth = 2, dt = 2 }));
        var retracted = await HearAsync(monitor, bot, "RETRACTED");
        retracted.Text.ShouldContain("a reorg undid what was told");
        retracted.ReplyTo.ShouldBe(danger.Id);
        (await store.AlertAsync(button["ack:".Length..]))!.State.IsOpen.ShouldBeFalse();
        await monitor.UntilDeliveredAsync();
        await monitor.StopAsync();
        foreach (var shown in bot.Messages)
        {
            output.WriteLine(shown.Text);
            output.WriteLine("");
        }

        bot.Messages.Count.ShouldBe(4);
    }

    private static Task<DevnetBlock> PriceAsync(Devnet devnet, uint dollars) =>
        devnet.PriceAsync(new Dictionary<string, UInt256> { ["WETH"] = (UInt256)dollars * UInt256.Pow10(8) });

    private static async Task<BotApiServer.Shown> HearAsync(RealMonitor monitor, BotApiServer bot, string text)
    {
        BotApiServer.Shown? heard = null;
        await monitor.UntilAsync(
            $"the chat shows '{text}'",
            () => Task.FromResult((heard = bot.Messages.FirstOrDefault(m => m.Text.Contains(text, StringComparison.Ordinal))) is not null),
            () => $"it shows {string.Join(" | ", bot.Messages.Select(static m => m.Text))}");
        return heard!;
    }
}
