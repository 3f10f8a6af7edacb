using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>A sized way to a health factor.</summary>
/// <param name="Amount">In the asset's decimals; one unit less does not reach it.</param>
/// <param name="HealthAfter">Wad; 2^256 - 1 when no debt is left.</param>
public readonly record struct RemedySize(UInt256 Amount, UInt256 HealthAfter);

/// <summary>The smallest repayment or deposit that reaches a health factor: bisected over forward evaluation, which both only raise.</summary>
public static class RemedySizes
{
    private const int MostBits = 104;

    /// <returns>Null when even repaying all of it is not enough, or the account is there already.</returns>
    public static RemedySize? Repay(AccountAt account, int index, UInt256 target)
    {
        var debt = account.Legs[index].Debt;
        return debt.IsZero || account.Sum.HealthFactor >= target || AfterRepay(account, index, debt) < target
            ? null
            : Smallest(debt, target, amount => AfterRepay(account, index, amount));
    }

    /// <returns>Null where the reserve is no collateral of the user's, no amount is enough, or the account is there already.</returns>
    public static RemedySize? Deposit(AccountAt account, int index, UInt256 target)
    {
        if (account.Sum.DebtRay.IsZero || account.Sum.HealthFactor >= target || account.Legs[index].Leg.CollateralFactor == 0)
        {
            return null;
        }

        var most = UInt256.One;
        while (AfterDeposit(account, index, most) < target)
        {
            most <<= 8;
            if (most.BitLength > MostBits)
            {
                return null;
            }
        }

        return Smallest(most, target, amount => AfterDeposit(account, index, amount));
    }

    /// <summary>Spoke.repay: the premium first, then whole drawn shares, rounded down. Wad.</summary>
    public static UInt256 AfterRepay(AccountAt account, int index, in UInt256 amount)
    {
        var leg = account.Legs[index];
        UInt256 drawn;
        UInt256 premiumRay;
        if (amount >= leg.Debt)
        {
            (drawn, premiumRay) = (leg.Drawn, leg.PremiumRay);
        }
        else if (amount < leg.Premium)
        {
            (drawn, premiumRay) = (UInt256.Zero, amount * FixedPoint.Ray);
        }
        else
        {
            (drawn, premiumRay) = (amount - leg.Premium, leg.PremiumRay);
        }

        var burned = FixedPoint.RayDiv(drawn, leg.Supply.Index, Rounding.Down);
        var before = leg.State.HubAsset.Accrue(account.At);

        // The offset stands for the whole change of the premium: its shares are set anew, and only what is owed at this instant is asked.
        var after = before with
        {
            Liquidity = (UInt128)(before.Liquidity + drawn + RayMath.FromRayUp(premiumRay)),
            DrawnShares = (UInt128)(before.DrawnShares - burned),
            PremiumOffsetRay = before.PremiumOffsetRay + SignedRay.From((System.Numerics.BigInteger)premiumRay),
        };
        var price = SharePrice.Of(after, account.At);
        var shares = leg.DrawnShares - burned;
        return account.HealthWith(index, leg.Leg with
        {
            Supplied = price.ToAssets(leg.State.Position.SuppliedShares, Rounding.Down),
            DebtRay = (shares * leg.Supply.Index) + leg.PremiumRay - premiumRay,
            Owes = !shares.IsZero,
        });
    }

    /// <summary>Spoke.supply to a reserve that is collateral already; an amount that gives no share, which the hub refuses, changes nothing. Wad.</summary>
    public static UInt256 AfterDeposit(AccountAt account, int index, in UInt256 amount)
    {
        var leg = account.Legs[index];
        var shares = leg.Supply.ToShares(amount, Rounding.Down);
        if (shares.IsZero)
        {
            return account.Sum.HealthFactor;
        }

        var before = leg.State.HubAsset.Accrue(account.At);
        var after = before with { Liquidity = (UInt128)(before.Liquidity + amount), AddedShares = (UInt128)(before.AddedShares + shares) };
        var supplied = SharePrice.Of(after, account.At).ToAssets(leg.State.Position.SuppliedShares + shares, Rounding.Down);
        return account.HealthWith(index, leg.Leg with { Supplied = supplied, HasShares = true });
    }

    private static RemedySize Smallest(UInt256 high, in UInt256 target, Func<UInt256, UInt256> after)
    {
        var low = UInt256.Zero;
        while (high - low > UInt256.One)
        {
            var middle = low + ((high - low) >> 1);
            if (after(middle) >= target)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return new RemedySize(high, after(high));
    }
}
