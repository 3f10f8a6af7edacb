using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>One pair as LiquidationLogic sees it. Prices with 8 decimals, units 10^decimals, amounts in the assets' decimals.</summary>
/// <param name="Supply">Of the collateral's hub asset.</param>
/// <param name="PremiumRay">The debt's premium, times ray.</param>
/// <param name="Index">Drawn index of the debt's hub asset, ray.</param>
/// <param name="TotalDebtRay">The account's whole debt, values times ray.</param>
/// <param name="Health">The account's health factor before the call, wad.</param>
public readonly record struct LiquidationPair(
    SharePrice Supply,
    UInt256 SuppliedShares,
    int CollateralDecimals,
    UInt256 CollateralPrice,
    UInt256 DrawnShares,
    UInt256 PremiumRay,
    UInt256 Index,
    int DebtDecimals,
    UInt256 DebtPrice,
    UInt256 TotalDebtRay,
    UInt256 Health,
    DynamicConfig Terms,
    LiquidationConfig Config);

/// <param name="SharesTaken">Collateral shares that leave the borrower.</param>
/// <param name="SharesToLiquidator">Of these, what the liquidator gets; the rest is the protocol's.</param>
/// <param name="DebtRepaid">What the liquidator pays, asset units.</param>
public readonly record struct LiquidationAmounts(UInt256 SharesTaken, UInt256 SharesToLiquidator, UInt256 DrawnShares, UInt256 PremiumRay, UInt256 DebtRepaid);

/// <summary>How much one liquidationCall moves. Source: LiquidationLogic.calculateLiquidationBonus, _calculateLiquidationAmounts and what they call.</summary>
public static class Liquidations
{
    /// <summary>DUST_LIQUIDATION_THRESHOLD: 1000 dollars.</summary>
    private static readonly UInt256 Dust = UInt256.Pow10(29);

    private static readonly UInt256 DustRay = Dust * FixedPoint.Ray;

    /// <summary>Bps, 10000 = none. It grows as the health factor falls from 1 to that of the largest bonus.</summary>
    public static UInt256 BonusOf(in LiquidationConfig config, in UInt256 health, uint maxBonus)
    {
        if (health <= config.HealthFactorForMaxBonus)
        {
            return maxBonus;
        }

        var least = FixedPoint.PercentMul(maxBonus - (UInt256)FixedPoint.BpsOne, config.LiquidationBonusFactor, Rounding.Down) + FixedPoint.BpsOne;
        return least + FixedPoint.MulDivFloor(maxBonus - least, AccountData.Threshold - health, AccountData.Threshold - config.HealthFactorForMaxBonus);
    }

    /// <summary>The call's amounts; null where it reverts because dust would be left (MustNotLeaveDust).</summary>
    /// <param name="debtToCover">What the liquidator offers to pay, asset units; 2^256 - 1 = whatever it takes.</param>
    public static LiquidationAmounts? Of(in LiquidationPair pair, in UInt256 debtToCover)
    {
        var bonus = BonusOf(pair.Config, pair.Health, pair.Terms.MaxLiquidationBonus);
        var (drawn, premium) = DebtToLiquidate(pair, bonus, debtToCover);
        var taken = CollateralFor(pair, bonus, drawn, premium);
        var leavesDust = taken < pair.SuppliedShares && LeavesCollateralDust(pair, pair.SuppliedShares - taken);
        if (taken > pair.SuppliedShares || (leavesDust && drawn < pair.DrawnShares))
        {
            (taken, drawn, premium) = WholeCollateral(pair, bonus);
        }

        var repaid = FixedPoint.RayMul(drawn, pair.Index, Rounding.Up) + RayMath.FromRayUp(premium);
        if (debtToCover < repaid)
        {
            return null;
        }

        var fee = FixedPoint.MulDivCeil(taken, pair.Terms.LiquidationFee * (bonus - FixedPoint.BpsOne), bonus * FixedPoint.BpsOne);
        return new LiquidationAmounts(taken, taken - fee, drawn, premium, repaid);
    }

