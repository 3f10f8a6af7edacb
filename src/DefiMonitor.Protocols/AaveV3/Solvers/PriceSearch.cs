using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// Price edges where one price stands on both sides of the account, or for several legs: the exact function is bisected for its change of sign. Health as a function
/// of such a price runs one way, but for the rounding of single units, so the neighbours of what is found are tried too.
/// </summary>
internal sealed class PriceSearch
{
    private const uint Neighbours = 4;

    private readonly AccountAt account;
    private readonly UInt256 health;
    private readonly AccountSum others;
    private readonly AccountLeg[] moved;

    public PriceSearch(AccountAt account, Address source, UInt256 health)
    {
        this.account = account;
        this.health = health;
        var moving = new List<AccountLeg>();
        foreach (ref readonly var leg in account.Legs)
        {
            if (leg.PriceSource == source)
            {
                moving.Add(leg);
            }
            else
            {
                others.Add(account.Version, leg);
            }
        }

        moved = moving.ToArray();
    }

    public (EdgeSide Side, UInt256 Price)? Find(uint span)
    {
        var low = UInt256.One;
        var high = UInt256.Max(UInt256.One, moved[0].Price) * span;
        var lowIsSafe = IsSafe(low);
        if (lowIsSafe == IsSafe(high))
        {
            return null;
        }

        while (high - low > UInt256.One)
        {
            var middle = low + ((high - low) >> 1);
            if (IsSafe(middle) == lowIsSafe)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return lowIsSafe ? (EdgeSide.Rises, Outermost(high, up: false)) : (EdgeSide.Falls, Outermost(low, up: true));
    }

    // A few units further into the safe side rounding may make one more unsafe price with a safe neighbour.
    private UInt256 Outermost(UInt256 edge, bool up)
    {
        var best = edge;
        for (var i = 2u; i < 2 + Neighbours && (up || edge > i + 1); i++)
        {
            var price = up ? edge + i : edge - i;
            if (!IsSafe(price) && IsSafe(up ? price + UInt256.One : price - UInt256.One))
            {
                best = price;
            }
        }

        return best;
    }

    private bool IsSafe(in UInt256 price)
    {
        var sum = others;
        foreach (var leg in moved)
        {
            sum.Add(account.Version, leg with { Price = price });
        }

        return sum.HealthFactor(account.Version) >= health;
    }
}
