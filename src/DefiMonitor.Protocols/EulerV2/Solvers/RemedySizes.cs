using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>A sized way to a health factor.</summary>
/// <param name="Amount">In the asset's decimals; one unit less does not reach it.</param>
/// <param name="HealthAfter">Wad; 2^256 - 1 when no debt is left.</param>
public readonly record struct RemedySize(UInt256 Amount, UInt256 HealthAfter);

/// <summary>The smallest repayment or deposit that reaches a health factor, held against forward evaluation.</summary>
public static class RemedySizes
{
    /// <summary>The whole debt where nothing less will do; null when the account is there already.</summary>
    public static RemedySize? Repay(AccountAt account, UInt256 target) => account.Debt.IsZero || account.Health.Factor >= target
        ? null
        : Smallest(account.Debt, target, amount => AfterRepay(account, amount));

    /// <summary>Into one collateral vault; null where it lends nothing on it, or no amount that it can count is enough.</summary>
    public static RemedySize? Deposit(AccountAt account, int leg, UInt256 target)
    {
        var state = account.Legs[leg].State;
        if (account.Debt.IsZero || account.Health.Factor >= target || account.Legs[leg].Ltv == 0 || state.Unread is not null
            || (state.ConvertsFirst && state.Route[0].Kind != StageKind.Shares))
        {
            return null;
        }

        var most = UInt256.One;
        while (AfterDeposit(account, leg, most).Factor < target)
        {
            most <<= 8;
            if (most.BitLength > 104)
            {
                return null;
            }
        }

        return Smallest(most, target, amount => AfterDeposit(account, leg, amount));
    }

    /// <summary>BorrowUtils.decreaseBorrow: what is left is a whole number of units.</summary>
    public static AccountHealth AfterRepay(AccountAt account, in UInt256 assets) => account.HealthOf(account.Debt - assets, account.Legs);

    /// <summary>Vault.deposit: shares at the price before it, rounded down.</summary>
    public static AccountHealth AfterDeposit(AccountAt account, int leg, in UInt256 assets)
    {
        var before = account.Legs[leg];
        var state = before.State;
        var legs = account.Legs.ToArray();
        if (!state.ConvertsFirst)
        {
            legs[leg] = before.With(before.Chain, before.Shares + assets);
            return account.HealthOf(account.Debt, legs);
        }

        var totals = state.Route[0].Totals.At(account.At);
        var shares = totals.ToSharesDown(assets);
        var after = totals with { Cash = (UInt128)(totals.Cash + assets), TotalShares = (UInt128)(totals.TotalShares + shares) };
        var chain = QuoteChain.Of([state.Route[0] with { Totals = after }, .. account.ShiftedRoute(leg).Skip(1)], account.At);
        legs[leg] = before.With(chain, before.Shares + shares);
        return account.HealthOf(account.Debt, legs);
    }

    private static RemedySize Smallest(UInt256 high, in UInt256 target, Func<UInt256, AccountHealth> after)
    {
        var low = UInt256.Zero;
        while (high - low > UInt256.One)
        {
            var middle = low + ((high - low) >> 1);
            if (after(middle).Factor >= target)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return new RemedySize(high, after(high).Factor);
    }
}
