using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>A sized way to a health factor.</summary>
/// <param name="Amount">In the token's decimals; one unit less does not reach it.</param>
/// <param name="HealthAfter">Wad; 2^256 - 1 when no debt is left.</param>
/// <param name="DebtAfter">Base tokens still owed.</param>
public readonly record struct RemedySize(UInt256 Amount, UInt256 HealthAfter, UInt128 DebtAfter);

/// <summary>The smallest repayment or deposit that reaches a health factor, held against forward evaluation.</summary>
public static class RemedySizes
{
    /// <summary>The smallest supply of base tokens; the whole debt where nothing less will do.</summary>
    public static RemedySize? Repay(AccountAt account, in UInt256 target)
    {
        if (account.Debt == 0 || account.Health.Factor >= target)
        {
            return null;
        }

        var (low, high) = (UInt128.Zero, account.Debt);
        while (high - low > 1)
        {
            var middle = low + ((high - low) >> 1);
            (low, high) = After(account, DebtAfter(account, middle)).Factor >= target ? (low, middle) : (middle, high);
        }

        var left = DebtAfter(account, high);
        return new RemedySize(high, After(account, left).Factor, left);
    }

    /// <summary>Null where the asset counts for nothing, or no amount that fits 128 bits is enough.</summary>
    public static RemedySize? Deposit(AccountAt account, int index, in UInt256 target)
    {
        var asset = account.Held[index];
        if (account.Debt == 0 || account.Health.Factor >= target || asset.Terms.LiquidateFactor == 0)
        {
            return null;
        }

        var wanted = UInt256.MulDiv(target, account.Health.DebtValue, FixedPoint.Wad, Rounding.Up) - account.LiquidationValueWithout(index);
        var value = UInt256.MulDiv(wanted, FixedPoint.Wad, asset.Terms.LiquidateFactor, Rounding.Up);
        var balance = UInt256.MulDiv(value, asset.Terms.Scale, asset.Price, Rounding.Up);
        return balance.BitLength > 128
            ? null
            : new RemedySize(balance - asset.Balance, AfterDeposit(account, index, balance - asset.Balance).Factor, account.Debt);
    }

    /// <summary>What is still owed after supplying so many base tokens: Comet.sol supplyBase, with the rounding of its way through the principal.</summary>
    public static UInt128 DebtAfter(AccountAt account, UInt128 amount)
    {
        var principal = BaseBalance.ToPrincipal(account.Balance + (Int128)amount, account.Totals);
        return principal < 0 ? (UInt128)BaseBalance.OfBorrow((UInt128)(-principal), account.Totals.BorrowIndex) : 0;
    }

    /// <summary>Health with another debt.</summary>
    public static Health After(AccountAt account, UInt128 debt) => account.HealthWith(debt, account.BasePrice, account.Held);

    /// <summary>Comet.sol supplyCollateral.</summary>
    public static Health AfterDeposit(AccountAt account, int index, in UInt256 amount)
    {
        Span<HeldAsset> held = stackalloc HeldAsset[account.Held.Length];
        account.Held.CopyTo(held);
        held[index] = held[index] with { Balance = (UInt128)(held[index].Balance + amount) };
        return account.HealthWith(account.Debt, account.BasePrice, held);
    }
}
