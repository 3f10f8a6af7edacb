using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.MorphoBlue;

// The rows of the state tables: unmanaged, packed, without padding, because a row is its bytes. A test holds each of them to that.

/// <summary>What a market is made of, for ever: struct MarketParams of IMorpho.sol.</summary>
/// <param name="Irm">The rate model; zero = no interest.</param>
/// <param name="Lltv">Liquidation loan-to-value, wad.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct MarketParameters(Address LoanToken, Address CollateralToken, Address Oracle, Address Irm, UInt256 Lltv);

/// <summary>A token as a person sees it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct TokenFace(Text32 Symbol, byte Decimals);

/// <summary>The market itself; there is one.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct MarketRow
{
    /// <summary>False until everything was read, and again when a log did not follow from what was there.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Which of the market's reads have come in.</summary>
    public MarketFields Fields { get; init; }

    /// <summary>Where it was opened or closed last; 0 = never.</summary>
    public ulong ChangedBlock { get; init; }

    public MarketParameters Parameters { get; init; }

    public MarketTotals Totals { get; init; }

    /// <summary>Where the totals were read whole.</summary>
    public ulong TotalsBlock { get; init; }

    /// <summary>What AdaptiveCurveIrm has stored, wad per second.</summary>
    public UInt256 RateAtTarget { get; init; }

    public ulong RateAtTargetBlock { get; init; }

    /// <summary>Of a rate model that is not known here: what it answered for the time up to its block, wad per second, and when; block 0 = it did not.</summary>
    public UInt256 ReadRate { get; init; }

    public ulong ReadRateBlock { get; init; }

    public ulong ReadRateAt { get; init; }

    public TokenFace Loan { get; init; }

    public TokenFace Collateral { get; init; }
}

[Flags]
public enum MarketFields : byte
{
    None = 0,
    Parameters = 1,
    Totals = 2,
    RateAtTarget = 4,
    LoanDecimals = 8,
    CollateralDecimals = 16,

    /// <summary>Morpho answered that it has no such market.</summary>
    Missing = 32,
    All = Parameters | Totals | RateAtTarget | LoanDecimals | CollateralDecimals,
}

/// <summary>An oracle's last answer.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PriceRow(UInt256 Price, ulong Block, bool IsRead);

/// <summary>A pre-liquidation contract, whose words never change. Read once; the field stays false until all of them are.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PreLiquidationRow
{
    public PreLiquidationFields Fields { get; init; }

    public PreLiquidationTerms Terms { get; init; }

    public Hash32 MarketId { get; init; }

    public Address Morpho { get; init; }
}

[Flags]
public enum PreLiquidationFields : byte
{
    None = 0,
    Terms = 1,
    MarketId = 2,
    Morpho = 4,
    All = Terms | MarketId | Morpho,
}

/// <summary>Whether a borrower lets a pre-liquidation contract act for him.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AuthorizationKey(Address Authorizer, Address Authorized);

/// <summary>One borrower's part: struct Position of IMorpho.sol, without the shares that he has lent, which no liquidation touches.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AccountRow(UInt128 BorrowShares, UInt128 Collateral);
