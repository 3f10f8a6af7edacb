using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>What stands against what at one instant. Source: shared/LiquidityUtils.sol calculateLiquidity(..., true) and modules/Liquidation.sol calculateMaxLiquidation.</summary>
/// <param name="Debt">Liability assets, rounded up.</param>
/// <param name="LiabilityValue">The debt's quote in the unit of account.</param>
/// <param name="CollateralValue">Each collateral's quote times its liquidation LTV, floored, summed.</param>
/// <param name="RawValue">The same quotes without the LTV.</param>
public readonly record struct AccountHealth(UInt256 Debt, UInt256 LiabilityValue, UInt256 CollateralValue, UInt256 RawValue)
{
    /// <summary>The contract calls equality unsafe: what must be at least the liability is the collateral less one.</summary>
    public UInt256 MarginBalance => CollateralValue.IsZero ? UInt256.Zero : CollateralValue - UInt256.One;

    /// <summary>
    /// Wad, floored: (collateral - 1) / liability, so that it is at least one wad exactly when nobody may liquidate. 2^256 - 1 without a liability, and where it is more: the
    /// contract divides nothing.
    /// </summary>
    public UInt256 Factor => LiabilityValue.IsZero ? UInt256.MaxValue : FactorOf(MarginBalance, LiabilityValue);

    /// <summary>A debt so small that it is quoted as 0 can't be liquidated.</summary>
    public bool IsHealthy => LiabilityValue.IsZero || CollateralValue > LiabilityValue;

    /// <summary>What is there does not cover the debt.</summary>
    public bool IsInsolvent => RawValue < LiabilityValue;

    /// <summary>A sum that the contract does not make: what does not fit is 2^256 - 1.</summary>
    public static UInt256 Sum(in UInt256 a, in UInt256 b) => UInt256.TryAdd(a, b, out var sum) ? sum : UInt256.MaxValue;

    /// <summary>One collateral's part: floor(quote * ltv / 10^4).</summary>
    public static UInt256 Adjusted(in UInt256 quote, ushort ltv) => quote * (uint)ltv / FixedPoint.BpsOne;

    private static UInt256 FactorOf(in UInt256 balance, in UInt256 liability)
    {
        try
        {
            return UInt256.MulDiv(balance, FixedPoint.Wad, liability, Rounding.Down);
        }
        catch (OverflowException)
        {
            return UInt256.MaxValue;
        }
    }
}
