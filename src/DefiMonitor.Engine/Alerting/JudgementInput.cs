using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Engine.Alerting;

/// <summary>One block of one chain, ready to be judged.</summary>
public sealed record JudgementInput
{
    public required ChainId Chain { get; init; }

    /// <summary>The block whose state was read and is judged.</summary>
    public required BlockHeader Head { get; init; }

    /// <summary>How it was read: "hash" or "weak".</summary>
    public string Pin { get; init; } = "hash";

    public required IReadOnlyList<AccountInput> Accounts { get; init; }

    /// <summary>True when every account of the chain that can't be read is among <see cref="Accounts"/>; only then is the chain's "unknown" line judged.</summary>
    public bool Complete { get; init; } = true;

    /// <summary>What became of pending prices since the last judgement, a sentence each.</summary>
    public IReadOnlyList<string> Withdrawn { get; init; } = [];

    /// <summary>How many accounts the chain has; null = those in <see cref="Accounts"/> are all.</summary>
    public int? Followed { get; init; }

    /// <summary>What was told of liquidations in blocks that a fork may undo, one state an alert; what was taken back as well.</summary>
    public IReadOnlyList<AlertState> Happened { get; init; } = [];

    /// <summary>Liquidations since the last judgement, oldest first, each with its block; after a restart also some that were told before. Those of one block come together.</summary>
    public IReadOnlyList<(BlockHeader Block, Liquidation Liquidation)> Liquidations { get; init; } = [];

    /// <summary>Markets whose parameters are not as people know them.</summary>
    public IReadOnlyList<MarketChange> Markets { get; init; } = [];

    /// <summary>The stored state of every alert of this chain and its accounts, closed ones included.</summary>
    public required IReadOnlyDictionary<AlertKey, AlertState> Alerts { get; init; }

    /// <summary>Whether a block is on the chain that ends in <see cref="Head"/>; true for finalized ones.</summary>
    public required Func<BlockRef, bool> IsCanonical { get; init; }

    /// <summary>True while the chain's "blind" alert is open: no account is then called unknown for itself.</summary>
    public bool Blind { get; init; }

    /// <summary>Seconds since 1970: the clock that blind time, quiet hours and mutes go by. On a tape: the head's own time.</summary>
    public required ulong Now { get; init; }
}

/// <summary>One account at both instants, with what is remembered of it.</summary>
public sealed record AccountInput
{
    public required MarginAccountId Account { get; init; }

    /// <summary>At the block's own time: what the chain's views say.</summary>
    public required MarginReport AtBlock { get; init; }

    /// <summary>At the earliest second at which a liquidation can land.</summary>
    public required MarginReport AtNext { get; init; }

    /// <summary>What the prices that come next would do to it; null where no followed feed moves it.</summary>
    public PriceOutlook? Outlook { get; init; }

    /// <summary>The last report before this one, from memory or from the store; null = none.</summary>
    public MarginReport? Previous { get; init; }

    /// <summary>What the last judgement handed back for this account (<see cref="JudgementResult.Memories"/>); null = first time.</summary>
    public AccountMemory? Memory { get; init; }

    /// <summary>What the person calls the owner; null = nobody named it.</summary>
    public string? OwnerName { get; init; }

    /// <summary>Whether a liquidation touched it since the last judgement; null = nobody looked, then it is guessed from the legs.</summary>
    public bool? Liquidated { get; init; }

    /// <summary>Parameters of what the account holds that changed lately, oldest first, each with the block it was seen at.</summary>
    public IReadOnlyList<(ulong Block, ParameterChange Change)> Parameters { get; init; } = [];
}

/// <summary>
/// What the judge remembers of an account between blocks. Changes seldom; stored in the same transaction as the alerts, so that a run
/// that crashed says what a calm one says.
/// </summary>
public sealed record AccountMemory
{
    public required MarginAccountId Account { get; init; }

    /// <summary>The account as it was last told, or as it was in calm some hours ago: what a change is measured from.</summary>
    public MarginReport? Baseline { get; init; }

    /// <summary>The first block at which it could not be read; null = it can.</summary>
    public BlockHeader? UnknownSince { get; init; }

    /// <summary>Distance when it was last read, in daily sigmas; null = never read, or no debt. Model.</summary>
    public double? KnownSigmas { get; init; }

    /// <summary>True when it had debt as last read, or was never read.</summary>
    public bool MayHaveDebt { get; init; } = true;
}

public sealed record JudgementResult
{
    /// <summary>Alerts to store, in the order of their keys.</summary>
    public required IReadOnlyList<AlertState> Changed { get; init; }

    /// <summary>Messages to put in the outbox, in the order of their alerts' keys.</summary>
    public required IReadOnlyList<AlertTransition> Transitions { get; init; }

    /// <summary>Memories that changed, in the order of their accounts.</summary>
    public IReadOnlyList<AccountMemory> Memories { get; init; } = [];

    /// <summary>Markets whose memory changed, in the order of their deployments.</summary>
    public IReadOnlyList<MarketMemory> Markets { get; init; } = [];

    /// <summary>Every account as judged, in the order of their ids.</summary>
    public IReadOnlyList<JudgedAccount> Accounts { get; init; } = [];
}

/// <param name="Worse">The worse of the two reports.</param>
/// <param name="Level">The level of its distance alert after this judgement.</param>
public sealed record JudgedAccount(MarginAccountId Account, MarginReport Worse, AlertLevel Level, Core.Risk.DistanceEstimate? Distance)
{
    /// <summary>Where its health factor may move without anything to tell.</summary>
    public CalmBand Calm { get; init; } = CalmBand.None;
}
