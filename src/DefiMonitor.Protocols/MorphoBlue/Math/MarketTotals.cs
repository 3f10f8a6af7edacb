using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>The stored figures of one market: struct Market of IMorpho.sol. Assets in the loan token's decimals.</summary>
/// <param name="LastUpdate">Seconds; interest is in the totals up to then.</param>
/// <param name="Fee">Wad, part of the interest.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct MarketTotals(
    UInt128 SupplyAssets, UInt128 SupplyShares, UInt128 BorrowAssets, UInt128 BorrowShares, ulong LastUpdate, UInt128 Fee)
{
    /// <summary>The totals with the interest of a time at one rate. Source: Morpho.sol _accrueInterest.</summary>
    /// <param name="rate">Wad per second, as the rate model answers for the whole time.</param>
    /// <exception cref="OverflowException">A total does not fit 128 bits, where the contract reverts.</exception>
    public MarketTotals Accrue(in UInt256 rate, ulong at)
    {
        if (at <= LastUpdate)
        {
            return this;
        }

        var interest = FixedPoint.MulDivFloor(BorrowAssets, TaylorCompounded(rate, at - LastUpdate), FixedPoint.Wad);
        var supply = SupplyAssets + interest;
        var shares = (UInt256)SupplyShares;
        if (Fee != 0)
        {
            var feeAmount = FixedPoint.MulDivFloor(interest, Fee, FixedPoint.Wad);
            shares += SharesMath.ToSharesDown(feeAmount, supply - feeAmount, shares);
        }

        return this with
        {
            SupplyAssets = (UInt128)supply,
            SupplyShares = (UInt128)shares,
            BorrowAssets = (UInt128)(BorrowAssets + interest),
            LastUpdate = at,
        };
    }

    /// <summary>Loan assets that shares owe: toAssetsUp over these totals.</summary>
    public UInt256 DebtOf(UInt128 borrowShares) => borrowShares == 0 ? UInt256.Zero : SharesMath.ToAssetsUp(borrowShares, BorrowAssets, BorrowShares);

    /// <summary>e^(rate * seconds) - 1 to the third term, wad: MathLib.wTaylorCompounded.</summary>
    public static UInt256 TaylorCompounded(in UInt256 rate, ulong seconds)
    {
        var first = rate * seconds;
        var second = FixedPoint.MulDivFloor(first, first, FixedPoint.Wad * 2u);
        var third = FixedPoint.MulDivFloor(second, first, FixedPoint.Wad * 3u);
        return first + second + third;
    }
}
