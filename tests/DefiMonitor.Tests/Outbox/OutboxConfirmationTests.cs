using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Tests.Outbox;

public sealed class OutboxConfirmationTests : IAsyncLifetime
{
    private OutboxHouse house = null!;

    public async Task InitializeAsync() => house = await OutboxHouse.OpenAsync();

    public async Task DisposeAsync() => await house.DisposeAsync();

    [Fact]
    public async Task All_sinks_say_the_same_and_the_chain_is_asked_once()
    {
        var phone = new RecordingSink("phone");
        var bot = new RecordingSink("bot");
        house.Confirmer.Say = _ => new Confirmation(ConfirmationState.Disputed, "health factor: ours 0.99, the chain's 1.01");
        var loop = await house.StartAsync([phone, bot]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical), "phone", "bot");

        await loop.DrainAsync(CancellationToken.None);

        phone.Tried.ShouldHaveSingleItem().Confirmation!.State.ShouldBe(ConfirmationState.Disputed);
        bot.Tried.ShouldHaveSingleItem().Confirmation.ShouldBe(phone.Tried[0].Confirmation);
        System.Text.Encoding.UTF8.GetString(bot.Tried[0].Json.Span).ShouldContain("Disputed");
        house.Confirmer.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_node_that_hangs_holds_a_message_two_seconds_and_the_question_stays()
    {
        var sink = new RecordingSink("phone");
        house.Confirmer.Hang = new TaskCompletionSource().Task;
        var loop = await house.StartAsync([sink]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger, alert: "b"), "phone");

        var draining = loop.DrainAsync(CancellationToken.None);
        house.Time.Advance(TimeSpan.FromSeconds(1.9));
        sink.Tried.ShouldBeEmpty();
        house.Time.Advance(TimeSpan.FromSeconds(0.1));
        await draining;

        // Both at once: the wait is once for all that is due, not once for each.
        sink.Tried.Select(m => m.Confirmation).ShouldAllBe(c => c == Confirmation.Unconfirmed("the node did not answer within 2 s."));
        sink.Tried.Count.ShouldBe(2);

        // Only what wakes people is worth a second message.
        var pending = (await house.Store.PendingConfirmationsAsync(new ChainId(1))).ShouldHaveSingleItem();
        pending.AlertId.ShouldStartWith("a");
        pending.Account.ToString().ShouldBe("aave-v3/eip155:1/core/0x0000000000000000000000000000000000000061");
    }

    [Fact]
    public async Task A_confirmed_message_leaves_no_question()
    {
        var loop = await house.StartAsync([new RecordingSink("phone")]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Liquidatable), "phone");

        await loop.DrainAsync(CancellationToken.None);

        (await house.Store.PendingConfirmationsAsync(new ChainId(1))).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_chain_has_no_view_of_is_not_asked()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink]);
        var unread = OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical, alert: "b");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Retracted, AlertLevel.None, AlertLevel.Critical), "phone");
        await house.CommitAsync(unread with { Report = unread.Report! with { Status = MarginStatus.Unknown } }, "phone");
        await house.CommitAsync(Judge.Test(1_700_000_000).Transitions[0], "phone");

        await loop.DrainAsync(CancellationToken.None);

        sink.Tried.Count.ShouldBe(3);
        sink.Tried.ShouldAllBe(m => m.Confirmation == null);
        house.Confirmer.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_wait_messages_go_out_unconfirmed_and_say_why()
    {
        var sink = new RecordingSink("phone");
        var loop = await house.StartAsync([sink], new OutboxOptions { Delivery = new DeliverySettings { ConfirmSeconds = 0 } });
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Critical), "phone");

        await loop.DrainAsync(CancellationToken.None);

        sink.Tried.ShouldHaveSingleItem().Confirmation!.Reason!.ShouldContain("confirmSeconds is 0");
    }
}
