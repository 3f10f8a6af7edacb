using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>One pair as LiquidationLogic sees it. Prices in base units, units 10^decimals, amounts in the tokens' decimals.</summary>
/// <param name="Collateral">The borrower's balance of the collateral.</param>
/// <param name="Debt">The borrower's whole debt in the debt reserve.</param>
/// <param name="Bonus">Bps, 10500 = 5 %.</param>
/// <param name="ProtocolFee">Bps of the bonus.</param>
public readonly record struct LiquidationPair(
    UInt256 Collateral, UInt256 CollateralPrice, UInt256 CollateralUnit, UInt256 Debt, UInt256 DebtPrice, UInt256 DebtUnit, uint Bonus, uint ProtocolFee);

/// <param name="ToLiquidator">Collateral that the liquidator gets.</param>
/// <param name="Fee">Collateral that the protocol gets.</param>
public readonly record struct LiquidationAmounts(UInt256 DebtRepaid, UInt256 ToLiquidator, UInt256 Fee)
{
    /// <summary>What leaves the borrower.</summary>
    public UInt256 Taken => ToLiquidator + Fee;
}

/// <summary>
/// How much one liquidationCall can move. Source: LiquidationLogic.executeLiquidationCall and _calculateAvailableCollateralToLiquidate of 3.0.2 and 3.1 to 3.7.
/// </summary>
public static class LiquidationLogic
{
    /// <summary>DEFAULT_LIQUIDATION_CLOSE_FACTOR, bps.</summary>
    private const uint CloseFactor = 5_000;

    /// <summary>CLOSE_FACTOR_HF_THRESHOLD, wad: below it everything may be repaid at once.</summary>
    public static UInt256 FullCloseHealth { get; } = FixedPoint.Wad * 95u / 100u;

    /// <summary>MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD: 2000 USD with 8 decimals, and not rescaled for other bases.</summary>
    private static UInt256 SmallPosition { get; } = 2_000UL * 100_000_000UL;

    /// <summary>MIN_LEFTOVER_BASE, likewise.</summary>
    private static UInt256 SmallLeftover { get; } = 1_000UL * 100_000_000UL;

    /// <summary>The most debt that one call may repay, before collateral and leftovers limit it.</summary>
    /// <param name="totalDebtBase">The account's whole debt, base units.</param>
    /// <param name="health">Wad.</param>
    public static UInt256 MaxDebt(AaveVersion version, in LiquidationPair pair, in UInt256 totalDebtBase, in UInt256 health)
    {
        if (version <= AaveVersion.V32)
        {
            return FixedPoint.PercentMul(pair.Debt, health > FullCloseHealth ? CloseFactor : FixedPoint.BpsOne, Rounding.HalfUp);
        }

        var collateralValue = pair.Collateral * pair.CollateralPrice / pair.CollateralUnit;
        var debtValue = DebtValue(version, pair, pair.Debt);
        if (collateralValue < SmallPosition || debtValue < SmallPosition || health <= FullCloseHealth)
        {
            return pair.Debt;
        }

        var half = FixedPoint.PercentMul(totalDebtBase, CloseFactor, Rounding.HalfUp);
        return debtValue > half ? half * pair.DebtUnit / pair.DebtPrice : pair.Debt;
    }

    /// <summary>_calculateAvailableCollateralToLiquidate.</summary>
    public static LiquidationAmounts Amounts(AaveVersion version, in LiquidationPair pair, in UInt256 debtToCover)
    {
        var is37 = version >= AaveVersion.V37;
        var floor = is37 ? Rounding.Down : Rounding.HalfUp;
        var ceiling = is37 ? Rounding.Up : Rounding.HalfUp;
        var baseCollateral = pair.DebtPrice * debtToCover * pair.CollateralUnit / (pair.CollateralPrice * pair.DebtUnit);
        var collateral = FixedPoint.PercentMul(baseCollateral, pair.Bonus, floor);
        var debt = debtToCover;
        if (collateral > pair.Collateral)
        {
            collateral = pair.Collateral;
            debt = FixedPoint.PercentDiv(
                pair.CollateralPrice * collateral * pair.DebtUnit / (pair.DebtPrice * pair.CollateralUnit),
                pair.Bonus,
                version >= AaveVersion.V35 ? Rounding.Up : Rounding.HalfUp);
        }

        if (pair.ProtocolFee == 0)
        {
            return new LiquidationAmounts(debt, collateral, UInt256.Zero);
        }

        var bonus = collateral - FixedPoint.PercentDiv(collateral, pair.Bonus, floor);
        var fee = FixedPoint.PercentMul(bonus, pair.ProtocolFee, ceiling);
        return new LiquidationAmounts(debt, collateral - fee, fee);
    }

    /// <summary>From 3.3 on a call reverts that would leave some debt and some collateral of the pair, one of them worth less than 1000.</summary>
    public static bool LeavesDust(AaveVersion version, in LiquidationPair pair, in LiquidationAmounts amounts)
    {
        if (version < AaveVersion.V33 || amounts.DebtRepaid >= pair.Debt || amounts.Taken >= pair.Collateral)
        {
            return false;
        }

        var debtLeft = DebtValue(version, pair, pair.Debt - amounts.DebtRepaid);
        var collateralLeft = (pair.Collateral - amounts.Taken) * pair.CollateralPrice / pair.CollateralUnit;
        return debtLeft < SmallLeftover || collateralLeft < SmallLeftover;
    }

    /// <summary>From 3.3 on: whether the call leaves the account without collateral, so that what debt remains is burned as the reserve's deficit.</summary>
    /// <param name="totalCollateralBase">The account's whole collateral, base units.</param>
    /// <param name="scaled">The borrower's scaled balance of the collateral.</param>
    /// <param name="index">The collateral's supply index, ray.</param>
    public static bool LeavesBadDebt(
        AaveVersion version, in LiquidationPair pair, in LiquidationAmounts amounts, in UInt256 totalCollateralBase, in UInt256 scaled, in UInt256 index)
    {
        if (version < AaveVersion.V33)
        {
            return false;
        }

        if (version < AaveVersion.V37)
        {
            return amounts.Taken * pair.CollateralPrice / pair.CollateralUnit == totalCollateralBase;
        }

        var consumed = UInt256.Min(
            Balances.ScaledByWithdraw(version, amounts.ToLiquidator, index) + Balances.ScaledByWithdraw(version, amounts.Fee, index), scaled);
        return Balances.OfSupply(version, consumed, index) * pair.CollateralPrice / pair.CollateralUnit == totalCollateralBase;
    }

    private static UInt256 DebtValue(AaveVersion version, in LiquidationPair pair, in UInt256 debt) =>
        FixedPoint.MulDiv(debt, pair.DebtPrice, pair.DebtUnit, version >= AaveVersion.V35 ? Rounding.Up : Rounding.Down);
}
