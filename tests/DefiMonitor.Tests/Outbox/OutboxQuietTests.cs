using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Tests.Outbox;

/// <summary>The clock of these tests stands at 12:00 UTC.</summary>
public sealed class OutboxQuietTests : IAsyncLifetime
{
    private static readonly SinkQuietHours Noon = new(new TimeOnly(11, 0), new TimeOnly(14, 0), TimeZoneInfo.Utc, QuietAction.Hold);

    private OutboxHouse house = null!;

    public async Task InitializeAsync() => house = await OutboxHouse.OpenAsync();

    public async Task DisposeAsync() => await house.DisposeAsync();

    [Fact]
    public async Task Held_messages_come_when_the_quiet_hours_end()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink], Quiet(Noon));
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Warning), "phone");

        await loop.DrainAsync(CancellationToken.None);
        sink.Tried.ShouldBeEmpty();
        (await house.Store.OutboxHealthAsync()).Sum(h => h.Due).ShouldBe(0);
        house.Time.Advance(TimeSpan.FromHours(2));
        await loop.DrainAsync(CancellationToken.None);

        sink.Titles.ShouldBe(["a1 Opened Warning"]);
    }

    [Fact]
    public async Task A_critical_message_waits_for_no_quiet_hours_and_for_no_older_message_that_does()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink], Quiet(Noon));
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Warning), "phone");
        await loop.DrainAsync(CancellationToken.None);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Critical, AlertLevel.Warning, number: 2), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Resolved, AlertLevel.None, AlertLevel.Critical, number: 3), "phone");

        await loop.DrainAsync(CancellationToken.None);
        sink.Titles.ShouldBe(["a2 Escalated Critical", "a3 Resolved None"]);
        sink.Tried.Select(m => m.Silent).ShouldBe([false, true]);
        house.Time.Advance(TimeSpan.FromHours(3));
        await loop.DrainAsync(CancellationToken.None);

        // What was held is no longer news.
        sink.Tried.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Held_messages_of_one_alert_keep_their_order()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink], Quiet(Noon));
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Warning), "phone");
        await loop.DrainAsync(CancellationToken.None);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Danger, AlertLevel.Warning, number: 2), "phone");
        await loop.DrainAsync(CancellationToken.None);
        house.Time.Advance(TimeSpan.FromHours(3));
        await loop.DrainAsync(CancellationToken.None);

        sink.Titles.ShouldBe(["a1 Opened Warning", "a2 Escalated Danger"]);
    }

    [Fact]
    public async Task Silent_quiet_hours_tell_at_once_and_leave_critical_its_sound()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink], Quiet(Noon with { Action = QuietAction.Silent }));
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger, alert: "a"), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical, alert: "b"), "phone");

        await loop.DrainAsync(CancellationToken.None);

        sink.Tried.ToDictionary(m => m.Transition.Title[0], m => m.Silent).ShouldBe(new Dictionary<char, bool> { ['b'] = false, ['a'] = true }, ignoreOrder: true);
    }

    [Fact]
    public async Task What_the_judge_calls_quiet_is_told_without_a_sound()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical) with { Quiet = true }, "phone");

        await loop.DrainAsync(CancellationToken.None);

        sink.Tried.ShouldHaveSingleItem().Silent.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Account:aave-v3/eip155:1/core/0x0000000000000000000000000000000000000061")]
    [InlineData("0x0000000000000000000000000000000000000061")]
    public async Task A_mute_of_a_subject_or_its_owner_hides_all_but_what_anyone_may_liquidate(string key)
    {
        var sink = new RecordingSink("phone");
        var record = new RecordingSink("log") { KeepsEverything = true };
        var loop = await house.StartAsync([sink, record]);
        await house.MuteAsync(key, TimeSpan.FromHours(1));
        string[] both = ["phone", "log"];
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), both);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Critical, AlertLevel.Danger, number: 2), both);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Liquidatable, AlertLevel.Critical, number: 3), both);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Eased, AlertLevel.Danger, AlertLevel.Liquidatable, number: 4), both);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Resolved, AlertLevel.None, AlertLevel.Danger, number: 5), both);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger, alert: "b"), both);

        await loop.DrainAsync(CancellationToken.None);

        sink.Titles.ShouldBe(["a3 Escalated Liquidatable", "a4 Eased Danger", "b1 Opened Danger"], ignoreOrder: true);
        record.Tried.Count.ShouldBe(6);
    }

    [Fact]
    public async Task A_mute_ends()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink]);
        await house.MuteAsync("*", TimeSpan.FromHours(1));
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Warning), "phone");
        await loop.DrainAsync(CancellationToken.None);
        house.Time.Advance(TimeSpan.FromHours(1));
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Danger, AlertLevel.Warning, number: 2), "phone");

        await loop.DrainAsync(CancellationToken.None);

        sink.Titles.ShouldBe(["a2 Escalated Danger"]);
    }

    [Fact]
    public async Task A_mute_of_everything_hides_nothing_critical_and_can_be_lifted()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink]);
        var now = house.Time.GetUtcNow();
        var muted = await house.Store.AddCommandAsync(AlertCommands.ForMute("*", now.AddHours(2), "alice", now));
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger, alert: "a"), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical, alert: "b"), "phone");

        await loop.DrainAsync(CancellationToken.None);
        sink.Titles.ShouldBe(["b1 Opened Critical"]);
        (await house.Store.CommandAsync(muted))!.Result.ShouldBe("muted until 2026-01-15 14:00 UTC");

        house.Time.Advance(TimeSpan.FromSeconds(1));
        await house.Store.AddCommandAsync(AlertCommands.ForUnmute("*", "alice", house.Time.GetUtcNow()));
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger, alert: "c"), "phone");
        await loop.DrainAsync(CancellationToken.None);

        sink.Titles.ShouldBe(["b1 Opened Critical", "c1 Opened Danger"]);
    }

    [Fact]
    public async Task A_command_that_makes_no_sense_is_answered_and_done_with()
    {
        var loop = await house.StartAsync([]);
        var id = await house.Store.AddCommandAsync(new NewCommand("outbox", "mute", "not json", house.Time.GetUtcNow()));

        await loop.DrainAsync(CancellationToken.None);

        (await house.Store.CommandAsync(id))!.Result!.ShouldStartWith("refused");
    }

    [Fact]
    public async Task A_critical_alert_that_nobody_acknowledges_is_told_again_to_the_sink_named_for_it()
    {
        var phone = new RecordingSink("phone");
        var pager = new RecordingSink("pager");
        var loop = await house.StartAsync([phone, pager], new OutboxOptions { Escalation = new EscalationSettings(10, "pager") });
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Critical, AlertLevel.Danger, number: 2), "phone", "pager");
        await loop.DrainAsync(CancellationToken.None);
        house.Time.Advance(TimeSpan.FromMinutes(9));
        await loop.DrainAsync(CancellationToken.None);
        pager.Tried.Count.ShouldBe(1);
        house.Time.Advance(TimeSpan.FromMinutes(1));
        await loop.DrainAsync(CancellationToken.None);
        house.Time.Advance(TimeSpan.FromMinutes(30));
        await loop.DrainAsync(CancellationToken.None);

        pager.Tried.Count.ShouldBe(2);
        pager.Tried[1].IsRepeat.ShouldBeTrue();
        pager.Tried[1].MessageId.ShouldNotBe(pager.Tried[0].MessageId);
        pager.Titles.ShouldAllBe(t => t == "a2 Escalated Critical");
        phone.Tried.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_acknowledged_alert_is_not_repeated_until_it_gets_worse()
    {
        var pager = new RecordingSink("pager");
        var loop = await house.StartAsync([pager], new OutboxOptions { Escalation = new EscalationSettings(10, "pager") });
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical));
        var alert = await house.Store.AlertAsync("a".PadRight(32, '0'));
        await house.Store.AddCommandAsync(AlertCommands.ForAcknowledge(alert!, "alice", house.Time.GetUtcNow()));
        await house.ApplyAcknowledgementsAsync();
        house.Time.Advance(TimeSpan.FromHours(1));
        await loop.DrainAsync(CancellationToken.None);
        pager.Tried.ShouldBeEmpty();

        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Liquidatable, AlertLevel.Critical, number: 2));
        house.Time.Advance(TimeSpan.FromMinutes(11));
        await loop.DrainAsync(CancellationToken.None);

        pager.Titles.ShouldBe(["a2 Escalated Liquidatable"]);
    }

    private static OutboxOptions Quiet(SinkQuietHours hours) => new() { QuietHours = new Dictionary<string, SinkQuietHours> { ["phone"] = hours } };
}
