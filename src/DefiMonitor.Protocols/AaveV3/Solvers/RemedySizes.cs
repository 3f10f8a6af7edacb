using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>A sized way to a health factor.</summary>
/// <param name="Leg">Index of the leg.</param>
/// <param name="Amount">In the token's decimals; one unit less does not reach it.</param>
/// <param name="HealthAfter">Wad, by forward evaluation; 2^256 - 1 when no debt is left.</param>
public readonly record struct RemedySize(int Leg, UInt256 Amount, UInt256 HealthAfter);

/// <summary>
/// The smallest repayment of one debt, or deposit of one collateral, that reaches a health factor. Worked back through prices, balances and scaled amounts with the
/// exact inverses of each rounding, then held against the forward computation.
/// </summary>
public static class RemedySizes
{
    // Inverses of two half-up roundings in a row can be off by a unit each; more would be an error in them.
    private const int MaxSteps = 8;

    /// <returns>Null when even repaying all of it is not enough; an amount of 0 when nothing is needed.</returns>
    public static RemedySize? Repay(AccountAt account, int index, in UInt256 target)
    {
        var leg = account.Legs[index];
        var limit = DebtLimit.MaxDebt(account.Version, account.Sum, target);
        var others = account.Without(index).Debt;
        if (limit < others)
        {
            return null;
        }

        var most = PriceEdges.LargestOf(account.Version, limit - others, leg.Unit, leg.Price);
        var amount = most >= leg.Debt ? UInt256.Zero : RepayTo(account, index, most);
        return Settle(amount, leg.Debt, target, a => account.HealthWith(index, AfterRepay(account, index, a)), index);
    }

    /// <returns>Null when no deposit of this asset reaches it.</returns>
    public static RemedySize? Deposit(AccountAt account, int index, in UInt256 target)
    {
        var leg = account.Legs[index];
        if (!leg.Terms.Counts || leg.Terms.Threshold == 0 || leg.Price.IsZero)
        {
            return null;
        }

        var others = account.Without(index);
        others.Add(account.Version, leg with { Supply = UInt256.Zero });
        var unsafeValue = new UnsafeValue(account.Version, others, leg.Terms.Threshold, target);
        var cap = UInt256.MaxValue;
        while (true)
        {
            var value = unsafeValue.Largest(cap) is { } largest ? largest + UInt256.One : UInt256.Zero;
            var balance = FixedPoint.MulDivCeil(value, leg.Unit, leg.Price);
            var amount = balance <= leg.Supply ? UInt256.Zero : DepositTo(account, index, balance);
            var size = Settle(amount, UInt256.MaxValue, target, a => account.HealthWith(index, AfterDeposit(account, index, a)), index);
            if (size is not { } settled || settled.Amount.IsZero)
            {
                return size;
            }

            var less = AfterDeposit(account, index, settled.Amount - UInt256.One);
            if (account.HealthWith(index, less) < target || less.SupplyValue.IsZero)
            {
                return size;
            }

            // Values step over the unsafe one: no amount of this asset hits it. Look below.
            cap = less.SupplyValue - UInt256.One;
        }
    }

    /// <summary>The leg after a repayment: VariableDebtToken.burn. Whatever is at least the debt clears it, as the pool caps it.</summary>
    public static AccountLeg AfterRepay(AccountAt account, int index, in UInt256 amount)
    {
        var leg = account.Legs[index];
        ref readonly var input = ref account.Inputs[index];
        if (amount >= leg.Debt)
        {
            return leg with { Debt = UInt256.Zero };
        }

        if (!input.OtherDebt.IsZero)
        {
            return leg with { Debt = leg.Debt - amount };
        }

        var debtIndex = input.Indexes.NormalizedDebt(account.Version, account.At);
        var burned = UInt256.Min(input.ScaledDebt, Balances.ScaledByRepay(account.Version, amount, debtIndex));
        return leg with { Debt = Balances.OfDebt(account.Version, input.ScaledDebt - burned, debtIndex) };
    }

    /// <summary>The leg after a supply: AToken.mint.</summary>
    public static AccountLeg AfterDeposit(AccountAt account, int index, in UInt256 amount)
    {
        var leg = account.Legs[index];
        ref readonly var input = ref account.Inputs[index];
        var income = input.Indexes.NormalizedIncome(account.At);
        var scaled = input.ScaledSupply + Balances.ScaledBySupply(account.Version, amount, income);
        return leg with { Supply = Balances.OfSupply(account.Version, scaled, income) };
    }

    private static UInt256 RepayTo(AccountAt account, int index, in UInt256 most)
    {
        ref readonly var input = ref account.Inputs[index];
        var debt = account.Legs[index].Debt;
        if (!input.OtherDebt.IsZero)
        {
            return debt - most;
        }

        var debtIndex = input.Indexes.NormalizedDebt(account.Version, account.At);
        UInt256 amount;
        if (account.Version >= AaveVersion.V35)
        {
            var kept = FixedPoint.RayDiv(most, debtIndex, Rounding.Down);
            amount = FixedPoint.RayMul(input.ScaledDebt - UInt256.Min(kept, input.ScaledDebt), debtIndex, Rounding.Up);
        }
        else
        {
            // The largest s with rayMul(s, index) at most `most`, then the smallest a with rayDiv(a, index) at least what must go.
            var kept = FixedPoint.MulDivCeil(((most + UInt256.One) * FixedPoint.Ray) - FixedPoint.HalfRay, UInt256.One, debtIndex) - UInt256.One;
            var burn = input.ScaledDebt - UInt256.Min(kept, input.ScaledDebt);
            amount = burn.IsZero ? UInt256.Zero : FixedPoint.MulDivCeil((burn * debtIndex) - (debtIndex >> 1), UInt256.One, FixedPoint.Ray);
        }

        return UInt256.Min(amount, debt);
    }

    private static UInt256 DepositTo(AccountAt account, int index, in UInt256 balance)
    {
        ref readonly var input = ref account.Inputs[index];
        var income = input.Indexes.NormalizedIncome(account.At);
        if (account.Version >= AaveVersion.V35)
        {
            var needed = FixedPoint.RayDiv(balance, income, Rounding.Up);
            return FixedPoint.RayMul(needed - UInt256.Min(needed, input.ScaledSupply), income, Rounding.Up);
        }

        var scaled = FixedPoint.MulDivCeil((balance * FixedPoint.Ray) - FixedPoint.HalfRay, UInt256.One, income);
        var mint = scaled - UInt256.Min(scaled, input.ScaledSupply);
        return mint.IsZero ? UInt256.Zero : FixedPoint.MulDivCeil((mint * income) - (income >> 1), UInt256.One, FixedPoint.Ray);
    }

    // Forward evaluation decides: up while it is not enough, then down while one less is enough too.
    private static RemedySize? Settle(UInt256 amount, UInt256 cap, UInt256 target, Func<UInt256, UInt256> healthAfter, int index)
    {
        for (var i = 0; i < MaxSteps && amount < cap && healthAfter(amount) < target; i++)
        {
            amount += UInt256.One;
        }

        for (var i = 0; i < MaxSteps && !amount.IsZero && healthAfter(amount - UInt256.One) >= target; i++)
        {
            amount -= UInt256.One;
        }

        var health = healthAfter(amount);
        return health >= target ? new RemedySize(index, amount, health) : null;
    }
}
