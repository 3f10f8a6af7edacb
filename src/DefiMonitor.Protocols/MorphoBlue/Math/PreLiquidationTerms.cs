using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>
/// The words of one pre-liquidation contract: an earlier and partial liquidation that a borrower lets it do. Source: morpho-org/pre-liquidation at 9e8b7f42, PreLiquidation.sol.
/// </summary>
/// <param name="PreLltv">Loan-to-value from which it may act, wad; below the market's.</param>
/// <param name="PreLCF1">Part of the debt that one call may close at <paramref name="PreLltv"/>, wad.</param>
/// <param name="PreLCF2">The same at the market's LLTV; between the two it grows evenly.</param>
/// <param name="PreLIF1">Incentive factor at <paramref name="PreLltv"/>, wad.</param>
/// <param name="PreLIF2">The same at the market's LLTV.</param>
/// <param name="PreLiquidationOracle">Its price source, which need not be the market's.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PreLiquidationTerms(
    UInt256 PreLltv, UInt256 PreLCF1, UInt256 PreLCF2, UInt256 PreLIF1, UInt256 PreLIF2, Address PreLiquidationOracle)
{
    /// <summary>Above preLltv, and not above the market's LLTV, where only the market's own liquidation is left.</summary>
    /// <param name="value">Collateral at this contract's oracle, loan assets, rounded down.</param>
    public bool IsOpen(in UInt256 debt, in UInt256 value, in UInt256 lltv) =>
        debt > FixedPoint.MulDivFloor(value, PreLltv, FixedPoint.Wad) && debt <= FixedPoint.MulDivFloor(value, lltv, FixedPoint.Wad);

    /// <summary>Close factor and incentive factor of a position for which it is open, wad.</summary>
    public (UInt256 Close, UInt256 Incentive) Factors(in UInt256 debt, in UInt256 value, in UInt256 lltv)
    {
        var ltv = SharesMath.MulDivUp(debt, FixedPoint.Wad, value);
        var quotient = FixedPoint.MulDivFloor(ltv - PreLltv, FixedPoint.Wad, lltv - PreLltv);
        return (
            FixedPoint.MulDivFloor(quotient, PreLCF2 - PreLCF1, FixedPoint.Wad) + PreLCF1,
            FixedPoint.MulDivFloor(quotient, PreLIF2 - PreLIF1, FixedPoint.Wad) + PreLIF1);
    }
}
