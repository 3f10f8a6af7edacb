using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Risk;

namespace DefiMonitor.Core.Alerts;

/// <summary>One change of one alert: the event that is told.</summary>
public sealed record AlertTransition
{
    public required string AlertId { get; init; }

    /// <summary>1 for the opening, then counting up without gaps.</summary>
    public required int Number { get; init; }

    public required AlertSubject Subject { get; init; }

    public required string Rule { get; init; }

    public required TransitionKind Kind { get; init; }

    public required AlertLevel Level { get; init; }

    public required AlertLevel PreviousLevel { get; init; }

    public required ChainId Chain { get; init; }

    public required BlockHeader Block { get; init; }

    /// <summary>One line: what happened, to whom, how near.</summary>
    public required string Title { get; init; }

    /// <summary>What changed, how far the edge is, the ways out; a line each, plain text.</summary>
    public required IReadOnlyList<string> Lines { get; init; }

    public Cause? Cause { get; init; }

    /// <summary>The account as judged; null for chain and monitor subjects.</summary>
    public MarginReport? Report { get; init; }

    /// <summary>Wad in decimal, as last told, or as it was some hours before where nothing was told lately; null = not known, or no debt.</summary>
    public string? PreviousHealth { get; init; }

    /// <summary>Distance to the nearest trigger; null where none can be given. Model.</summary>
    public DistanceEstimate? Distance { get; init; }

    /// <summary>What the prices that are due would make of it; null where none is, or no feed is followed. Model.</summary>
    public PriceOutlook? Outlook { get; init; }

    /// <summary>What changed of a market; empty for other rules.</summary>
    public IReadOnlyList<ParameterChange> Parameters { get; init; } = [];

    /// <summary>What that did to accounts: the worst of <see cref="Touched"/>.</summary>
    public IReadOnlyList<ParameterImpact> Impacts { get; init; } = [];

    public int Touched { get; init; }

    /// <summary>How the state was read: "hash" (pinned to the block's hash) or "weak" (by number, between two reads of the same header); "pending" where what is told hangs on a transaction that no block holds yet.</summary>
    public string Pin { get; init; } = "hash";

    /// <summary>What the person calls the account's owner; null = only the address is known. As the person wrote it: not yet stripped.</summary>
    public string? OwnerName { get; init; }

    /// <summary>True when the account stands above the edge at the block's own time and below it at the earliest second a liquidation can land.</summary>
    public bool AtNextBlock { get; init; }

    /// <summary>True when it should arrive without a sound: quiet hours, muted, or a debt too small to wake anyone. It is told all the same.</summary>
    public bool Quiet { get; init; }

    /// <summary>True where a sink may ring at night although the person asked for quiet.</summary>
    public bool WakesPeople => !Quiet && Level >= AlertLevel.Critical && Kind is (TransitionKind.Opened or TransitionKind.Escalated);
}

public enum CauseKind
{
    Price,
    Interest,
    OwnTransaction,
    Liquidation,
    Parameter,
    Reorg,
    Reading,
}

/// <summary>Why the figure moved since it was last told.</summary>
public sealed record Cause(CauseKind Kind, string Text);
