using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;

namespace DefiMonitor.Engine.Outbox;

/// <summary>
/// The way of the messages to one sink. Each sink has its own, so that a slow one keeps nobody else waiting. Nearest to the edge first; within one alert
/// always in order (the store hands them out so, and of each alert only the oldest undelivered message).
/// </summary>
internal sealed class SinkLane(
    IAlertSink sink, IOutboxStore store, ConfirmationDesk desk, AlertEncoder encode, OutboxOptions options, RetryPlan retries, TimeProvider time, MonitorMetrics metrics)
{
    private const int Batch = 500;

    private readonly SinkQuietHours? quiet = options.QuietHours.GetValueOrDefault(sink.Name);
    private int failures;

    public string Name => sink.Name;

    /// <summary>Before this there is no use in trying.</summary>
    public DateTimeOffset NotBefore { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>The work in progress; null = idle.</summary>
    public Task<bool>? Running { get; set; }

    /// <summary>Sends what is due. True = something was settled, so there may be more.</summary>
    public async Task<bool> RunAsync(Fence fence, CancellationToken cancellationToken)
    {
        var due = await store.DueAsync(sink.Name, time.GetUtcNow(), Batch, cancellationToken);
        if (due.Count == 0)
        {
            return false;
        }

        var tell = await SiftAsync(fence, due, cancellationToken);
        var settled = tell.Count < due.Count;
        if (tell.Count == 0)
        {
            return settled;
        }

        var asked = time.GetTimestamp();
        var views = await desk.AskAsync(fence, tell, cancellationToken);
        var confirm = time.GetElapsedTime(asked);
        foreach (var row in tell)
        {
            if (!RateLimit.TryTake(sink.Limits, out var wait))
            {
                NotBefore = time.GetUtcNow() + wait;
                return settled;
            }

            var outcome = await TellAsync(fence, row, views.GetValueOrDefault(row.Stored.Seq), confirm, cancellationToken);
            settled = true;
            if (outcome is SinkResult.Retry { SinkWide: true })
            {
                return settled;
            }
        }

        return settled;
    }

    // Takes out what is muted, held or too old.
    private async Task<List<OutboxRow>> SiftAsync(Fence fence, IReadOnlyList<OutboxRow> due, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var mutes = sink.KeepsEverything ? [] : await store.MutesAsync(now, cancellationToken);
        var tell = new List<OutboxRow>(due.Count);
        foreach (var row in due)
        {
            var transition = row.Stored.Transition;
            if (MutePolicy.Hides(mutes, transition) is { } why)
            {
                await store.MarkSuppressedAsync(fence, row.MessageId, now, why, cancellationToken);
                metrics.Message(sink.Name, "suppressed");
            }
            else if (!sink.KeepsEverything && MutePolicy.HeldUntil(quiet, transition, now) is { } until)
            {
                await store.HoldAsync(fence, row.MessageId, until, cancellationToken);
                metrics.Message(sink.Name, "held");
            }
            else if (row.Attempts > 0 && row.Stored.CommittedAt + TimeSpan.FromHours(options.Delivery.GiveUpAfterHours) <= now)
            {
                await GiveUpAsync(fence, row, $"not delivered within {options.Delivery.GiveUpAfterHours} h; the last failure: {row.LastError}", cancellationToken);
            }
            else
            {
                tell.Add(row);
            }
        }

        return tell;
    }

    private async Task<SinkResult> TellAsync(Fence fence, OutboxRow row, Confirmation? view, TimeSpan confirm, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var sending = time.GetTimestamp();
        var transition = row.Stored.Transition;
        var result = await sink.SendAsync(
            new SinkMessage
            {
                MessageId = row.MessageId,
                Seq = row.Stored.Seq,
                Transition = transition,
                Confirmation = view,
                Silent = !row.IsRepeat && MutePolicy.IsSilent(quiet, transition, now),
                IsRepeat = row.IsRepeat,
                CommittedAt = row.Stored.CommittedAt,
                SendingAt = now,
                Json = encode(row.Stored, row.MessageId, view, now),
            },
            cancellationToken);
        var send = time.GetElapsedTime(sending);
        var after = time.GetUtcNow();
        switch (result)
        {
            case SinkResult.Sent:
                failures = 0;
                NotBefore = DateTimeOffset.MinValue;
                await store.MarkSentAsync(fence, row.MessageId, after, view is null ? null : StoreJson.Write(view), cancellationToken);
                metrics.Message(sink.Name, "sent");
                if (row is { IsRepeat: false, Status: not OutboxStatus.Held })
                {
                    metrics.Delivered(sink.Name, after - row.Stored.CommittedAt, confirm, send);
                }

                break;
            case SinkResult.Dead dead:
                await GiveUpAsync(fence, row, dead.Reason, cancellationToken);
                break;
            case SinkResult.Retry { SinkWide: false } retry when row.Attempts + 1 >= options.Delivery.Attempts:
                await GiveUpAsync(fence, row, $"{retry.Reason} ({row.Attempts + 1} attempts)", cancellationToken);
                break;
            case SinkResult.Retry retry:
                var next = after + retries.Pause(retry.SinkWide ? failures++ : row.Attempts, retry.After);
                if (retry.SinkWide)
                {
                    NotBefore = next;
                }

                await store.MarkRetryAsync(fence, row.MessageId, next, retry.Reason, cancellationToken);
                metrics.Message(sink.Name, "retry");
                break;
            default:
                throw new InvalidOperationException($"Sink {sink.Name} answered {result}.");
        }

        return result;
    }

    private async Task GiveUpAsync(Fence fence, OutboxRow row, string why, CancellationToken cancellationToken)
    {
        await store.MarkDeadAsync(fence, row.MessageId, time.GetUtcNow(), HostileText.OneLine(why, 400), cancellationToken);
        metrics.Message(sink.Name, "dead");
    }
}
