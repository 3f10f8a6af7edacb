using DefiMonitor.Core.Alerts;

namespace DefiMonitor.Engine.Sinks;

/// <summary>One transition on its way through one sink.</summary>
public sealed record SinkMessage
{
    /// <summary>The same for every retry: the receiver dedupes by it.</summary>
    public required string MessageId { get; init; }

    public required long Seq { get; init; }

    public required AlertTransition Transition { get; init; }

    /// <summary>What the chain's own view says; null = not asked, because there is nothing to ask it about.</summary>
    public Confirmation? Confirmation { get; init; }

    /// <summary>Without a sound.</summary>
    public bool Silent { get; init; }

    /// <summary>Told before, and nobody acknowledged it.</summary>
    public bool IsRepeat { get; init; }

    public required DateTimeOffset CommittedAt { get; init; }

    /// <summary>Now, by the loop's clock.</summary>
    public required DateTimeOffset SendingAt { get; init; }

    /// <summary>The message as alert.v1, one line of UTF-8: the exact bytes that are sent and signed.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }
}

public enum ConfirmationState
{
    Confirmed,
    Unconfirmed,
    Disputed,
}

/// <summary>The chain's own view of what an alert says. It informs, it never gates.</summary>
/// <param name="Reason">Unconfirmed: why not. Disputed: which figures differ. Confirmed: only where something is worth saying.</param>
/// <param name="Ours">Our figures as text, where they differ.</param>
/// <param name="Chain">The chain's.</param>
public sealed record Confirmation(ConfirmationState State, string? Reason = null, string? Ours = null, string? Chain = null)
{
    public static Confirmation Unconfirmed(string reason) => new(ConfirmationState.Unconfirmed, reason);
}
