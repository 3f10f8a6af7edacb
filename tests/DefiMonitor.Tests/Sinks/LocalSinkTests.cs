using System.Text;
using System.Text.Json;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Tests.Sinks;

public sealed class LocalSinkTests : IDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "defimonitor-" + Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task The_console_shows_a_hostile_token_name_as_text_and_nothing_else()
    {
        var output = new StringWriter();

        var result = await new ConsoleSink("console", output).SendAsync(
            Messages.Message(Messages.Transition(title: $"Near: {Messages.HostileSymbol}", lines: [$"repay 1 {Messages.HostileSymbol}"])), CancellationToken.None);

        result.ShouldBeOfType<SinkResult.Sent>();
        var text = output.ToString();
        text.ReplaceLineEndings("\n").ShouldNotContain(c => char.IsControl(c) && c != '\n');
        text.ShouldNotContain("\u202e");
        text.ShouldContain("[31mETH]0;owned[red]*_`<b>\\~|{evil}.! # x");
        text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3);
    }

    [Fact]
    public async Task Every_message_shows_block_age_and_ids()
    {
        var output = new StringWriter();

        await new ConsoleSink("console", output).SendAsync(Messages.Message(), CancellationToken.None);

        var text = output.ToString();
        text.ShouldStartWith("aave-v3 core on eip155:1: 0xaa..aa is near the edge");
        text.ShouldContain("block 100 0x00000064 · 12 s old · alert 01234567/1 · message msg_00112233");
    }

    [Theory]
    [InlineData(ConfirmationState.Confirmed, null, "Confirmed by the chain's own view.")]
    [InlineData(ConfirmationState.Unconfirmed, "the node did not answer within 2 s.", "Unconfirmed: the node did not answer within 2 s.")]
    [InlineData(ConfirmationState.Disputed, "ours 1, the chain's 2", "DISPUTED, the chain's own view differs: ours 1, the chain's 2")]
    public async Task A_message_says_what_the_chain_says(ConfirmationState state, string? reason, string says)
    {
        var output = new StringWriter();

        await new ConsoleSink("console", output).SendAsync(Messages.Message() with { Confirmation = new Confirmation(state, reason) }, CancellationToken.None);

        output.ToString().ShouldContain(says);
    }

    [Fact]
    public async Task The_file_gets_a_line_per_message_and_its_folder_where_it_is_missing()
    {
        var path = Path.Combine(folder, "deep", "alerts.jsonl");
        var sink = new JsonLinesSink("log", path);

        (await sink.SendAsync(Messages.Message(json: """{"n":1}"""), CancellationToken.None)).ShouldBeOfType<SinkResult.Sent>();
        (await sink.SendAsync(Messages.Message(json: """{"n":2}"""), CancellationToken.None)).ShouldBeOfType<SinkResult.Sent>();

        (await File.ReadAllLinesAsync(path)).ShouldBe(["""{"n":1}""", """{"n":2}"""]);
    }

    [Fact]
    public async Task A_line_that_a_crash_cut_short_spoils_no_other()
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "alerts.jsonl");
        await File.WriteAllTextAsync(path, """{"n":1}""" + "\n" + """{"n":""");

        await new JsonLinesSink("log", path).SendAsync(Messages.Message(json: """{"n":3}"""), CancellationToken.None);

        var lines = await File.ReadAllLinesAsync(path);
        lines.Length.ShouldBe(3);
        JsonDocument.Parse(lines[2]).RootElement.GetProperty("n").GetInt32().ShouldBe(3);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_a_failure_in_words()
    {
        Directory.CreateDirectory(folder);

        var result = await new JsonLinesSink("log", folder).SendAsync(Messages.Message(), CancellationToken.None);

        result.ShouldBeOfType<SinkResult.Retry>().Reason.ShouldContain("can't be written");
    }

    [Theory]
    [InlineData(AlertLevel.Danger, AlertLevel.Warning, AlertLevel.None, false)]
    [InlineData(AlertLevel.Danger, AlertLevel.Danger, AlertLevel.None, true)]
    [InlineData(AlertLevel.Danger, AlertLevel.None, AlertLevel.Critical, true)]
    [InlineData(AlertLevel.Danger, AlertLevel.None, AlertLevel.Warning, false)]
    [InlineData(AlertLevel.Liquidatable, AlertLevel.Critical, AlertLevel.Danger, false)]
    public void A_sink_hears_what_reached_its_level_and_the_end_of_it(AlertLevel least, AlertLevel level, AlertLevel previous, bool hears)
    {
        SinkSettings[] sinks = [new ConsoleSinkSettings { Name = "console", MinLevel = least }];

        SinkCatalog.Route(sinks, Messages.Transition(level: level, previous: previous)).ShouldBe(hears ? ["console"] : []);
    }

    [Fact]
    public async Task Every_kind_of_sink_can_be_made_from_its_settings()
    {
        var output = new StringWriter();
        using var catalog = new SinkCatalog(
            new SinksSettings
            {
                Sinks =
                [
                    new ConsoleSinkSettings { Name = "console" },
                    new JsonLinesSinkSettings { Name = "log", Path = Path.Combine(folder, "a.jsonl") },
                    new WebhookSinkSettings { Name = "bot", Url = "https://hooks.example.org/x", Keys = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] },
                    new TelegramSinkSettings { Name = "phone", Token = "123456:abcdefghijklmnopqrstuvwxyz", ChatId = "-100123" },
                    new TelegramSinkSettings { Name = "other-phone", Token = "123456:abcdefghijklmnopqrstuvwxyz", ChatId = "5", Commands = false },
                ],
            },
            output,
            new ForgetfulMemory(),
            TimeProvider.System);

        catalog.Sinks.Select(s => s.Name).ShouldBe(["console", "log", "bot", "phone", "other-phone"]);
        SinkCatalog.KindNames.ShouldBe(["console", "json-lines", "webhook", "telegram"]);
        catalog.Sinks.Where(s => s.KeepsEverything).Select(s => s.Name).ShouldBe(["log"]);
        await catalog.Sinks[0].SendAsync(Messages.Message(Judge.Test(1_700_000_000).Transitions[0]), CancellationToken.None);
        output.ToString().ShouldContain("this is a test of the alert path");
    }

    public void Dispose()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
