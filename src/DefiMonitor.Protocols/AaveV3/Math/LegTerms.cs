namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// What one reserve means to one account: which of the reserve's and the category's parameters apply.
/// Source: the loop of GenericLogic.calculateUserAccountData in each version; from 3.6 on also ValidationLogic.getUserReserveLtv.
/// </summary>
/// <param name="Counts">Its supply is collateral.</param>
/// <param name="Owes">Its debt counts.</param>
/// <param name="Threshold">Liquidation threshold that counts, bps.</param>
/// <param name="Ltv">Loan to value that counts, bps.</param>
/// <param name="IsZeroLtv">Raises the account's zero-LTV flag and adds nothing to its borrowing power.</param>
/// <param name="Bonus">Liquidation bonus, bps, 10500 = 5 %.</param>
/// <param name="ProtocolFee">Bps of the bonus that a liquidation gives to the protocol.</param>
/// <param name="InEMode">The category's parameters apply.</param>
public readonly record struct LegTerms(bool Counts, bool Owes, uint Threshold, uint Ltv, bool IsZeroLtv, uint Bonus, uint ProtocolFee, bool InEMode)
{
    /// <param name="category">The user's category, 0 for none; <paramref name="emode"/> is then not looked at.</param>
    public static LegTerms Of(
        AaveVersion version, int reserve, in ReserveConfiguration configuration, in UserConfiguration user, byte category, in EModeCategory emode)
    {
        var inEMode = category != 0 && emode.Covers(version, category, reserve, configuration);
        var counts = user.IsCollateral(reserve) && (version >= AaveVersion.V36 || configuration.LiquidationThreshold != 0);
        var threshold = inEMode ? emode.LiquidationThreshold : configuration.LiquidationThreshold;
        var bonus = inEMode ? emode.LiquidationBonus : configuration.LiquidationBonus;
        uint ltv;
        bool isZeroLtv;
        if (version >= AaveVersion.V36)
        {
            ltv = inEMode
                ? (emode.IsLtvZero(reserve) ? 0u : emode.Ltv)
                : (version >= AaveVersion.V37 && category != 0 && emode.IsIsolated != 0 ? 0u : configuration.Ltv);
            isZeroLtv = ltv == 0;
        }
        else
        {
            // The base LTV decides on the flag even inside a category.
            isZeroLtv = configuration.Ltv == 0;
            ltv = isZeroLtv ? 0u : inEMode ? emode.Ltv : configuration.Ltv;
        }

        return new LegTerms(counts, user.IsBorrowing(reserve), threshold, ltv, counts && isZeroLtv, bonus, configuration.LiquidationProtocolFee, inEMode);
    }
}
