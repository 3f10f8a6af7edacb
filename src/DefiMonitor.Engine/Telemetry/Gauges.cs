namespace DefiMonitor.Engine.Telemetry;

/// <summary>The latest figures of one chain; written by its loops, read by whoever exports.</summary>
public sealed class ChainGauges
{
    /// <summary>Wall clock minus the time of the newest block folded.</summary>
    public double HeadAgeSeconds { get; set; }

    /// <summary>Blocks the node has and we have not folded.</summary>
    public double BlocksBehind { get; set; }

    /// <summary>Head minus the finalized block on disk.</summary>
    public double CheckpointLag { get; set; }

    public double Accounts { get; set; }

    public double UnknownAccounts { get; set; }

    /// <summary>Candidates that have not entered.</summary>
    public double WaitingAccounts { get; set; }

    /// <summary>Head minus the block of the oldest deployment's last reads.</summary>
    public double OldestReadBlocks { get; set; }

    /// <summary>Accounts whose last comparison with the chain disagreed.</summary>
    public double DriftedAccounts { get; set; }

    /// <summary>Followed markets with a total of their own that have not been held against it for a long while, or ever.</summary>
    public double UncheckedMarkets { get; set; }

    /// <summary>Markets whose accounts' debts did not add up to the contract's total when last looked at.</summary>
    public double IncompleteMarkets { get; set; }

    /// <summary>Share of accounts compared with the chain within the last full rotation window.</summary>
    public double CoverageRatio { get; set; }
}

/// <summary>The latest figures of one sink's outbox.</summary>
public sealed class SinkGauges
{
    public double Due { get; set; }

    public double Dead { get; set; }

    public double OldestDueSeconds { get; set; }
}
