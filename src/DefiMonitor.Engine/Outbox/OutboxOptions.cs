using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Outbox;

/// <summary>Writes a message as alert.v1: one line of UTF-8.</summary>
public delegate ReadOnlyMemory<byte> AlertEncoder(StoredTransition stored, string messageId, Confirmation? confirmation, DateTimeOffset sendingAt);

/// <summary>How the outbox behaves.</summary>
public sealed record OutboxOptions
{
    public DeliverySettings Delivery { get; init; } = new();

    public EscalationSettings? Escalation { get; init; }

    /// <summary>By sink name.</summary>
    public IReadOnlyDictionary<string, SinkQuietHours> QuietHours { get; init; } = new Dictionary<string, SinkQuietHours>(StringComparer.Ordinal);

    /// <summary>Seed of the jitter; null = a fresh one.</summary>
    public int? Seed { get; init; }

    public static OutboxOptions From(SinksSettings settings) => new()
    {
        Delivery = settings.Delivery,
        Escalation = settings.Escalation,
        QuietHours = settings.Sinks.Where(s => s.QuietHours is not null).ToDictionary(s => s.Name, s => s.QuietHours!, StringComparer.Ordinal),
    };
}
