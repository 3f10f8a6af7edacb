using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// The integer price at which one price source alone brings the account below a health factor. Falls: the highest price at which it is below.
/// Rises: the lowest. In both cases one unit further on the safe side it is not.
/// </summary>
public static class PriceEdges
{
    /// <summary>How far a price is followed upwards where only search helps: a million times today's.</summary>
    private const uint SearchSpan = 1_000_000;

    /// <returns>Null when no price of this source makes the difference.</returns>
    public static (EdgeSide Side, UInt256 Price)? Of(AccountAt account, in Address source, in UInt256 health)
    {
        var supplies = 0;
        var debts = 0;
        var only = -1;
        for (var i = 0; i < account.Legs.Length; i++)
        {
            ref readonly var leg = ref account.Legs[i];
            if (leg.PriceSource == source)
            {
                var counts = leg.Terms.Counts && !leg.Supply.IsZero && leg.Terms.Threshold != 0;
                var owes = leg.Terms.Owes && !leg.Debt.IsZero;
                supplies += counts ? 1 : 0;
                debts += owes ? 1 : 0;
                only = counts || owes ? i : only;
            }
        }

        return (supplies, debts) switch
        {
            (0, 0) => null,
            (1, 0) => OfCollateral(account, only, health),
            (0, 1) => OfDebt(account, only, health),
            _ => new PriceSearch(account, source, health).Find(SearchSpan),
        };
    }

    private static (EdgeSide Side, UInt256 Price)? OfCollateral(AccountAt account, int index, in UInt256 health)
    {
        var leg = account.Legs[index];
        var unsafeValue = new UnsafeValue(account.Version, account.Without(index), leg.Terms.Threshold, health);
        var cap = UInt256.MaxValue;
        while (unsafeValue.Largest(cap) is { } value)
        {
            // The largest price whose value is still at most that.
            var price = FixedPoint.MulDivCeil(value + UInt256.One, leg.Unit, leg.Supply) - UInt256.One;
            if (price.IsZero)
            {
                return null;
            }

            var candidate = leg with { Price = price };
            if (account.HealthWith(index, candidate) < health)
            {
                return (EdgeSide.Falls, price);
            }

            // Values step over that one: a price of this leg cannot hit it. Look below what this price gives.
            var reached = candidate.SupplyValue;
            if (reached.IsZero)
            {
                return null;
            }

            cap = reached - UInt256.One;
        }

        return null;
    }

    private static (EdgeSide Side, UInt256 Price)? OfDebt(AccountAt account, int index, in UInt256 health)
    {
        var leg = account.Legs[index];
        var others = account.Without(index);
        var limit = DebtLimit.MaxDebt(account.Version, account.Sum, health);
        if (limit < others.Debt)
        {
            return null;
        }

        var safe = LargestOf(account.Version, limit - others.Debt, leg.Unit, leg.Debt);
        return safe.IsZero ? null : (EdgeSide.Rises, safe + UInt256.One);
    }

    /// <summary>The largest factor whose product with <paramref name="amount"/>, divided by <paramref name="unit"/> as the version rounds debt, is at most <paramref name="value"/>.</summary>
    internal static UInt256 LargestOf(AaveVersion version, in UInt256 value, in UInt256 unit, in UInt256 amount) =>
        version >= AaveVersion.V35
            ? FixedPoint.MulDivFloor(value, unit, amount)
            : FixedPoint.MulDivCeil(value + UInt256.One, unit, amount) - UInt256.One;
}
