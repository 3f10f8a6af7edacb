using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

// What the view calls answer, shaped as their ABI says.
internal readonly record struct MarketParamsAnswer(Address LoanToken, Address CollateralToken, Address Oracle, Address Irm, UInt256 Lltv);

internal readonly record struct MarketAnswer(
    UInt128 TotalSupplyAssets, UInt128 TotalSupplyShares, UInt128 TotalBorrowAssets, UInt128 TotalBorrowShares, UInt128 LastUpdate, UInt128 Fee)
{
    public MarketTotals Totals => new(TotalSupplyAssets, TotalSupplyShares, TotalBorrowAssets, TotalBorrowShares, (ulong)LastUpdate, Fee);
}

internal readonly record struct PositionAnswer(UInt256 SupplyShares, UInt128 BorrowShares, UInt128 Collateral);
