using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>The most that one liquidationCall can take of one pair of an account's legs, paid in the asset or, where the reserve allows it, in shares.</summary>
/// <param name="Taken">Collateral that leaves the borrower, asset units.</param>
/// <param name="TakenValue">10^26 for a dollar.</param>
/// <param name="RepaidValue">10^26 for a dollar.</param>
public readonly record struct PairQuote(int CollateralLeg, int DebtLeg, LiquidationAmounts Amounts, UInt256 Taken, UInt256 TakenValue, UInt256 RepaidValue)
{
    public UInt256 Loss => TakenValue > RepaidValue ? TakenValue - RepaidValue : UInt256.Zero;

    /// <returns>Null where no amount is accepted: dust would be left, or the hub has not the liquidity to pay out.</returns>
    public static PairQuote? Of(AccountAt account, int collateral, int debt)
    {
        var pair = PairOf(account, collateral, debt);
        var most = UInt256.MaxValue;
        return Liquidations.Of(pair, most) is not { } whole ? null
            : IsPayable(account.Legs[collateral], whole) ? Make(account, collateral, debt, whole)
            : LargestPayable(account, collateral, pair, whole.DebtRepaid) is { } part ? Make(account, collateral, debt, part)
            : null;
    }

    public static LiquidationPair PairOf(AccountAt account, int collateral, int debt)
    {
        var from = account.Legs[collateral];
        var owed = account.Legs[debt];
        return new LiquidationPair(
            from.Supply,
            from.State.Position.SuppliedShares,
            from.State.Decimals,
            from.Leg.Price,
            owed.DrawnShares,
            owed.PremiumRay,
            owed.Supply.Index,
            owed.State.Decimals,
            owed.Leg.Price,
            account.Sum.DebtRay,
            account.Sum.HealthFactor,
            from.State.Terms,
            account.State.Liquidation);
    }

    /// <summary>LiquidationLogic._validateLiquidationCall: receiveShares.</summary>
    public static bool CanTakeShares(AaveV4ReserveState reserve) =>
        (reserve.Flags & (ReserveFlags.Frozen | ReserveFlags.ReceiveSharesEnabled)) == ReserveFlags.ReceiveSharesEnabled;

    /// <summary>Hub.remove wants liquidity for what the liquidator gets; shares that change hands want none.</summary>
    private static bool IsPayable(in LegAt leg, in LiquidationAmounts amounts) =>
        CanTakeShares(leg.State) || leg.Supply.ToAssets(amounts.SharesToLiquidator, Rounding.Down) <= leg.State.HubAsset.Liquidity;

    private static PairQuote Make(AccountAt account, int collateral, int debt, in LiquidationAmounts amounts)
    {
        var leg = account.Legs[collateral];
        var taken = leg.Supply.ToAssets(amounts.SharesTaken, Rounding.Down);
        return new PairQuote(collateral, debt, amounts, taken, leg.Leg.Value(taken), account.Legs[debt].Leg.Value(amounts.DebtRepaid));
    }

    // What is too large to be paid out, or would leave dust, is refused: the largest below is looked for.
    private static LiquidationAmounts? LargestPayable(AccountAt account, int collateral, in LiquidationPair pair, UInt256 high)
    {
        var leg = account.Legs[collateral];
        LiquidationAmounts? found = null;
        var low = UInt256.Zero;
        while (high - low > UInt256.One)
        {
            var middle = low + ((high - low) >> 1);
            if (Liquidations.Of(pair, middle) is { } amounts && IsPayable(leg, amounts))
            {
                (low, found) = (middle, amounts);
            }
            else
            {
                high = middle;
            }
        }

        return found;
    }
}
