using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.AaveV3;

// The rows of the state tables: unmanaged, packed, without padding, because a row is its bytes. A test holds each of them to that.

/// <summary>The market itself; there is one.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct MarketRow
{
    /// <summary>False until everything was read, and again from an upgrade until it was read afresh.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Which of the market's own reads have come in since it was last closed.</summary>
    public MarketFields Fields { get; init; }

    public MarketClosing Closing { get; init; }

    /// <summary>Where it was opened or closed last.</summary>
    public ulong ChangedBlock { get; init; }

    public ulong Revision { get; init; }

    public Address Pool { get; init; }

    public Address Configurator { get; init; }

    public Address Oracle { get; init; }

    /// <summary>Zero where there is none.</summary>
    public Address Sentinel { get; init; }

    public UInt256 BaseUnit { get; init; }

    /// <summary>Where getReservesList was read.</summary>
    public ulong ListBlock { get; init; }

    /// <summary>getAssetsPrices reverted last time: every price is also asked for on its own, so that one broken feed blinds only its holders.</summary>
    public bool AskPricesOneByOne { get; init; }

    /// <summary>The sentinel's answer, and where it was read; 0 = not, or it reverted.</summary>
    public bool LiquidationAllowed { get; init; }

    public ulong SentinelBlock { get; init; }
}

[Flags]
public enum MarketFields : byte
{
    None = 0,
    Pool = 1,
    Configurator = 2,
    Oracle = 4,
    Sentinel = 8,
    Revision = 16,
    List = 32,
    BaseUnit = 64,
    All = Pool | Configurator | Oracle | Sentinel | Revision | List | BaseUnit,
}

/// <summary>Why a market is closed.</summary>
public enum MarketClosing : byte
{
    NeverOpened = 0,
    Upgraded = 1,
    Reserves = 2,
    Addresses = 3,
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ReserveRow
{
    public Address Asset { get; init; }

    public Address AToken { get; init; }

    public Address DebtToken { get; init; }

    /// <summary>Up to 3.1; zero later.</summary>
    public Address StableDebtToken { get; init; }

    public ReserveConfiguration Configuration { get; init; }

    public ReserveIndexes Indexes { get; init; }

    /// <summary>No liquidation up to and including this second.</summary>
    public ulong GraceUntil { get; init; }

    public UInt128 IsolationDebt { get; init; }

    public Text32 Symbol { get; init; }

    /// <summary>What of it is known; an event that changes something unseen clears it.</summary>
    public ReserveFields Fields { get; init; }

    public ulong ReadBlock { get; init; }

    /// <summary>Where it was last seen to change in a way that has to be read.</summary>
    public ulong ChangedBlock { get; init; }
}

[Flags]
public enum ReserveFields : byte
{
    None = 0,
    Data = 1,
    Grace = 2,
}

/// <summary>What of an asset no verdict goes by, but people want to hear of when it changes. Zero = not known yet: only an event tells it.</summary>
/// <param name="RateData">The four numbers of the rate model, 32 bits each: optimal usage, base rate, slope 1, slope 2, all in bps.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct BackgroundRow(Address PriceSource, Address RateStrategy, UInt128 RateData);

/// <summary>An asset of the market, and where it was last in the list of reserves.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AssetRow(ushort Reserve, ulong ListedBlock)
{
    /// <summary>Listed, but its id is not read yet.</summary>
    public const ushort NoId = ushort.MaxValue;
}

/// <summary>A token of a reserve. Never removed, so that what is listened to only grows.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct TokenRow(ushort Reserve, TokenSide Side);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct EModeRow
{
    public EModeCategory Category { get; init; }

    /// <summary>Up to 3.1; zero = none.</summary>
    public Address PriceSource { get; init; }

    public EModeFields Fields { get; init; }

    public ulong ReadBlock { get; init; }

    public ulong ChangedBlock { get; init; }
}

[Flags]
public enum EModeFields : byte
{
    None = 0,
    Parameters = 1,
    Collateral = 2,
    Ltvzero = 4,
    Isolated = 8,
}

/// <param name="Price">Base units for one whole token.</param>
/// <param name="Block">Where it was read.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PriceRow(UInt256 Price, ulong Block, PriceState State);

public enum PriceState : byte
{
    Unread = 0,
    Read = 1,
    Reverted = 2,
    Zero = 3,
}

/// <summary>An account that has entered.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AccountRow
{
    public UserConfiguration Configuration { get; init; }

    /// <summary>0 = none.</summary>
    public byte EMode { get; init; }

    public ulong EnteredBlock { get; init; }

    public AccountFields Fields { get; init; }
}

[Flags]
public enum AccountFields : byte
{
    None = 0,
    Configuration = 1,
    EMode = 2,
    All = Configuration | EMode,
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct BalanceKey(Address User, ushort Reserve, TokenSide Side)
{
    /// <summary>The balances of one user are side by side in the table, for they are looked up together.</summary>
    public override int GetHashCode() => User.GetHashCode() + (2 * Reserve) + (int)Side;
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ReadDebtKey(Address User, ushort Reserve, ReadDebtKind Kind);

/// <summary>A debt that events do not tell.</summary>
public enum ReadDebtKind : byte
{
    /// <summary>Up to 3.1: the stable debt, added to the variable one.</summary>
    Stable = 1,

    /// <summary>3.3, a reserve without virtual accounting (GHO): balanceOf of the debt token, discount included, in place of scaled balance times index.</summary>
    Discounted = 2,

    /// <summary>3.1 and 3.2, likewise: the scaled balance after an event, which a discount may have changed.</summary>
    Scaled = 3,
}

/// <param name="Block">Where it was read; 0 = it is still to be read, or the read failed.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ReadDebtRow(UInt256 Amount, ulong Block);

/// <summary>Whether an account's six words were the contract's at a block, where the revision is unknown.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AgreementRow(ulong Block, ulong Revision, bool Agreed);
