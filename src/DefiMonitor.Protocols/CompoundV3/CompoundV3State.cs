using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>The inputs of one account of one market at one block.</summary>
public sealed record CompoundV3State(MarginAccountId Account, BlockHeader Block) : AccountState(Account, Block)
{
    /// <summary>Known where the market is, also of an account that is Unknown.</summary>
    public MarketParameters Parameters { get; init; }

    /// <summary>As stored; interest is worked out for the instant asked.</summary>
    public BaseTotals Totals { get; init; }

    public string BaseSymbol { get; init; } = "";

    /// <summary>Of one whole base token, 8 decimals.</summary>
    public UInt256 BasePrice { get; init; }

    /// <summary>Negative is debt.</summary>
    public Int128 Principal { get; init; }

    /// <summary>False where it was read in its turn and may have moved since without a log.</summary>
    public bool IsCertain { get; init; }

    /// <summary>By ascending offset.</summary>
    public IReadOnlyList<CollateralState> Collaterals { get; init; } = [];
}

/// <summary>A collateral that an account holds.</summary>
/// <param name="SupplyCap">What the market takes at most of it from all, in its decimals.</param>
/// <param name="TotalSupplied">What it has of it from all.</param>
public sealed record CollateralState(byte Offset, Address Asset, string Symbol, HeldAsset Held, UInt128 SupplyCap, UInt128 TotalSupplied)
{
    public Address PriceFeed { get; init; }
}
