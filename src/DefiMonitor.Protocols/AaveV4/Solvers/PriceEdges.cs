using System.Numerics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>
/// The integer price of one source at which the account is liquidatable while every other price stands: with falls the highest, with rises the lowest. One unit further
/// to the safe side it is not. Values are exact multiples of prices, so health is a quotient of two straight lines and the edge is a division.
/// </summary>
public static class PriceEdges
{
    // From a value weighted in bps to a debt times ray, at a health factor of 1: 10^27 / 10^4.
    private static readonly BigInteger Weight = BigInteger.Pow(10, 23);

    /// <returns>Null when no price of this source makes the difference. The oracle takes no price of 0, so 1 is the lowest.</returns>
    public static (EdgeSide Side, UInt256 Price)? Of(AccountAt account, in Address source)
    {
        // Slack = restSlack + price * slope; liquidatable where it is negative.
        var rest = BigInteger.Zero;
        var slope = BigInteger.Zero;
        foreach (var leg in account.Legs)
        {
            var terms = leg.Leg;
            var perPrice = Weight * terms.CollateralFactor * (BigInteger)terms.Supplied * (BigInteger)terms.Scale;
            perPrice -= (BigInteger)terms.DebtRay * (BigInteger)terms.Scale;
            if (leg.State.PriceSource == source)
            {
                slope += perPrice;
            }
            else
            {
                rest += perPrice * (BigInteger)terms.Price;
            }
        }

        if (slope.Sign > 0 && rest.Sign < 0)
        {
            var lowestSafe = ((-rest) + slope - 1) / slope;
            return lowestSafe > 1 ? (EdgeSide.Falls, (UInt256)(lowestSafe - 1)) : null;
        }

        return slope.Sign < 0 && rest.Sign >= 0 && rest / -slope >= 1 ? (EdgeSide.Rises, (UInt256)((rest / -slope) + 1)) : null;
    }

    /// <summary>
    /// The smallest fall in ppm of every price that stands behind collateral and no debt which makes the account liquidatable; 0 when it is, null where no fall does.
    /// </summary>
    public static uint? UniformFall(AccountAt account)
    {
        if (account.Sum.HealthFactor < AccountData.Threshold)
        {
            return 0;
        }

        var owed = account.Legs.Where(static leg => leg.Leg.Owes).Select(static leg => leg.State.PriceSource).ToHashSet();
        if (!IsUnsafe(account, owed, Shock.Unit))
        {
            return null;
        }

        var low = 0u;
        var high = Shock.Unit;
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (IsUnsafe(account, owed, middle))
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return high;
    }

    // Prices are cut as a shock cuts them.
    private static bool IsUnsafe(AccountAt account, HashSet<Address> owed, uint fall)
    {
        var sum = default(AccountSum);
        foreach (var leg in account.Legs)
        {
            sum.Add(owed.Contains(leg.State.PriceSource) ? leg.Leg : leg.Leg with { Price = leg.Leg.Price * (Shock.Unit - fall) / Shock.Unit });
        }

        return sum.HealthFactor < AccountData.Threshold;
    }
}
