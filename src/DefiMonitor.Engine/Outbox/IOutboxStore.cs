using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Outbox;

/// <summary>What the outbox alone asks of the store, beyond what everybody does.</summary>
public interface IOutboxStore : IMonitorStore, ISinkMemory
{
    /// <summary>
    /// Puts a message off until the quiet hours end; no attempt is counted. Younger messages of the same alert may overtake it while it waits,
    /// and when one of them is sent, this one is suppressed: what it said is no longer news.
    /// </summary>
    Task HoldAsync(Fence fence, string messageId, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>The message is not told. Stays on file with the reason.</summary>
    Task MarkSuppressedAsync(Fence fence, string messageId, DateTimeOffset at, string reason, CancellationToken cancellationToken);

    /// <summary>
    /// Remembers the chain's own view of transitions, for every sink that has yet to tell them; what is stored already stays. Later due rows carry it
    /// in <see cref="OutboxRow.Confirmation"/>.
    /// </summary>
    Task SaveConfirmationsAsync(Fence fence, IReadOnlyList<SavedConfirmation> confirmations, CancellationToken cancellationToken);

    /// <summary>
    /// The last raise (opened or escalated) of every open alert that stands at the level or above, is not acknowledged, was committed no later than
    /// <paramref name="committedUntil"/> and has not been repeated to the sink yet. Oldest first.
    /// </summary>
    Task<IReadOnlyList<StoredTransition>> UnacknowledgedAsync(
        AlertLevel atLeast, DateTimeOffset committedUntil, string sink, int limit, CancellationToken cancellationToken);

    /// <summary>Puts a transition that was told before into the outbox once more, for one sink; does nothing when that message id is there already.</summary>
    Task AddRepeatAsync(Fence fence, long seq, string sink, string messageId, DateTimeOffset at, CancellationToken cancellationToken);
}

public sealed record SavedConfirmation(long Seq, Confirmation Confirmation);
