using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>The inputs of one account of one market at one block.</summary>
public sealed record MorphoBlueState(MarginAccountId Account, BlockHeader Block) : AccountState(Account, Block)
{
    /// <summary>Known where the market is, also of an account that is Unknown.</summary>
    public MarketParameters Parameters { get; init; }

    public TokenFace Loan { get; init; }

    public TokenFace Collateral { get; init; }

    public MarketInterest Interest { get; init; }

    /// <summary>Of the market's oracle, scaled by 10^(36 + loan decimals - collateral decimals).</summary>
    public UInt256 Price { get; init; }

    /// <summary>Of every configured pre-liquidation contract.</summary>
    public IReadOnlyList<PreLiquidationState> PreLiquidations { get; init; } = [];

    public UInt128 BorrowShares { get; init; }

    /// <summary>Collateral supplied, in its decimals.</summary>
    public UInt128 CollateralAmount { get; init; }
}
