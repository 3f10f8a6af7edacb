using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Sinks.Telegram;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Tests.Sinks;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.Tests.Outbox;

/// <summary>The monitor and a person on the two ends of a server of Telegram's shape.</summary>
public sealed class PersonTests : IAsyncLifetime
{
    private OutboxHouse house = null!;
    private BotApiServer server = null!;
    private SinkCatalog catalog = null!;
    private TelegramReceiver receiver = null!;
    private OutboxLoop loop = null!;

    public async Task InitializeAsync()
    {
        house = await OutboxHouse.OpenAsync();
        server = await BotApiServer.StartAsync();
        catalog = new SinkCatalog(
            new SinksSettings
            {
                Sinks =
                [
                    new TelegramSinkSettings { Name = "phone", Token = BotApiServer.Token, ChatId = $"{BotApiServer.Chat}", ApiUrl = server.Url, AllowPrivate = true },
                ],
            },
            TextWriter.Null,
            house.Store,
            house.Time);
        receiver = catalog.Receivers(new PersonCommands(house.Store, house.Time), house.Time, NullLogger.Instance).ShouldHaveSingleItem();
        loop = await house.StartAsync(catalog.Sinks);
    }

    public async Task DisposeAsync()
    {
        catalog.Dispose();
        await server.DisposeAsync();
        await house.DisposeAsync();
    }

