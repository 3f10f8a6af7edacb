using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Tests.Outbox;

public sealed class OutboxDeliveryTests : IAsyncLifetime
{
    private OutboxHouse house = null!;

    public async Task InitializeAsync() => house = await OutboxHouse.OpenAsync();

    public async Task DisposeAsync() => await house.DisposeAsync();

    [Fact]
    public async Task What_was_committed_is_sent_once_and_marked()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "phone");

        await loop.DrainAsync(CancellationToken.None);
        await loop.DrainAsync(CancellationToken.None);

        sink.Tried.ShouldHaveSingleItem().MessageId.ShouldBe(MessageId.Of("a".PadRight(32, '0'), 1, "phone"));
        (await house.Store.OutboxHealthAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_crash_between_sending_and_marking_sends_the_same_message_again()
    {
        var sink = new RecordingSink("phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical), "phone");
        house.Confirmer.Say = _ => Confirmation.Unconfirmed("the node is down.");
        var dying = await house.StartAsync([sink], store: house.BreakingAt(nameof(IMonitorStore.MarkSentAsync)));

        await Should.ThrowAsync<StoreException>(() => dying.DrainAsync(CancellationToken.None));
        house.Confirmer.Say = _ => new Confirmation(ConfirmationState.Confirmed);
        house.Time.Advance(TimeSpan.FromMinutes(1));
        await (await house.StartAsync([sink])).DrainAsync(CancellationToken.None);

        sink.Tried.Count.ShouldBe(2);
        sink.Tried[1].MessageId.ShouldBe(sink.Tried[0].MessageId);

        // And it says the same of the chain's view, although the node is back.
        sink.Tried[1].Confirmation.ShouldBe(sink.Tried[0].Confirmation);
        await (await house.StartAsync([sink])).DrainAsync(CancellationToken.None);
        sink.Tried.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(nameof(IMonitorStore.DueAsync))]
    [InlineData(nameof(IMonitorStore.AskConfirmationAsync))]
    [InlineData(nameof(IOutboxStore.SaveConfirmationsAsync))]
    [InlineData(nameof(IMonitorStore.MarkSentAsync))]
    public async Task Wherever_the_process_dies_the_message_is_told(string method)
    {
        var sink = new RecordingSink("phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical), "phone");
        house.Confirmer.Say = _ => Confirmation.Unconfirmed("the node is down.");
        var dying = await house.StartAsync([sink], store: house.BreakingAt(method));

        await Should.ThrowAsync<StoreException>(() => dying.DrainAsync(CancellationToken.None));
        await (await house.StartAsync([sink])).DrainAsync(CancellationToken.None);

        sink.Tried.Select(m => m.MessageId).Distinct().ShouldHaveSingleItem();
        (await house.Store.PendingConfirmationsAsync(new(1))).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_younger_message_of_an_alert_never_overtakes_an_older_one()
    {
        var refuse = true;
        var sink = new RecordingSink("phone")
        {
            Answer = m => refuse && m.Transition.AlertId.StartsWith('a') ? new SinkResult.Retry(null, "refused", SinkWide: false) : null,
        };
        var loop = await house.StartAsync([sink]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Warning), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Critical, AlertLevel.Warning, number: 2), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Resolved, AlertLevel.None, AlertLevel.Critical, number: 3), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Warning, alert: "b"), "phone");

        await loop.DrainAsync(CancellationToken.None);
        sink.Titles.ShouldBe(["a1 Opened Warning", "b1 Opened Warning"], ignoreOrder: true);
        refuse = false;
        house.Time.Advance(TimeSpan.FromMinutes(1));
        await loop.DrainAsync(CancellationToken.None);

        sink.Titles.Where(t => t[0] == 'a').ShouldBe(["a1 Opened Warning", "a1 Opened Warning", "a2 Escalated Critical", "a3 Resolved None"]);
    }

    [Fact]
    public async Task The_nearest_to_the_edge_goes_first()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Warning, alert: "a"), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical, alert: "b"), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Liquidatable, alert: "c"), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical, alert: "d"), "phone");

        await loop.DrainAsync(CancellationToken.None);

        sink.Titles.Select(t => t[0]).ShouldBe(['c', 'b', 'd', 'a']);
    }

    [Fact]
    public async Task An_alert_whose_news_got_worse_while_it_waited_goes_before_the_others()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger, alert: "a"), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Warning, alert: "b"), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Liquidatable, AlertLevel.Warning, "b", number: 2), "phone");

        await loop.DrainAsync(CancellationToken.None);

        sink.Titles.Select(t => t[..2]).ShouldBe(["b1", "a1", "b2"]);
    }

    [Fact]
    public async Task Messages_to_a_sink_that_is_gone_are_dead_letters_and_wait_no_longer()
    {
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "old-phone", "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Critical, AlertLevel.Danger, number: 2), "old-phone");
        var sink = new RecordingSink("phone");

        await (await house.StartAsync([sink])).DrainAsync(CancellationToken.None);

        sink.Tried.ShouldHaveSingleItem();
        (await house.Store.DeadLettersAsync(10)).Select(r => (r.Sink, r.LastError)).ShouldBe(Enumerable.Repeat(("old-phone", (string?)"sinks.json no longer names this sink"), 2));
    }

    [Fact]
    public async Task A_refused_message_is_a_dead_letter_after_its_attempts_and_can_be_sent_again()
    {
        var sink = new RecordingSink("phone") { Answer = _ => new SinkResult.Retry(null, "it answers 422", SinkWide: false) };
        var loop = await house.StartAsync([sink], new OutboxOptions { Delivery = new DeliverySettings { Attempts = 3 } });
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "phone");

        await DrainForAsync(loop, TimeSpan.FromHours(1));

        sink.Tried.Count.ShouldBe(3);
        var dead = (await house.Store.DeadLettersAsync(10)).ShouldHaveSingleItem();
        dead.LastError.ShouldBe("it answers 422 (3 attempts)");
        (await house.Store.OutboxHealthAsync()).ShouldHaveSingleItem().Dead.ShouldBe(1);
        sink.Answer = _ => null;
        await house.Store.RequeueAsync(dead.MessageId, house.Time.GetUtcNow());
        await loop.DrainAsync(CancellationToken.None);
        sink.Tried.Count.ShouldBe(4);
        sink.Tried[3].MessageId.ShouldBe(dead.MessageId);
        (await house.Store.DeadLettersAsync(10)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sink_that_is_down_is_tried_for_a_day_whatever_the_attempts()
    {
        var sink = new RecordingSink("phone") { Answer = _ => new SinkResult.Retry(null, "no connection", SinkWide: true) };
        var loop = await house.StartAsync([sink], new OutboxOptions { Delivery = new DeliverySettings { Attempts = 3, GiveUpAfterHours = 24 } });
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "phone");

        await DrainForAsync(loop, TimeSpan.FromHours(23));
        (await house.Store.DeadLettersAsync(10)).ShouldBeEmpty();
        sink.Tried.Count.ShouldBeInRange(200, 2000);
        await DrainForAsync(loop, TimeSpan.FromHours(2));

        (await house.Store.DeadLettersAsync(10)).ShouldHaveSingleItem().LastError.ShouldBe("not delivered within 24 h; the last failure: no connection");
    }

    [Fact]
    public async Task A_message_that_was_never_tried_is_tried_however_old_it_is()
    {
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "phone");
        house.Time.Advance(TimeSpan.FromDays(3));
        var sink = new RecordingSink("phone");

        await (await house.StartAsync([sink])).DrainAsync(CancellationToken.None);

        sink.Tried.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task When_the_sink_is_down_one_message_finds_out_for_all()
    {
        var down = true;
        var sink = new RecordingSink("phone") { Answer = _ => down ? new SinkResult.Retry(null, "no connection", SinkWide: true) : null };
        var loop = await house.StartAsync([sink]);
        for (var i = 0; i < 20; i++)
        {
            await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger, alert: $"{(char)('a' + i)}"), "phone");
        }

        await loop.DrainAsync(CancellationToken.None);
        sink.Tried.Count.ShouldBe(1);
        down = false;
        house.Time.Advance(TimeSpan.FromSeconds(2));
        await loop.DrainAsync(CancellationToken.None);

        sink.Tried.Skip(1).Select(m => m.MessageId).Distinct().Count().ShouldBe(20);
    }

    [Fact]
    public async Task Retry_After_is_obeyed()
    {
        var sink = new RecordingSink("phone") { Answer = _ => new SinkResult.Retry(TimeSpan.FromSeconds(90), "slow down", SinkWide: true) };
        var loop = await house.StartAsync([sink]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "phone");

        await loop.DrainAsync(CancellationToken.None);
        house.Time.Advance(TimeSpan.FromSeconds(89));
        await loop.DrainAsync(CancellationToken.None);
        sink.Tried.Count.ShouldBe(1);
        house.Time.Advance(TimeSpan.FromSeconds(3));
        await loop.DrainAsync(CancellationToken.None);

        sink.Tried.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_sink_that_hangs_keeps_no_other_waiting()
    {
        var release = new TaskCompletionSource();
        var slow = new RecordingSink("slow") { Hang = release.Task };
        var fast = new RecordingSink("fast");
        var loop = await house.StartAsync([slow, fast]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "slow", "fast");
        await StepUntilAsync(loop, () => fast.Tried.Count == 1);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Escalated, AlertLevel.Critical, AlertLevel.Danger, number: 2), "slow", "fast");

        await StepUntilAsync(loop, () => fast.Tried.Count == 2);

        slow.Tried.Count.ShouldBe(1);
        release.SetResult();
        await loop.DrainAsync(CancellationToken.None);
        slow.Titles.ShouldBe(["a1 Opened Danger", "a2 Escalated Critical"]);
    }

    [Fact]
    public async Task A_sinks_rate_limit_lets_the_most_urgent_through_first()
    {
        var sink = new RecordingSink("phone") { Limits = [new RateLimit(1, TimeSpan.FromSeconds(1), house.Time)] };
        var loop = await house.StartAsync([sink]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Warning, alert: "a"), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Warning, alert: "b"), "phone");
        await loop.DrainAsync(CancellationToken.None);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Liquidatable, alert: "c"), "phone");

        await loop.DrainAsync(CancellationToken.None);
        sink.Titles.Select(t => t[0]).ShouldBe(['a']);
        house.Time.Advance(TimeSpan.FromSeconds(1));
        await loop.DrainAsync(CancellationToken.None);
        house.Time.Advance(TimeSpan.FromSeconds(1));
        await loop.DrainAsync(CancellationToken.None);

        sink.Titles.Select(t => t[0]).ShouldBe(['a', 'c', 'b']);
    }

    [Fact]
    public async Task An_outbox_that_another_process_took_over_stops_before_it_writes()
    {
        var sink = new RecordingSink("phone");
        var old = await house.StartAsync([sink]);
        await house.StartAsync([sink]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "phone");

        await Should.ThrowAsync<FencedException>(() => old.DrainAsync(CancellationToken.None));

        sink.Tried.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_nudge_ends_the_wait_at_once()
    {
        var loop = await house.StartAsync([]);
        var waiting = loop.HintAsync(CancellationToken.None);
        waiting.IsCompleted.ShouldBeFalse();

        loop.Nudge();
        loop.Nudge();
        await waiting;

        using var stop = new CancellationTokenSource();
        await loop.HintAsync(stop.Token);
        loop.HintAsync(stop.Token).IsCompleted.ShouldBeFalse();
        await stop.CancelAsync();
    }

    private static async Task StepUntilAsync(OutboxLoop loop, Func<bool> done)
    {
        while (!done())
        {
            await loop.StepAsync(CancellationToken.None);
        }
    }

    private async Task DrainForAsync(OutboxLoop loop, TimeSpan span)
    {
        var end = house.Time.GetUtcNow() + span;
        while (house.Time.GetUtcNow() < end)
        {
            await loop.DrainAsync(CancellationToken.None);
            house.Time.Advance(TimeSpan.FromSeconds(30));
        }
    }
}
