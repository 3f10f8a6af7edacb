using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>The most that one liquidationCall can take of one pair of an account's legs.</summary>
/// <param name="Taken">What the collateral that leaves the borrower is worth, fee included, base units.</param>
/// <param name="Loss">What the borrower loses beyond the debt repaid, base units.</param>
/// <param name="IsBadDebt">No collateral is left afterwards: the remaining debt is written off (3.3 and later).</param>
public readonly record struct PairQuote(int CollateralLeg, int DebtLeg, LiquidationAmounts Amounts, UInt256 Taken, UInt256 Loss, bool IsBadDebt)
{
    public static PairQuote Of(AccountAt account, int collateralLeg, int debtLeg)
    {
        var version = account.Version;
        var collateral = account.Legs[collateralLeg];
        var debt = account.Legs[debtLeg];
        var pair = PairOf(collateral, debt);
        var amounts = Largest(account, pair);
        var taken = amounts.Taken * collateral.Price / collateral.Unit;
        var repaid = debt.DebtValue(version, amounts.DebtRepaid);
        ref readonly var input = ref account.Inputs[collateralLeg];
        var isBadDebt = LiquidationLogic.LeavesBadDebt(
            version, pair, amounts, account.Sum.Collateral, input.ScaledSupply, input.Indexes.NormalizedIncome(account.At));
        return new PairQuote(collateralLeg, debtLeg, amounts, taken, taken > repaid ? taken - repaid : UInt256.Zero, isBadDebt);
    }

    public static LiquidationPair PairOf(in AccountLeg collateral, in AccountLeg debt) => new(
        collateral.Supply, collateral.Price, collateral.Unit, debt.Debt, debt.Price, debt.Unit, collateral.Terms.Bonus, collateral.Terms.ProtocolFee);

    // By the close factor; where that would leave dust and revert, the most that does not.
    private static LiquidationAmounts Largest(AccountAt account, in LiquidationPair pair)
    {
        var high = LiquidationLogic.MaxDebt(account.Version, pair, account.Sum.Debt, account.HealthFactor);
        var amounts = LiquidationLogic.Amounts(account.Version, pair, high);
        if (!LiquidationLogic.LeavesDust(account.Version, pair, amounts))
        {
            return amounts;
        }

        var low = UInt256.Zero;
        amounts = default;
        while (high - low > UInt256.One)
        {
            var middle = low + ((high - low) >> 1);
            var tried = LiquidationLogic.Amounts(account.Version, pair, middle);
            if (LiquidationLogic.LeavesDust(account.Version, pair, tried))
            {
                high = middle;
            }
            else
            {
                low = middle;
                amounts = tried;
            }
        }

        return amounts;
    }
}
