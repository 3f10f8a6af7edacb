using DefiMonitor.Core.Chain;

namespace DefiMonitor.Core.Alerts;

/// <summary>What a rule sees of its subject at one block: the level that it would open at, and the level that it would still hold.</summary>
/// <remarks>The hold level stands at or above the open one; between the two lies the band in which nothing is said.</remarks>
public sealed record Observation
{
    public required AlertSubject Subject { get; init; }

    public required string Rule { get; init; }

    public required BlockHeader Block { get; init; }

    /// <summary>The level by the open thresholds; null = could not be observed, and then everything stays as it is.</summary>
    public AlertLevel? Open { get; init; }

    /// <summary>The level by the close thresholds; null = the same as <see cref="Open"/>.</summary>
    public AlertLevel? Hold { get; init; }

    /// <summary>Wad in decimal; null where there is none.</summary>
    public string? Health { get; init; }
}

/// <summary>One step of an alert.</summary>
/// <param name="State">The state after the step; null = there never was an alert.</param>
/// <param name="Changed">True when the state differs from before and must be stored.</param>
/// <param name="Told">The message to send; null = nothing is said.</param>
/// <param name="PreviousLevel">The level that people were told before.</param>
public readonly record struct AlertStep(AlertState? State, bool Changed, TransitionKind? Told, AlertLevel PreviousLevel);
