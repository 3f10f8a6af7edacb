using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.CompoundV3;

// The rows of the state tables: unmanaged, packed, without padding, because a row is its bytes. A test holds each of them to that.

/// <summary>What a market is until its next upgrade: immutables of Comet.sol.</summary>
/// <param name="BaseScale">10^decimals of the base token.</param>
/// <param name="BaseBorrowMin">The least that may be owed after borrowing, in base tokens' decimals.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct MarketParameters(
    Address BaseToken, Address BasePriceFeed, ulong BaseScale, UInt256 BaseBorrowMin, byte NumAssets, InterestRates Rates);

/// <summary>The market itself; there is one.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct MarketRow
{
    /// <summary>False until everything was read, and again after an upgrade.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Which of the market's reads have come in.</summary>
    public MarketFields Fields { get; init; }

    /// <summary>Where it was opened or closed last; 0 = never.</summary>
    public ulong ChangedBlock { get; init; }

    public MarketParameters Parameters { get; init; }

    public BaseTotals Totals { get; init; }

    /// <summary>Where the totals were read; 0 = they could not be.</summary>
    public ulong TotalsBlock { get; init; }

    /// <summary>In how many blocks somebody waited for his turn to be read: what the wait is counted in, so that a market which has stood still for long leaves nobody late once it moves.</summary>
    public ulong Round { get; init; }

    public Text32 BaseSymbol { get; init; }
}

[Flags]
public enum MarketFields : ushort
{
    None = 0,
    BaseToken = 1,
    BasePriceFeed = 2,
    BaseScale = 4,
    BaseBorrowMin = 8,
    NumAssets = 16,
    SupplyKink = 32,
    SupplySlopeLow = 64,
    SupplySlopeHigh = 128,
    SupplyBase = 256,
    BorrowKink = 512,
    BorrowSlopeLow = 1024,
    BorrowSlopeHigh = 2048,
    BorrowBase = 4096,
    All = 8191,
}

/// <summary>A collateral of the market: struct AssetInfo of CometCore.sol.</summary>
/// <param name="SupplyCap">In the token's decimals.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AssetRow(Address Asset, Address PriceFeed, AssetTerms Terms, UInt128 SupplyCap, ulong ReadBlock, Text32 Symbol);

/// <summary>totalsCollateral.totalSupplyAsset: the sum of all accounts' balances of a collateral.</summary>
/// <param name="ReadBlock">Where it was read; from then on it is folded.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct SuppliedRow(UInt128 Total, ulong ReadBlock);

/// <summary>A feed's last answer.</summary>
/// <param name="Price">Of one whole token, 8 decimals.</param>
/// <param name="IsRead">False when the feed reverted, or answered no positive price.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PriceRow(UInt256 Price, ulong Block, bool IsRead);

/// <summary>One account: of struct UserBasic of CometStorage.sol.</summary>
/// <param name="Principal">Negative is debt.</param>
/// <param name="Held">One bit a collateral, by offset, as the contract had it when it was read.</param>
/// <param name="ReadRound">The market's round at which it was read.</param>
/// <param name="ReadAt">That block's time, seconds.</param>
/// <param name="ReadBlock">That block.</param>
/// <param name="IsWhole">False while the collaterals that we have are not those that the contract says are held.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AccountRow(Int128 Principal, uint Held, ulong ReadRound, ulong ReadAt, ulong ReadBlock, bool IsWhole);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct CollateralKey(Address User, Address Asset);

/// <summary>The absorb that the logs are in, or were in last.</summary>
/// <param name="Debt">What the account owed, where it was in.</param>
/// <param name="IsDone">Its AbsorbDebt has come.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AbsorbRow(Address Borrower, bool IsDone, bool IsDebtKnown, UInt128 Debt);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AbsorbedRow(Address Asset, UInt128 Amount);
