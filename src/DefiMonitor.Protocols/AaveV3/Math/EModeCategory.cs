using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// An efficiency-mode category as the account formulas see it. Source: DataTypes.EModeCategory; EModeLogic.sol up to 3.1, EModeConfiguration.sol from 3.2 on.
/// </summary>
/// <param name="Ltv">Bps.</param>
/// <param name="LiquidationThreshold">Bps.</param>
/// <param name="LiquidationBonus">Bps, 10100 = 1 %.</param>
/// <param name="CollateralBitmap">3.2 and later: bit i = reserve i gets the category's parameters.</param>
/// <param name="LtvzeroBitmap">3.6 and later: bit i = reserve i gives no borrowing power in the category.</param>
/// <param name="IsIsolated">3.7 and later: collateral outside the bitmap gives no borrowing power.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct EModeCategory(
    ushort Ltv, ushort LiquidationThreshold, ushort LiquidationBonus, UInt128 CollateralBitmap, UInt128 LtvzeroBitmap, byte IsIsolated)
{
    /// <summary>Whether reserve <paramref name="reserve"/> gets the parameters of this category, which is the user's <paramref name="category"/> (not 0).</summary>
    public bool Covers(AaveVersion version, byte category, int reserve, in ReserveConfiguration configuration) =>
        version <= AaveVersion.V31
            ? configuration.EModeCategory == category
            : (CollateralBitmap >> reserve & 1) != 0;

    public bool IsLtvZero(int reserve) => (LtvzeroBitmap >> reserve & 1) != 0;
}
