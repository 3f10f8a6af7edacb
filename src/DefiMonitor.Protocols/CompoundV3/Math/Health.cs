using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>
/// What an account owes and what stands against it, 8 decimals. The contract adds until it is covered and compares with zero; every term is positive, so the whole
/// sums compare alike. Source: Comet.sol isLiquidatable, isBorrowCollateralized.
/// </summary>
/// <param name="DebtValue">Rounded down, as signedMulPrice rounds toward zero.</param>
/// <param name="CollateralValue">Without any factor.</param>
/// <param name="LiquidationValue">By liquidateCollateralFactor.</param>
/// <param name="BorrowValue">By borrowCollateralFactor.</param>
public readonly record struct Health(UInt256 DebtValue, UInt256 CollateralValue, UInt256 LiquidationValue, UInt256 BorrowValue)
{
    /// <summary>Wad, floored; 2^256 - 1 where no debt is worth anything. Below one wad exactly when the contract says liquidatable. It names no such figure itself.</summary>
    public UInt256 Factor => DebtValue.IsZero ? UInt256.MaxValue : UInt256.MulDiv(LiquidationValue, FixedPoint.Wad, DebtValue, Rounding.Down);

    public bool IsLiquidatable => LiquidationValue < DebtValue;

    public bool IsBorrowCollateralized => BorrowValue >= DebtValue;

    /// <summary>What is there does not cover the debt.</summary>
    public bool IsInsolvent => CollateralValue < DebtValue;

    /// <param name="debt">Base tokens owed, in their decimals.</param>
    /// <param name="basePrice">Of one whole base token, 8 decimals.</param>
    /// <param name="baseScale">10^decimals of the base token.</param>
    public static Health Of(UInt128 debt, in UInt256 basePrice, ulong baseScale, ReadOnlySpan<HeldAsset> held)
    {
        UInt256 collateral = default, liquidation = default, borrow = default;
        foreach (ref readonly var asset in held)
        {
            var value = asset.Value;
            collateral += value;
            liquidation += Factors.Mul(value, asset.Terms.LiquidateFactor);
            borrow += Factors.Mul(value, asset.Terms.BorrowFactor);
        }

        return new Health(debt == 0 ? UInt256.Zero : Factors.MulPrice(debt, basePrice, baseScale), collateral, liquidation, borrow);
    }
}
