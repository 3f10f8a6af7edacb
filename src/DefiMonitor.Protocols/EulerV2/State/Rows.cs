using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.EulerV2;

// The rows of the state tables: unmanaged, packed, without padding, because a row is its bytes. A test holds each of them to that.

/// <summary>A token as a person sees it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct TokenFace(Text32 Symbol, byte Decimals);

/// <summary>Which operations go through a hook, and where; to nowhere means that they are off. Bits as in shared/Constants.sol.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct Hooks(Address Target, uint Operations)
{
    public const uint Deposit = 1 << 0;
    public const uint Withdraw = 1 << 2;
    public const uint Transfer = 1 << 4;
    public const uint Repay = 1 << 7;
    public const uint Liquidate = 1 << 11;

    public bool IsHooked(uint operation) => (Operations & operation) != 0;

    public bool IsOff(uint operation) => (Operations & operation) != 0 && Target.IsZero;
}

/// <summary>The liability vault itself; there is one.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct MarketRow
{
    /// <summary>False until everything was read, and again when the price routes or the list of collaterals may have changed.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Which of the vault's reads have come in.</summary>
    public MarketFields Fields { get; init; }

    /// <summary>Where it was opened or closed last; 0 = never.</summary>
    public ulong ChangedBlock { get; init; }

    public Address Asset { get; init; }

    public Address Evc { get; init; }

    public Address Oracle { get; init; }

    /// <summary>A token, or a number below 2^32 for a currency (ISO 4217: 840 is the dollar).</summary>
    public Address UnitOfAccount { get; init; }

    /// <summary>Bps.</summary>
    public ushort MaxLiquidationDiscount { get; init; }

    /// <summary>Seconds after an account's last check in which it can't be liquidated.</summary>
    public ushort CoolOffTime { get; init; }

    public Hooks Hooks { get; init; }

    /// <summary>interestAccumulator() as last read, ray, and where.</summary>
    public UInt256 ReadAccumulator { get; init; }

    public ulong ReadAccumulatorBlock { get; init; }
}

[Flags]
public enum MarketFields : ushort
{
    None = 0,
    Asset = 1,
    Evc = 2,
    Oracle = 4,
    UnitOfAccount = 8,
    Collaterals = 16,
    Discount = 32,
    CoolOff = 64,
    Hooks = 128,
    All = Asset | Evc | Oracle | UnitOfAccount | Collaterals | Discount | CoolOff | Hooks,
}

/// <summary>A vault that the liability vault has, or had, an LTV for.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct CollateralRow
{
    public bool HasLtv { get; init; }

    public LtvConfig Ltv { get; init; }

    /// <summary>What its shares stand for; itself where it does not say.</summary>
    public Address Asset { get; init; }

    public Hooks Hooks { get; init; }
}

/// <summary>An EVault's figures. Until its first VaultStatus is seen they are those of the block they were read in, and are read again at every judged block.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct TotalsRow
{
    public VaultTotals Totals { get; init; }

    /// <summary>The figures are those that the vault has stored, so any later instant follows from them to the last digit.</summary>
    public bool IsStored { get; init; }

    /// <summary>False between a VaultStatus, which rounds the borrows, and the next read.</summary>
    public bool HasBorrows { get; init; }

    /// <summary>Where they were read, or told, last.</summary>
    public ulong Block { get; init; }

    /// <summary>Answers of one block while they come in.</summary>
    public VaultTotals Incoming { get; init; }

    public TotalsFields IncomingFields { get; init; }

    public ulong IncomingBlock { get; init; }
}

[Flags]
public enum TotalsFields : byte
{
    None = 0,
    Cash = 1,
    Shares = 2,
    Borrows = 4,
    Accumulator = 8,
    Rate = 16,
    Fee = 32,
    All = Cash | Shares | Borrows | Accumulator | Rate | Fee,
}

/// <summary>A fact that a contract was asked for: false = it reverted, and whatever hangs on it can't be followed.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AddressFact(Address Value, bool IsRead);

/// <summary>Two addresses: router and vault.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ResolvedKey(Address Router, Address Vault);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PairKey(Address Oracle, Address Base, Address Quote);

/// <summary>What an oracle says of itself.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AdapterRow
{
    /// <summary>Which of its answers have come in, good or bad.</summary>
    public AdapterFields Asked { get; init; }

    /// <summary>Which of them it gave.</summary>
    public AdapterFields Answered { get; init; }

    public AdapterKind Kind { get; init; }

    public Address Base { get; init; }

    public Address Cross { get; init; }

    public Address Quote { get; init; }

    public Address OracleBaseCross { get; init; }

    public Address OracleCrossQuote { get; init; }

    public Address Fallback { get; init; }
}

public enum AdapterKind : byte
{
    /// <summary>It does not tell its name, so nothing is known of how it rounds.</summary>
    Nameless,

    /// <summary>Asked for one large amount; what it answers for others follows.</summary>
    Leaf,

    /// <summary>CrossAdapter: two oracles one after the other, each of which rounds.</summary>
    Cross,

    /// <summary>EulerRouter: converts vault shares and passes on.</summary>
    Router,
}

[Flags]
public enum AdapterFields : byte
{
    None = 0,
    Name = 1,
    Base = 2,
    Cross = 4,
    Quote = 8,
    BaseCross = 16,
    CrossQuote = 32,
    Fallback = 64,
    CrossParts = Base | Cross | Quote | BaseCross | CrossQuote,
    All = Name | CrossParts | Fallback,
}

/// <summary>What 10^33 units were quoted at.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct RateRow(UInt256 Out, ulong Block, bool IsRead);

/// <summary>Whether the route of a base, taken step by step, gave what the vault's own oracle answered for one odd amount.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct CheckRow(ulong Block, bool IsRead, bool Agrees);

/// <summary>One EVC account.</summary>
/// <param name="Owed">In units of 2^-31 of the asset's smallest, at <paramref name="Accumulator"/>.</param>
/// <param name="Accumulator">The vault's, ray, when <paramref name="Owed"/> was read.</param>
/// <param name="LastCheck">Second of the last account status check.</param>
/// <param name="IsController">The vault is the account's controller.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AccountRow(UInt256 Owed, UInt256 Accumulator, ulong LastCheck, bool IsController);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct BalanceKey(Address Account, Address Vault);

/// <summary>Shares of a collateral that the account has enabled; there is no row for any other.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct BalanceRow(UInt128 Shares, bool IsRead);

/// <summary>What of an account must be read again, and since which block.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PendingRow(ulong Since, PendingParts Parts);

[Flags]
public enum PendingParts : byte
{
    None = 0,
    Debt = 1,
    Controllers = 2,
    Collaterals = 4,
    LastCheck = 8,
    Balances = 16,
    Sets = Controllers | Collaterals | LastCheck,
    All = Debt | Sets | Balances,
}
