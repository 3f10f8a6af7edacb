using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Outbox;

/// <summary>A critical alert that nobody acknowledges is told once more, to the sink that was named for it.</summary>
internal sealed class Escalation(EscalationSettings? settings, IOutboxStore store, TimeProvider time)
{
    private const int Batch = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private DateTimeOffset next = DateTimeOffset.MinValue;

    /// <summary>The repeated message has an id of its own: whoever got the first one must not take it for a duplicate.</summary>
    public static string RepeatId(AlertTransition transition, string sink) => MessageId.Of(transition.AlertId, transition.Number, sink + "#repeat");

    public async Task StepAsync(Fence fence, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (settings is null || now < next)
        {
            return;
        }

        next = now + Every;
        var until = now - TimeSpan.FromMinutes(settings.AfterMinutes);
        foreach (var stored in await store.UnacknowledgedAsync(AlertLevel.Critical, until, settings.Sink, Batch, cancellationToken))
        {
            await store.AddRepeatAsync(fence, stored.Seq, settings.Sink, RepeatId(stored.Transition, settings.Sink), now, cancellationToken);
        }
    }
}