    [Fact]
    public async Task The_person_hears_of_an_escalation_acknowledges_it_and_hears_of_the_retraction()
    {
        await TellAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger));
        await TellAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Critical, AlertLevel.Danger, number: 2));
        var escalation = server.Messages.Last();
        escalation.Text.ShouldStartWith("a2 Escalated Critical\n");
        escalation.Silent.ShouldBeFalse();

        server.Press(escalation.Buttons[0], escalation.Id);
        await ListenAsync();

        (await house.Store.AlertAsync("a".PadRight(32, '0')))!.State.Acknowledged.ShouldBeTrue();
        var acknowledgement = server.Messages.Last();
        acknowledgement.Text.ShouldBe("Acknowledged by alice: alert a0000000 (aave-v3/eip155:1/core/0x0000000000000000000000000000000000000061), level critical.");
        acknowledgement.ReplyTo.ShouldBe(escalation.Id);
        server.CallsOf("answerCallbackQuery").ShouldHaveSingleItem();
        server.CallsOf("editMessageReplyMarkup").ShouldHaveSingleItem().GetProperty("reply_markup").GetRawText().ShouldNotContain("ack:");

        await TellAsync(OutboxHouse.Told(TransitionKind.Retracted, AlertLevel.None, AlertLevel.Critical, number: 3));

        var retraction = server.Messages.Last();
        retraction.Text.ShouldStartWith("a3 Retracted None\n");
        retraction.ReplyTo.ShouldBe(server.Messages.First().Id);
    }

    [Fact]
    public async Task An_alert_can_be_acknowledged_and_muted_by_the_beginning_of_its_id()
    {
        await TellAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical, alert: "abcd"));
        await TellAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical, alert: "abce"));

        (await SayAsync("/ack abc")).ShouldContain("at least 4 characters");
        (await SayAsync("/ack abcf")).ShouldContain("No open alert");
        (await SayAsync("/ack@DefiMonitorBot abcd")).ShouldStartWith("Acknowledged by alice");
        (await SayAsync("/mute abce 2h")).ShouldContain("muted until");

        (await house.Store.AlertAsync("abcd".PadRight(32, '0')))!.State.Acknowledged.ShouldBeTrue();
        (await house.Store.AlertAsync("abce".PadRight(32, '0')))!.State.Acknowledged.ShouldBeFalse();
        (await house.Store.MutesAsync(house.Time.GetUtcNow())).ShouldHaveSingleItem().Key.ShouldStartWith("Account:aave-v3/eip155:1/core/0x");
        (await SayAsync("/unmute abce")).ShouldContain("no longer muted");
        (await house.Store.MutesAsync(house.Time.GetUtcNow())).ShouldBeEmpty();
        (await SayAsync("/mute 1d")).ShouldContain("Critical and liquidatable are told all the same");
        (await SayAsync("/unmute")).ShouldContain("no longer muted");
        (await house.Store.MutesAsync(house.Time.GetUtcNow())).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_mute_button_mutes_the_subject_for_an_hour()
    {
        await TellAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger));
        var before = house.Time.GetUtcNow();

        server.Press(server.Messages.Last().Buttons[1], server.Messages.Last().Id);
        await ListenAsync();

        var mute = (await house.Store.MutesAsync(before)).ShouldHaveSingleItem();
        mute.Key.ShouldBe("Account:aave-v3/eip155:1/core/0x0000000000000000000000000000000000000061");
        (mute.Until - before).ShouldBeInRange(TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(70));
        server.Messages.Last().Text.ShouldContain("Liquidatable is told all the same");
    }

    [Fact]
    public async Task Whoever_writes_from_elsewhere_gets_neither_answer_nor_effect()
    {
        await TellAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical));
        var shown = server.Messages.Count;

        server.Write("/ack a0000000", chat: 666, by: "mallory");
        server.Write("/mute 1h", chat: 666, by: "mallory");
        server.Press("ack:a0000000", 1, chat: 666, by: "mallory");
        await ListenAsync();

        server.Messages.Count.ShouldBe(shown);
        server.CallsOf("answerCallbackQuery").ShouldBeEmpty();
        (await house.Store.AlertAsync("a".PadRight(32, '0')))!.State.Acknowledged.ShouldBeFalse();
        (await house.Store.MutesAsync(DateTimeOffset.UnixEpoch)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Status_test_and_help_are_answered()
    {
        await TellAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical));

        var status = await SayAsync("/status");
        status.ShouldContain("outbox: ");
        status.ShouldContain("chain/eip155:1: no sign of life yet");
        status.ShouldContain("Open alerts: 1 critical.");
        (await SayAsync("/test")).ShouldContain("hears this chat");
        (await SayAsync("/what")).ShouldContain("/mute ID 1h");
        (await SayAsync("/mute forever")).ShouldContain("/mute ID 1h");
    }

    [Fact]
    public async Task An_update_is_handled_once_and_what_makes_no_sense_is_passed_over()
    {
        server.Write("hello there");
        server.Press("nonsense", 1);
        server.Write("/test");

        await ListenAsync();
        await ListenAsync();

        server.Messages.Count.ShouldBe(1);
        server.CallsOf("getUpdates").Last().GetProperty("offset").GetInt64().ShouldBe(504);
    }

    [Fact]
    public async Task A_name_full_of_markup_is_only_a_name()
    {
        await TellAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical));

        server.Write("/ack a0000000", by: "\u202e*_[x](http://evil)\u001b[31m");
        await ListenAsync();

        server.Messages.Last().Text.ShouldStartWith("Acknowledged by *_[x](http://evil)[31m: alert a0000000");
        server.CallsOf("sendMessage").Last().TryGetProperty("parse_mode", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task When_the_owning_loop_is_away_the_person_is_told_so()
    {
        var time = new ManualTime();
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical));

        var asking = new PersonCommands(house.Store, time).AcknowledgeAsync("a0000000", "alice", CancellationToken.None);
        while (!asking.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }

        (await asking).Text.ShouldContain("takes effect when its loop is back");
        (await house.Store.PendingCommandsAsync(OutboxHouse.ChainLoop)).ShouldHaveSingleItem().Verb.ShouldBe(AlertCommands.Acknowledge);
    }

    [Fact]
    public async Task What_the_owning_loop_refuses_is_not_called_acknowledged()
    {
        var time = new ManualTime();
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical));

        var asking = new PersonCommands(house.Store, time).AcknowledgeAsync("a0000000", "alice", CancellationToken.None);
        var command = (await house.Store.PendingCommandsAsync(OutboxHouse.ChainLoop)).ShouldHaveSingleItem();
        await house.RefuseAsync(command);
        time.Advance(TimeSpan.FromSeconds(1));

        var answer = await asking;
        answer.Done.ShouldBeFalse();
        answer.Text.ShouldStartWith("Not acknowledged: alert a0000000");
    }

    [Theory]
    [InlineData("30m", 30)]
    [InlineData("1h", 60)]
    [InlineData("2D", 2880)]
    [InlineData("0h", null)]
    [InlineData("31d", null)]
    [InlineData("h", null)]
    [InlineData("-1h", null)]
    [InlineData("1 h", null)]
    [InlineData("99999999999m", null)]
    public void A_duration_is_a_number_and_a_unit(string text, int? minutes)
    {
        PersonCommands.TryReadDuration(text, out var span).ShouldBe(minutes is not null);
        if (minutes is { } expected)
        {
            span.ShouldBe(TimeSpan.FromMinutes(expected));
        }
    }

    private async Task TellAsync(AlertTransition told)
    {
        // Beyond Telegram's one a second.
        house.Time.Advance(TimeSpan.FromSeconds(1));
        await house.CommitAsync(told, "phone");
        await loop.DrainAsync(CancellationToken.None);
    }

    // The receiver waits for the loops that own the matter, and for Telegram's limits; here the loops and the clock go on beside it.
    private async Task ListenAsync()
    {
        var listening = receiver.StepAsync(TimeSpan.Zero, CancellationToken.None);
        while (!listening.IsCompleted)
        {
            await house.ApplyAcknowledgementsAsync();
            await loop.DrainAsync(CancellationToken.None);
            house.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(listening, Task.Delay(1));
        }

        (await listening).ShouldBeNull();
    }

    private async Task<string> SayAsync(string text)
    {
        server.Write(text);
        await ListenAsync();
        return server.Messages.Last().Text;
    }
}
