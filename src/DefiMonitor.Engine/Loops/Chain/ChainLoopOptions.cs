using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>How one chain is followed and judged.</summary>
public sealed record ChainLoopOptions
{
    public required ChainId Chain { get; init; }

    /// <summary>As in the configuration, for sentences that name a command.</summary>
    public required string ChainName { get; init; }

    /// <summary>Seconds after a block's own time at which the earliest liquidation can land.</summary>
    public ulong NextBlockSeconds { get; init; } = 12;

    /// <summary>Reads older than this many blocks make an account Unknown.</summary>
    public ulong MaxReadAgeBlocks { get; init; } = 3;

    /// <summary>Reads older than this many seconds make an account Unknown.</summary>
    public ulong MaxReadAgeSeconds { get; init; } = 60;

    /// <summary>Least time between two judgements; zero = every head.</summary>
    public TimeSpan JudgeEvery { get; init; }

    /// <summary>Pause before a head that could not be read is tried again.</summary>
    public TimeSpan RetryEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A report whose level and status have not changed is stored this often at the most, by the chain's time.</summary>
    public TimeSpan ReportEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Accounts that enter at one judged block at the most; the others wait for the next.</summary>
    public int EnterPerBlock { get; init; } = 500;

    /// <summary>Accounts compared with the chain's own view at one judged block.</summary>
    public int ComparePerBlock { get; init; } = 16;

    /// <summary>Least time between two looks whether the debts of all borrowers add up to the contract's total, where all are followed.</summary>
    public TimeSpan CompleteEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Up to so many accounts everybody is evaluated at every judged block; above, bulk judging filters out those of whom there is nothing to tell.</summary>
    public int FullPassAccounts { get; init; } = 400;

    /// <summary>Far accounts evaluated at one judged block because their report has grown old.</summary>
    public int FarPerBlock { get; init; } = 32;

    /// <summary>
    /// Accounts of which what the judge remembers is kept in memory, those judged last and up to twice as many, besides those that can't be read; the others' is read
    /// from the disk when needed.
    /// </summary>
    public int MemoriesAtHand { get; init; } = 4_096;

    /// <summary>Changed rows that go to the disk at one step when blocks became final while the head is judged already; the rest waits for the next steps, and the next head for no more than these. One block is never cut.</summary>
    public int FinalizePerStep { get; init; } = 10_000;

    /// <summary>Blocks whose raw logs are kept below the finalized one; 0 = none.</summary>
    public ulong KeepLogBlocks { get; init; }

    /// <summary>Deployments whose borrowers are found by their logs.</summary>
    public IReadOnlySet<DeploymentId> Discover { get; init; } = new HashSet<DeploymentId>();

    /// <summary>Feeds that are read beside everything else and held against the market.</summary>
    public IReadOnlyList<FeedWatch> Feeds { get; init; } = [];

    /// <summary>True to look at the node's pending transactions for transmissions to these feeds: one call a look, beside those of a block.</summary>
    public bool Pending { get; init; }

    /// <summary>Pause between two looks at them while no block comes.</summary>
    public TimeSpan PendingEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whose accounts are watched, on every deployment of this chain.</summary>
    public IReadOnlyList<WatchedOwner> Watch { get; init; } = [];

    /// <summary>
    /// Watch-list mode for a plan that cannot pay for every block's logs: at each look everything is read afresh at the head, and the blocks
    /// between two looks are not. Null = every block is folded.
    /// </summary>
    public TimeSpan? FreshEvery { get; init; }

    /// <summary>In watch-list mode, the pause while an account is near a rule.</summary>
    public TimeSpan? FreshEveryNear { get; init; }
}

/// <param name="Name">What the person calls the owner; null = the address alone.</param>
public sealed record WatchedOwner(Address Address, string? Name);
