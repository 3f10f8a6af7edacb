using DefiMonitor.Core.Chain;

namespace DefiMonitor.Core.Alerts;

/// <summary>The one alert of a subject under a rule, as it stands; stored in the transaction that tells of its change.</summary>
public sealed record AlertState
{
    /// <summary>Subject, rule and opening, hashed: the same over retries, restarts and reorgs.</summary>
    public required string AlertId { get; init; }

    public required AlertSubject Subject { get; init; }

    /// <summary>distance, unknown, blind, late, drift, parameters, outbox-stuck, test ...</summary>
    public required string Rule { get; init; }

    /// <summary>None = closed.</summary>
    public required AlertLevel Level { get; init; }

    public required BlockRef OpenedAt { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required ulong OpenedTimestamp { get; init; }

    /// <summary>
    /// The block of the last transition that raised the level, or a later canonical block at which the level was seen to hold still.
    /// When it is off the canonical chain and the condition is gone, the alert is retracted, not resolved.
    /// </summary>
    public required BlockRef RaisedAt { get; init; }

    /// <summary>Number of the last transition told; the first is 1.</summary>
    public required int TransitionNumber { get; init; }

    /// <summary>Wad in decimal, as last told; null = none told.</summary>
    public string? ToldHealth { get; init; }

    public bool Acknowledged { get; init; }

    /// <summary>
    /// The level that people were last told. An ease out of Danger is not told, so this may stand above <see cref="Level"/>; it never stands below it.
    /// </summary>
    public AlertLevel ToldLevel { get; init; }

    /// <summary>Confirmed or Disputed, as the chain's own view last answered the level told; null = no later answer.</summary>
    public TransitionKind? Answer { get; init; }

    public AlertKey Key => new(Subject, Rule);

    public bool IsOpen => Level != AlertLevel.None;
}