    /// <summary>_calculateDebtToTargetHealthFactor: debt asset units times ray.</summary>
    public static UInt256 DebtRayToTarget(in LiquidationPair pair, in UInt256 bonus)
    {
        var penalty = FixedPoint.PercentMul(bonus * UInt256.Pow10(14), pair.Terms.CollateralFactor, Rounding.Up);
        UInt256 target = pair.Config.TargetHealthFactor;
        return UInt256.MulDiv(
            pair.TotalDebtRay, UInt256.Pow10(pair.DebtDecimals) * (target - pair.Health), (target - penalty) * (pair.DebtPrice * FixedPoint.Wad), Rounding.Up);
    }

    // _calculateDebtToLiquidate: the premium first, then drawn shares.
    private static (UInt256 Drawn, UInt256 PremiumRay) DebtToLiquidate(in LiquidationPair pair, in UInt256 bonus, in UInt256 debtToCover)
    {
        var toTarget = DebtRayToTarget(pair, bonus);
        var premium = UInt256.Min(RayMath.FromRayUp(toTarget) * FixedPoint.Ray, pair.PremiumRay);
        if (debtToCover < RayMath.FromRayUp(premium))
        {
            premium = debtToCover * FixedPoint.Ray;
        }

        var drawn = UInt256.Zero;
        if (premium == pair.PremiumRay && premium < toTarget)
        {
            var covered = UInt256.MulDiv(debtToCover - RayMath.FromRayUp(premium), FixedPoint.Ray, pair.Index, Rounding.Down);
            drawn = UInt256.Min(UInt256.Min(RayMath.DivUp(toTarget - premium, pair.Index), covered), pair.DrawnShares);
        }

        var left = ((pair.DrawnShares - drawn) * pair.Index) + pair.PremiumRay - premium;
        return drawn < pair.DrawnShares && left * pair.DebtPrice * AccountLeg.ScaleOf(pair.DebtDecimals) < DustRay
            ? (pair.DrawnShares, pair.PremiumRay)
            : (drawn, premium);
    }

    // _calculateCollateralToLiquidate: shares.
    private static UInt256 CollateralFor(in LiquidationPair pair, in UInt256 bonus, in UInt256 drawn, in UInt256 premium)
    {
        var assets = UInt256.MulDiv(
            (drawn * pair.Index) + premium,
            pair.DebtPrice * UInt256.Pow10(pair.CollateralDecimals) * bonus,
            UInt256.Pow10(pair.DebtDecimals) * pair.CollateralPrice * FixedPoint.BpsOne * FixedPoint.Ray,
            Rounding.Down);
        return pair.Supply.ToShares(assets, Rounding.Down);
    }

    private static bool LeavesCollateralDust(in LiquidationPair pair, in UInt256 shares) =>
        pair.Supply.ToAssets(shares, Rounding.Down) * pair.CollateralPrice * AccountLeg.ScaleOf(pair.CollateralDecimals) < Dust;

    // All of the collateral goes, and as much debt as it pays for.
    private static (UInt256 Taken, UInt256 Drawn, UInt256 PremiumRay) WholeCollateral(in LiquidationPair pair, in UInt256 bonus)
    {
        var debt = UInt256.MulDiv(
            pair.Supply.ToAssets(pair.SuppliedShares, Rounding.Up),
            pair.CollateralPrice * UInt256.Pow10(pair.DebtDecimals) * FixedPoint.BpsOne * FixedPoint.Ray,
            pair.DebtPrice * UInt256.Pow10(pair.CollateralDecimals) * bonus,
            Rounding.Up);
        if (debt <= pair.PremiumRay)
        {
            return (pair.SuppliedShares, UInt256.Zero, UInt256.Min(RayMath.FromRayUp(debt) * FixedPoint.Ray, pair.PremiumRay));
        }

        var drawn = RayMath.DivUp(debt - pair.PremiumRay, pair.Index);
        return drawn <= pair.DrawnShares
            ? (pair.SuppliedShares, drawn, pair.PremiumRay)
            : (UInt256.Min(CollateralFor(pair, bonus, pair.DrawnShares, pair.PremiumRay), pair.SuppliedShares), pair.DrawnShares, pair.PremiumRay);
    }
}
