using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>The inputs of one owner at one block.</summary>
public sealed record OpynGammaState(MarginAccountId Account, BlockHeader Block) : AccountState(Account, Block)
{
    public Address Controller { get; init; }

    public Address Calculator { get; init; }

    /// <summary>27 decimals: what a liquidator's first price stays below the option's cash value, as a part of the spot.</summary>
    public UInt256 OracleDeviation { get; init; }

    /// <summary>Partly or fully: no liquidation either way.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Vaults that were ever opened; those with nothing in them are not among <see cref="Vaults"/>.</summary>
    public ulong Counter { get; init; }

    /// <summary>In the order of their ids, those that are Unknown among them.</summary>
    public IReadOnlyList<VaultState> Vaults { get; init; } = [];

    /// <summary>Why some of the owner's vaults are not among <see cref="Vaults"/>: one sentence; null where all are.</summary>
    public string? Unfollowed { get; init; }
}

/// <param name="Price">The oracle's, dollars with 8 decimals.</param>
public sealed record TokenState(Address Address, string Symbol, int Decimals, UInt256 Price)
{
    /// <summary>False where the decimals were not read.</summary>
    public bool HasTerms { get; init; } = true;
}

/// <summary>What an oToken is.</summary>
/// <param name="StrikePrice">In the strike asset, 8 decimals.</param>
/// <param name="Expiry">Seconds.</param>
public sealed record SeriesState(Address Otoken, TokenState Underlying, TokenState Strike, TokenState Collateral, UInt256 StrikePrice, ulong Expiry, bool IsPut);

/// <summary>A round of the feed behind an underlying.</summary>
/// <param name="Price">8 decimals.</param>
/// <param name="UpdatedAt">Second.</param>
public readonly record struct RoundState(UInt128 RoundId, UInt256 Price, ulong UpdatedAt);

/// <summary>What a series was settled at, 8 decimals; the prices of one asset against itself are not asked for, and are 0.</summary>
/// <param name="IsFinal">False while a price that is needed is missing or may be disputed.</param>
public readonly record struct SettledPrices(UInt256 Underlying, UInt256 Strike, UInt256 Collateral, bool IsFinal);

/// <summary>Why a vault is Unknown.</summary>
/// <param name="Why">One sentence.</param>
/// <param name="MayBeLiquidated">False where nothing of the vault can be liquidated, whatever is not known of it: it is no naked one, has no short, or has expired.</param>
public sealed record VaultGap(string Why, bool MayBeLiquidated);

/// <summary>One vault with all that its requirement follows from.</summary>
public sealed record VaultState
{
    public required ulong Id { get; init; }

    /// <summary>Null where all is known; else what is not must not be judged by.</summary>
    public VaultGap? Gap { get; init; }

    /// <summary>False where it changed and was not read since: then nothing below is known.</summary>
    public bool IsRead { get; init; } = true;

    /// <summary>0 = spread, 1 = naked, 2 = of the borrowable pool, which counts as a spread.</summary>
    public required ulong Type { get; init; }

    public SeriesState? Short { get; init; }

    public SeriesState? Long { get; init; }

    public TokenState? Collateral { get; init; }

    /// <summary>8 decimals.</summary>
    public UInt256 ShortAmount { get; init; }

    /// <summary>8 decimals.</summary>
    public UInt256 LongAmount { get; init; }

    /// <summary>In the collateral's decimals.</summary>
    public UInt256 CollateralAmount { get; init; }

    /// <summary>Second of the last change; a liquidation must name a later round.</summary>
    public ulong LatestUpdate { get; init; }

    /// <summary>Of the collateral; a naked vault must hold more or nothing.</summary>
    public UInt256 Dust { get; init; }

    /// <summary>27 decimals; naked vaults only, as are the next.</summary>
    public UInt256 SpotShock { get; init; }

    public IReadOnlyList<UpperBound> UpperBounds { get; init; } = [];

    /// <summary>The feed's newest round.</summary>
    public RoundState? Newest { get; init; }

    /// <summary>Of the rounds that were read and are later than <see cref="LatestUpdate"/>, the one with the lowest price.</summary>
    public RoundState? Lowest { get; init; }

    public RoundState? Highest { get; init; }

    /// <summary>All rounds that are known and later than <see cref="LatestUpdate"/>, oldest first.</summary>
    public IReadOnlyList<RoundState> Rounds { get; init; } = [];

    /// <summary>Second from which on every round is known; null = since <see cref="LatestUpdate"/>, so that none is missing that a liquidation may name.</summary>
    public ulong? RoundsSince { get; init; }

    /// <summary>Expired vaults only.</summary>
    public SettledPrices Settled { get; init; }

    /// <summary>The series that the vault is about; null for one with collateral alone.</summary>
    public SeriesState? Series => Short ?? Long;

    /// <summary>True while it can be judged and liquidated at all.</summary>
    public bool IsLiveNaked(ulong at) => Gap is null && Type == 1 && Short is { } series && at < series.Expiry;
}
