using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.OpynGamma;

// The rows of the state tables: unmanaged, packed, without padding, because a row is its bytes. A test holds each of them to that.

/// <summary>What all vaults share; there is one.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct VenueRow
{
    /// <summary>False until everything was read.</summary>
    public bool IsOpen { get; init; }

    public VenueFields Fields { get; init; }

    public Address Controller { get; init; }

    public Address Calculator { get; init; }

    public Address Oracle { get; init; }

    /// <summary>27 decimals.</summary>
    public UInt256 OracleDeviation { get; init; }

    public bool IsPartiallyPaused { get; init; }

    public bool IsFullyPaused { get; init; }
}

[Flags]
public enum VenueFields : byte
{
    None = 0,
    Controller = 1,
    Calculator = 2,
    Oracle = 4,
    Deviation = 8,
    PartialPause = 16,
    FullPause = 32,
    All = Controller | Calculator | Oracle | Deviation | PartialPause | FullPause,
}

[Flags]
public enum TokenFields : byte
{
    None = 0,
    Decimals = 1,
    Dust = 2,
    All = Decimals | Dust,
}

/// <summary>A token that a series is made of.</summary>
/// <param name="Dust">What a naked vault must hold more of, in the token's decimals.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct TokenRow(TokenFields Fields, Text32 Symbol, byte Decimals, UInt256 Dust);

/// <summary>The oracle's last answer, dollars with 8 decimals.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PriceRow(UInt256 Price, ulong Block, bool IsRead);

/// <summary>The Chainlink feed behind an underlying, and its newest round.</summary>
/// <param name="Aggregator">0 while it is not known.</param>
/// <param name="RoundId">The feed's own number.</param>
/// <param name="UpdatedAt">Second.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct FeedRow(Address Pricer, Address Aggregator, byte Decimals, bool HasDecimals, UInt128 RoundId, ulong UpdatedAt, ulong Block, bool IsRead);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct RoundKey(Address Underlying, UInt128 RoundId);

/// <summary>A round, 8 decimals.</summary>
/// <param name="UpdatedAt">Second; 0 = the feed has no such round.</param>
/// <param name="IsRead">False where the oracle reverted: it is asked again.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct RoundRow(UInt256 Price, ulong UpdatedAt, bool IsRead);

/// <summary>A series.</summary>
/// <param name="StrikePrice">8 decimals.</param>
/// <param name="Expiry">Seconds.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct SeriesRow(Address Underlying, Address Strike, Address Collateral, UInt256 StrikePrice, ulong Expiry, bool IsPut);

[Flags]
public enum TermFields : byte
{
    None = 0,
    Collateral = 1,
    Underlying = 2,
    Strike = 4,
    StrikePrice = 8,
    Expiry = 16,
    Kind = 32,
    All = Collateral | Underlying | Strike | StrikePrice | Expiry | Kind,
}

/// <summary>An oToken of the first version, as far as its getters have answered.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct DraftRow(SeriesRow Terms, TermFields Fields);

/// <summary>What a product's naked vaults go by.</summary>
/// <param name="SpotShock">27 decimals.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ProductRow(bool HasShock, bool HasTimes, UInt256 SpotShock);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct StepKey(Hash32 Product, ulong TimeToExpiry);

/// <param name="Value">27 decimals.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct StepRow(UInt256 Value, bool IsRead);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct SettledKey(Address Asset, ulong Expiry);

/// <summary>The price that a series is settled at, 8 decimals; may be disputed until it is final.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct SettledRow(UInt256 Price, bool IsFinal, ulong Block, bool IsRead);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct VaultKey(Address Owner, ulong Id);

/// <summary>A vault of an owner who is in. Nothing in it = not kept, once it has been read.</summary>
/// <param name="Type">0 = spread, 1 = naked, 2 = of the borrowable pool, which counts as a spread.</param>
/// <param name="LatestUpdate">Second; a liquidation must name a later round.</param>
/// <param name="IsRead">False after an event told that it changed, until it is read again.</param>
/// <param name="Asked">Block in which it was asked for last, whatever came of it; 0 = never.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct VaultRow(
    ulong Type, Address Short, Address Long, Address Collateral, UInt256 ShortAmount, UInt256 LongAmount, UInt256 CollateralAmount, ulong LatestUpdate, bool IsRead, ulong Asked)
{
    public bool IsEmpty => Short.IsZero && Long.IsZero && Collateral.IsZero;
}

/// <summary>An owner who is in.</summary>
/// <param name="Counter">Of vaults that were ever opened.</param>
/// <param name="IsCounted">False after the venue was closed, until the number is read again.</param>
/// <param name="MustEnter">True after an oToken came in that nobody had before: he counts as not in, until he has entered anew.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AccountRow(ulong Block, ulong Counter, bool IsCounted, bool MustEnter);
