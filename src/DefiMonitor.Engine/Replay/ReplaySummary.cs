namespace DefiMonitor.Engine.Replay;

/// <summary>What a replay says in one line; the JSON names are the property names in camel case.</summary>
public sealed record ReplaySummary
{
    /// <summary>Accounts watched that held a position at any time.</summary>
    public required int Accounts { get; init; }

    /// <summary>Blocks of the canonical chain.</summary>
    public required int Blocks { get; init; }

    /// <summary>Liquidations on the canonical chain, of watched accounts.</summary>
    public required int Liquidations { get; init; }

    /// <summary>Liquidations before whose block the last level (critical, near the edge) stood committed.</summary>
    public required int AlertedBefore { get; init; }

    /// <summary>Liquidations that are neither alerted before nor without lead.</summary>
    public required int Missed { get; init; }

    /// <summary>Liquidations at a price gap that left no block in between; told at the same block.</summary>
    public required int ZeroLead { get; init; }

    /// <summary>Chain seconds from the last level to the liquidation, tenth percentile over those alerted before (nearest rank).</summary>
    public required ulong? LeadSecondsP10 { get; init; }

    public required ulong? LeadSecondsP50 { get; init; }

    /// <summary>Messages "liquidatable" that the contract at that block denies, and alerts left open after their condition had ended.</summary>
    public required int FalseAlerts { get; init; }

    /// <summary>Alerts taken back because a reorg undid them.</summary>
    public required int Retracted { get; init; }

    /// <summary>Messages delivered to the person's sink.</summary>
    public required int Messages { get; init; }

    public required double MessagesPerAccountDay { get; init; }

    public required int Reorgs { get; init; }

    /// <summary>Canonical blocks that came while the node did not answer.</summary>
    public required int UnreadableBlocks { get; init; }

    /// <summary>Liquidations of which the monitor that people have today said nothing before.</summary>
    public required int NaiveMissed { get; init; }

    /// <summary>99th percentile of our own time for a block, from its announcement to its committed judgement, in milliseconds.</summary>
    public required double P99BlockMs { get; init; }
}
