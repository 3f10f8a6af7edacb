using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>
/// Between the principal that Comet stores and the balance that it means: negative is debt. Both fit 128 bits with their sign: a principal has 104, an index 64 over 10^15.
/// Source: CometCore.sol presentValue, principalValue.
/// </summary>
public static class BaseBalance
{
    private static readonly UInt128 LargestPrincipal = (UInt128.One << 103) - 1;

    /// <summary>floor(principal * index / 10^15).</summary>
    public static UInt256 OfSupply(UInt128 principal, ulong supplyIndex) => FixedPoint.MulDivFloor(principal, supplyIndex, BaseTotals.IndexScale);

    /// <summary>floor(principal * index / 10^15), the debt's magnitude.</summary>
    public static UInt256 OfBorrow(UInt128 principal, ulong borrowIndex) => FixedPoint.MulDivFloor(principal, borrowIndex, BaseTotals.IndexScale);

    /// <summary>presentValue: floored in magnitude on either side.</summary>
    public static Int128 Of(Int128 principal, in BaseTotals totals) => principal >= 0
        ? (Int128)(UInt128)OfSupply((UInt128)principal, totals.SupplyIndex)
        : -(Int128)(UInt128)OfBorrow((UInt128)(-principal), totals.BorrowIndex);

    /// <summary>principalValue: a supply is rounded down, a debt up in magnitude.</summary>
    /// <exception cref="OverflowException">Does not fit int104, where the contract reverts.</exception>
    public static Int128 ToPrincipal(Int128 balance, in BaseTotals totals)
    {
        if (balance >= 0)
        {
            return Signed104(FixedPoint.MulDivFloor((UInt128)balance, BaseTotals.IndexScale, totals.SupplyIndex));
        }

        return -Signed104(FixedPoint.MulDivCeil((UInt128)(-balance), BaseTotals.IndexScale, totals.BorrowIndex));
    }

    private static Int128 Signed104(in UInt256 principal) => principal <= LargestPrincipal
        ? (Int128)(UInt128)principal
        : throw new OverflowException($"The principal {principal} does not fit int104.");
}
