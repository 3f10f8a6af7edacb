using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.AaveV4;

// The rows of the state tables: unmanaged, packed, without padding, because a row is its bytes. A test holds each of them to that.

/// <summary>The Spoke itself; there is one.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct MarketRow
{
    /// <summary>False until everything was read, and again from an upgrade or a new reserve until it was read afresh.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Which of the Spoke's own reads have come in since it was last closed.</summary>
    public MarketFields Fields { get; init; }

    public MarketClosing Closing { get; init; }

    /// <summary>Where it was opened or closed last.</summary>
    public ulong ChangedBlock { get; init; }

    /// <summary>Where its reading began last.</summary>
    public ulong ReadBlock { get; init; }

    /// <summary>SPOKE_REVISION.</summary>
    public ulong Revision { get; init; }

    public Address Oracle { get; init; }

    public ushort ReserveCount { get; init; }

    /// <summary>How many there were when it was opened last; it never gets fewer. What a count read since says is only a claim until all of them have been read.</summary>
    public ushort OpenedCount { get; init; }

    public LiquidationConfig Liquidation { get; init; }

    /// <summary>getReservesPrices reverted last time: every price is also asked for on its own, so that one broken feed blinds only its holders.</summary>
    public bool AskPricesOneByOne { get; init; }
}

[Flags]
public enum MarketFields : byte
{
    None = 0,
    Revision = 1,
    Oracle = 2,
    Count = 4,
    Liquidation = 8,
    All = Revision | Oracle | Count | Liquidation,
}

/// <summary>Why a market is closed.</summary>
public enum MarketClosing : byte
{
    NeverOpened = 0,
    Upgraded = 1,
    Reserves = 2,
}

/// <summary>A hub that a reserve points to. Never removed, so that what is listened to only grows.</summary>
/// <param name="Revision">HUB_REVISION.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct HubRow(ulong Revision, bool IsRead);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct HubAssetKey(Address Hub, ushort Asset);

/// <summary>A hub's asset.</summary>
/// <param name="IsRead">False while it must be read: not yet known, or an event did not follow from what was.</param>
/// <param name="Since">Where it ceased to be known.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct HubAssetRow(HubAsset Asset, bool IsRead, ulong Since);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ReserveRow
{
    public Address Underlying { get; init; }

    public Address Hub { get; init; }

    /// <summary>Its number in the hub.</summary>
    public ushort Asset { get; init; }

    public byte Decimals { get; init; }

    /// <summary>Bps.</summary>
    public uint CollateralRisk { get; init; }

    public ReserveFlags Flags { get; init; }

    /// <summary>The key that a refresh binds a user to.</summary>
    public uint LatestKey { get; init; }

    /// <summary>What the oracle asks for its price; two reserves may share one.</summary>
    public Address PriceSource { get; init; }

    /// <summary>The hub lets the Spoke do anything with the asset.</summary>
    public bool IsActive { get; init; }

    /// <summary>The hub lets the Spoke move no liquidity of it.</summary>
    public bool IsHalted { get; init; }

    /// <summary>What the hub takes from the Spoke, and what it lends to it, whole tokens; 2^40 - 1 = any amount.</summary>
    public ulong AddCap { get; init; }

    public ulong DrawCap { get; init; }

    /// <summary>The most premium that the hub takes for what the Spoke has drawn, bps; 2^24 - 1 = any.</summary>
    public uint RiskPremiumThreshold { get; init; }

    public Text32 Symbol { get; init; }

    public ReserveFields Fields { get; init; }

    /// <summary>Where getReserve was answered last: the longest ago is next to be held against the contract.</summary>
    public ulong ReadBlock { get; init; }
}

[Flags]
public enum ReserveFields : byte
{
    None = 0,
    Data = 1,
    Source = 2,
    SpokeConfig = 4,
    All = Data | Source | SpokeConfig,
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct DynamicKey(ushort Reserve, uint Key);

/// <param name="Price">US dollars for one whole token, 8 decimals.</param>
/// <param name="Block">Where it was read.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PriceRow(UInt256 Price, ulong Block, bool IsRead);

/// <summary>An account that has entered, or is entering.</summary>
/// <param name="EnteredBlock">0 = it has never been read whole.</param>
/// <param name="Next">Which answer of a reading comes next, two a reserve; <see cref="Whole"/> when all have come.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AccountRow(ulong EnteredBlock, ushort Next)
{
    public const ushort Whole = ushort.MaxValue;

    /// <summary>An answer was missing: the next reading begins anew.</summary>
    public const ushort Broken = ushort.MaxValue - 1;
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PositionKey(Address User, ushort Reserve)
{
    /// <summary>The positions of one user are side by side in the table, for they are looked up together.</summary>
    public override int GetHashCode() => User.GetHashCode() + Reserve;
}

/// <summary>ISpoke.UserPosition and the collateral flag; there is no row for a reserve that the user does not use. He borrows where there are drawn shares.</summary>
/// <param name="Key">Of the dynamic configuration that the user is bound to; of no meaning while <paramref name="IsCollateral"/> is false.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PositionRow(
    UInt128 DrawnShares, UInt128 PremiumShares, SignedRay PremiumOffsetRay, UInt128 SuppliedShares, uint Key, bool IsCollateral)
{
    public bool IsEmpty => DrawnShares == 0 && PremiumShares == 0 && PremiumOffsetRay.IsZero && SuppliedShares == 0 && !IsCollateral;

    /// <summary>The contract asks for the price of what is flagged, whatever its amount.</summary>
    public bool Counts => IsCollateral || DrawnShares != 0;
}
