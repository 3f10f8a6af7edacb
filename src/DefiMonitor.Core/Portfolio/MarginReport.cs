using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

public enum MarginStatus
{
    /// <summary>Read, computed and above the edge.</summary>
    Healthy,

    /// <summary>Below the edge: who sends the transaction may liquidate (unless <see cref="MarginReport.Blocked"/> says why not now).</summary>
    Liquidatable,

    /// <summary>Liquidatable, and what is left does not cover the debt.</summary>
    Insolvent,

    /// <summary>Could not be read or computed. Never zero, never "healthy".</summary>
    Unknown,
}

/// <summary>How a figure came to be.</summary>
public enum ResultTag
{
    /// <summary>Our own integers, equal to the contract's.</summary>
    Exact,

    /// <summary>The contract's own view at the block.</summary>
    ChainView,

    /// <summary>An estimate.</summary>
    Model,
}

/// <summary>One account at one instant, with everything that an alert has to say.</summary>
/// <remarks>Amounts are integers in the token's own decimals, values in <see cref="Unit"/> with <see cref="UnitDecimals"/> decimals, health factors in wad (10^18 = 1).</remarks>
public sealed record MarginReport
{
    public required MarginAccountId Account { get; init; }

    /// <summary>The block whose state was read.</summary>
    public required BlockHeader Block { get; init; }

    /// <summary>The instant judged: the block's own time, or the earliest second at which a liquidation can land.</summary>
    public required Instant At { get; init; }

    public required MarginStatus Status { get; init; }

    public ResultTag Tag { get; init; } = ResultTag.Exact;

    /// <summary>Second at which the venue last accrued interest, where that tells something of whether it is still in use; null where not. No proof of use: anybody may have it accrued.</summary>
    public ulong? AccruedAt { get; init; }

    /// <summary>One sentence when <see cref="Status"/> is Unknown.</summary>
    public string? UnknownReason { get; init; }

    /// <summary>Why a liquidation would be refused just now although the account is below the edge.</summary>
    public IReadOnlyList<Blocked> Blocked { get; init; } = [];

    public string Unit { get; init; } = "USD";

    public int UnitDecimals { get; init; } = 8;

    public UInt256 CollateralValue { get; init; }

    public UInt256 DebtValue { get; init; }

    /// <summary>True where more may be owed than <see cref="DebtValue"/>, because not all of it could be read or priced.</summary>
    public bool IsDebtPartial { get; init; }

    /// <summary>Numerator of the health factor (risk-adjusted collateral), in the venue's unit.</summary>
    public UInt256 MarginBalance { get; init; }

    /// <summary>Denominator of the health factor, in the venue's unit.</summary>
    public UInt256 MaintenanceRequirement { get; init; }

    /// <summary>Wad; null where there is no debt (shown as infinity).</summary>
    public UInt256? HealthFactor { get; init; }

    public IReadOnlyList<Position> Positions { get; init; } = [];

    /// <summary>What could not be read of the account beside its verdict and so is no position: one sentence each, any of which may be owed.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>
    /// Wad: the health factor at which the first of the triggers pulls, so that a distance can be told without working the triggers out;
    /// null = look at the triggers.
    /// </summary>
    public UInt256? NearestThreshold { get; init; }

    /// <summary>
    /// True when a threshold can move while the health factor stays, such as that of a trigger with an oracle of its own: then the health factor alone never says
    /// that all is as it was.
    /// </summary>
    public bool HasMovingThreshold { get; init; }

    /// <summary>
    /// Where the health factor does not move with the logarithm of a price, as with options, the distance is that to the nearest of these edges, found to one part in
    /// ten thousand because they are asked for at every block; the triggers have them exact. Null where the health factor tells the distance.
    /// </summary>
    public IReadOnlyList<PriceEdge>? NearEdges { get; init; }

    /// <summary>Usually <see cref="Deferred{T}"/>, as are the two after it: edges and sizes cost far more than the verdict.</summary>
    public IReadOnlyList<Trigger> Triggers { get; init; } = [];

    /// <summary>Sized ways to the target, cheapest first.</summary>
    public IReadOnlyList<Remedy> Remedies { get; init; } = [];

    /// <summary>What the owner can do, as far as the venue goes: his wallet and his allowances are the ledger's to join. Empty where a family does not tell.</summary>
    public IReadOnlyList<ActionCheck> Actions { get; init; } = [];

    /// <summary>What a liquidator could take at most, largest seizure first; empty while healthy.</summary>
    public IReadOnlyList<LiquidationQuote> Liquidations { get; init; } = [];

    /// <summary>Earliest second at which time alone can change the verdict (interest at constant prices, the end of a grace period); null = none known.</summary>
    public ulong? RecheckAt
    {
        get
        {
            ulong? first = null;
            foreach (var blocked in Blocked)
            {
                first = blocked.Until is { } until && (first is null || until < first) ? until : first;
            }

            foreach (var trigger in Triggers)
            {
                first = trigger is { Active: false, SecondsAtConstantPrices: { } seconds } && (first is null || At.Seconds + seconds < first) ? At.Seconds + seconds : first;
            }

            return first;
        }
    }

    /// <summary>The venue's own words in the venue's own order, e.g. the six of getUserAccountData, for comparison.</summary>
    public IReadOnlyList<NativeWord> NativeWords { get; init; } = [];

    public bool IsBelowEdge => Status is MarginStatus.Liquidatable or MarginStatus.Insolvent;
}

/// <param name="Code">paused, grace-period, sequencer, self</param>
/// <param name="Until">Second at which it ends by itself, where known.</param>
public sealed record Blocked(string Code, string Text, ulong? Until = null);

public sealed record NativeWord(string Name, UInt256 Value);
