using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Sinks.Telegram;
using FsCheck;
using FsCheck.Fluent;

namespace DefiMonitor.Tests.Sinks;

public sealed class TelegramSinkTests : IAsyncLifetime
{
    private BotApiServer server = null!;

    public async Task InitializeAsync() => server = await BotApiServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task The_chat_shows_what_the_message_says()
    {
        var message = Messages.Message() with { Confirmation = new Confirmation(ConfirmationState.Confirmed) };

        (await Sink().SendAsync(message, CancellationToken.None)).ShouldBeOfType<SinkResult.Sent>();

        server.Messages.ShouldHaveSingleItem().Text.ShouldBe(
            """
            aave-v3 core on eip155:1: 0xaa..aa is near the edge
            health factor 1.0432 (was 1.1210)
            repay 1,043.21 USDC or deposit 0.41 WETH
            Confirmed by the chain's own view.

            block 100 0x00000064 · 12 s old · alert 01234567/1 · message msg_00112233
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_token_name_made_of_markup_stays_text()
    {
        var transition = Messages.Transition(title: $"Near: {Messages.HostileSymbol}", lines: [$"repay 1 {Messages.HostileSymbol}"]);

        (await Sink().SendAsync(Messages.Message(transition), CancellationToken.None)).ShouldBeOfType<SinkResult.Sent>();

        // Once, and not by the way of plain text: the markup was escaped.
        server.CallsOf("sendMessage").Count().ShouldBe(1);
        server.Messages.ShouldHaveSingleItem().Text.ShouldStartWith("Near: [31mETH]0;owned[red]*_`<b>\\~|{evil}.! # x\nrepay 1 [31mETH");
    }

    [Fact]
    public void Whatever_the_text_its_markdown_shows_it_and_fits()
    {
        var check = Prop.ForAll(
            ArbMap.Default.ArbFor<string>(),
            ArbMap.Default.ArbFor<string[]>(),
            (title, lines) =>
            {
                var text = MessageText.Of(Messages.Message(Messages.Transition(title: title ?? "", lines: lines ?? [])));
                var telegram = TelegramText.Of(text);
                return telegram.Plain.Length <= TelegramText.MaxLength && Unescaped(telegram.Markdown) == telegram.Plain;
            });

        Check.QuickThrowOnFailure(check);
    }

    [Fact]
    public async Task A_long_message_is_shortened_and_keeps_its_last_line()
    {
        var lines = Enumerable.Range(0, 60).Select(i => $"{i} {new string('.', 300)} \U0001F600").ToArray();

        (await Sink().SendAsync(Messages.Message(Messages.Transition(lines: lines)), CancellationToken.None)).ShouldBeOfType<SinkResult.Sent>();

        var shown = server.Messages.ShouldHaveSingleItem().Text;
        shown.Length.ShouldBeInRange(3500, 4096);
        shown.ShouldContain("\n(shortened)\n\nblock 100");
        shown.ShouldEndWith("message msg_00112233");
    }

    [Fact]
    public async Task What_telegram_cannot_parse_is_told_as_plain_text()
    {
        server.FailNext(400, "Bad Request: can't parse entities: Character '.' is reserved");

        (await Sink().SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Sent>();

        var calls = server.CallsOf("sendMessage").ToList();
        calls.Count.ShouldBe(2);
        calls[1].TryGetProperty("parse_mode", out _).ShouldBeFalse();
        server.Messages.ShouldHaveSingleItem().Text.ShouldStartWith("aave-v3 core on eip155:1: 0xaa..aa is near the edge\nhealth factor 1.0432");
    }

    [Fact]
    public async Task Telegram_may_ask_us_to_wait()
    {
        server.FailNext(429, "Too Many Requests: retry after 23", """{"retry_after":23}""");

        var result = (await Sink().SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Retry>();

        result.After.ShouldBe(TimeSpan.FromSeconds(23));
        result.SinkWide.ShouldBeTrue();
        server.Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_that_telegram_refuses_for_good_is_dead()
    {
        server.FailNext(400, "Bad Request: chat not found");

        (await Sink().SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Dead>().Reason.ShouldContain("chat not found");
    }

    [Fact]
    public async Task The_token_is_in_no_failure()
    {
        server.FailNext(403, $"Forbidden: bot{BotApiServer.Token} was blocked");
        var refused = (await Sink().SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Retry>();
        var unknown = (await Sink(token: "87654321:BBabcdefghijklmnopqrstuvwxyz012345678").SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Retry>();
        var url = server.Url;
        await server.DisposeAsync();
        var down = (await Sink(url: url).SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Retry>();

        foreach (var reason in new[] { refused.Reason, unknown.Reason, down.Reason })
        {
            reason.ShouldNotContain("AAabc");
            reason.ShouldNotContain("BBabc");
        }

        unknown.Reason.ShouldContain("does not know the bot's token");
        down.Reason.ShouldContain("http://127.0.0.1");
    }

    [Theory]
    [InlineData(AlertLevel.Warning, AlertLevel.None, false, true)]
    [InlineData(AlertLevel.Danger, AlertLevel.None, false, false)]
    [InlineData(AlertLevel.Critical, AlertLevel.None, false, false)]
    [InlineData(AlertLevel.None, AlertLevel.Critical, false, false)]
    [InlineData(AlertLevel.Danger, AlertLevel.None, true, true)]
    public async Task Low_levels_and_quiet_messages_arrive_without_a_sound(AlertLevel level, AlertLevel previous, bool quiet, bool silent)
    {
        var message = Messages.Message(Messages.Transition(level: level, previous: previous)) with { Silent = quiet };

        await Sink().SendAsync(message, CancellationToken.None);

        server.Messages.ShouldHaveSingleItem().Silent.ShouldBe(silent);
    }

    [Fact]
    public async Task What_follows_of_an_alert_answers_its_first_message_in_its_topic()
    {
        var memory = new ForgetfulMemory();
        await Sink(memory, thread: 9).SendAsync(Messages.Message(Messages.Transition(level: AlertLevel.Danger)), CancellationToken.None);
        await Sink(memory, thread: 9).SendAsync(Messages.Message(Messages.Transition(TransitionKind.Escalated, AlertLevel.Critical, AlertLevel.Danger, number: 2)), CancellationToken.None);
        await Sink(memory, thread: 9).SendAsync(Messages.Message(Messages.Transition(TransitionKind.Retracted, AlertLevel.None, AlertLevel.Critical, number: 3)), CancellationToken.None);
        await Sink(memory, thread: 9).SendAsync(Messages.Message(Messages.Transition(alertId: "ffffffffffffffffffffffffffffffff")), CancellationToken.None);

        var shown = server.Messages.ToArray();
        shown.Select(m => m.ReplyTo).ShouldBe([null, shown[0].Id, shown[0].Id, null]);
        shown.ShouldAllBe(m => m.Thread == 9);
    }

    [Fact]
    public async Task Buttons_stand_under_what_can_be_acknowledged_and_fit_telegrams_64_bytes()
    {
        await Sink().SendAsync(Messages.Message(Messages.Transition(alertId: new string('a', 200))), CancellationToken.None);
        await Sink().SendAsync(Messages.Message(Messages.Transition(TransitionKind.Resolved, AlertLevel.None, AlertLevel.Critical, number: 2)), CancellationToken.None);
        await Sink(commands: false).SendAsync(Messages.Message(), CancellationToken.None);

        var shown = server.Messages.ToArray();
        shown[0].Buttons.Count.ShouldBe(2);
        shown[0].Buttons.ShouldAllBe(b => b.Length <= 64);
        TelegramButtons.TryRead(shown[0].Buttons[0], out var verb, out var id).ShouldBeTrue();
        verb.ShouldBe(ButtonVerb.Acknowledge);
        new string('a', 200).ShouldStartWith(id!);
        shown[1].Buttons.ShouldBeEmpty();
        shown[2].Buttons.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("12345", 1, 3)]
    [InlineData("-1001234567890", 1, 3)]
    public void Telegrams_limits_are_kept_by_chat_and_by_bot(string chatId, int inOneSecond, int otherChatsInThatSecond)
    {
        var time = new Outbox.ManualTime();
        using var bot = new TelegramBot(BotApiServer.Token, TelegramSinkSettings.PublicApi, false, time);
        var chat = new TelegramChat(bot, chatId, null, time);

        Enumerable.Range(0, 5).Count(_ => RateLimit.TryTake(chat.Limits, out var _)).ShouldBe(inOneSecond);
        Enumerable.Range(1, 3).Count(i => RateLimit.TryTake(new TelegramChat(bot, $"{i}", null, time).Limits, out var _)).ShouldBe(otherChatsInThatSecond);
        Enumerable.Range(10, 100).Count(i => RateLimit.TryTake(new TelegramChat(bot, $"{i}", null, time).Limits, out var _)).ShouldBe(30 - inOneSecond - otherChatsInThatSecond);
    }

    [Fact]
    public void A_group_hears_at_most_twenty_a_minute()
    {
        var time = new Outbox.ManualTime();
        using var bot = new TelegramBot(BotApiServer.Token, TelegramSinkSettings.PublicApi, false, time);
        var group = new TelegramChat(bot, "-1001234567890", null, time);
        var sent = 0;
        for (var second = 0; second < 60; second++, time.Advance(TimeSpan.FromSeconds(1)))
        {
            sent += RateLimit.TryTake(group.Limits, out _) ? 1 : 0;
        }

        sent.ShouldBe(20);
    }

    private TelegramSink Sink(ISinkMemory? memory = null, long? thread = null, bool commands = true, string token = BotApiServer.Token, string? url = null)
    {
        var settings = new TelegramSinkSettings
        {
            Name = "phone",
            Token = token,
            ChatId = $"{BotApiServer.Chat}",
            ThreadId = thread,
            ApiUrl = url ?? server.Url,
            AllowPrivate = true,
            Commands = commands,
        };
        var bot = new TelegramBot(settings.Token, settings.ApiUrl, settings.AllowPrivate, TimeProvider.System);
        return new TelegramSink("phone", new TelegramChat(bot, settings.ChatId, settings.ThreadId, TimeProvider.System), settings, memory ?? new ForgetfulMemory());
    }

    // The rules of MarkdownV2 once more: an escape shows the next character, an asterisk shows nothing, anything else that is reserved is a mistake.
    private static string? Unescaped(string markdown)
    {
        var shown = new System.Text.StringBuilder();
        var stars = 0;
        for (var i = 0; i < markdown.Length; i++)
        {
            if (markdown[i] == '\\')
            {
                shown.Append(markdown[++i]);
            }
            else if (markdown[i] == '*')
            {
                stars++;
            }
            else if ("_[]()~`>#+-=|{}.!".Contains(markdown[i]))
            {
                return null;
            }
            else
            {
                shown.Append(markdown[i]);
            }
        }

        return stars == 2 ? shown.ToString() : null;
    }
}
