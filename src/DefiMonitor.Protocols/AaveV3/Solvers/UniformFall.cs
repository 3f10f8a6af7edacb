using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// By how many ppm all collateral that is not also debt must fall together to bring the account below a health factor. Prices are cut to
/// floor(price * k / 10^6), as a shock cuts them, so that the fall found is one that pulls.
/// </summary>
public sealed class UniformFall
{
    private const uint MaxDents = 4_000;

    private readonly AccountAt account;
    private readonly UInt256 health;
    private readonly AccountSum others;
    private readonly AccountLeg[] falling;

    public UniformFall(AccountAt account, UInt256 health)
    {
        this.account = account;
        this.health = health;
        var legs = new List<AccountLeg>();
        foreach (ref readonly var leg in account.Legs)
        {
            if (leg.Terms.Counts && !leg.Supply.IsZero && leg.Terms.Threshold != 0 && !IsOwed(leg.PriceSource))
            {
                legs.Add(leg);
            }
            else
            {
                others.Add(account.Version, leg);
            }
        }

        falling = legs.ToArray();
    }

    /// <returns>Ppm; 0 when the account is below already, null when no fall brings it there.</returns>
    public uint? Find()
    {
        if (account.HealthFactor < health)
        {
            return 0;
        }

        if (falling.Length == 0 || account.Sum.Debt.IsZero)
        {
            return null;
        }

        if (account.Version >= AaveVersion.V35)
        {
            return IsUnsafe(0) ? Shock.Unit - LargestBelow(0, Shock.Unit, IsUnsafe) : null;
        }

        return FindAmongDents();
    }

    // Up to 3.4 the floored average threshold makes dents of one bp. Between a bound that is surely unsafe and one that is surely safe, both monotone,
    // lie at most a few hundred steps, which are all tried. Only where what falls is next to nothing are they more; there the dents are passed over.
    private uint? FindAmongDents()
    {
        if (!CouldBeUnsafe(0))
        {
            return null;
        }

        var from = CouldBeUnsafe(Shock.Unit) ? Shock.Unit - 1 : LargestBelow(0, Shock.Unit, CouldBeUnsafe);
        var to = IsSurelyUnsafe(0) ? LargestBelow(0, from + 1, IsSurelyUnsafe) : 0;
        if (from - to > MaxDents)
        {
            return IsUnsafe(to) ? Shock.Unit - LargestBelow(to, from + 1, IsUnsafe) : null;
        }

        for (var kept = from; ; kept--)
        {
            if (IsUnsafe(kept))
            {
                return Shock.Unit - kept;
            }

            if (kept == to)
            {
                return null;
            }
        }
    }

    // The largest k that satisfies a monotone condition which holds at low and not at high.
    private static uint LargestBelow(uint low, uint high, Func<uint, bool> holds)
    {
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (holds(middle))
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private bool IsUnsafe(uint kept) => At(kept).HealthFactor(account.Version) < health;

    // The truncated average loses less than one bp, so sum - collateral is a floor for collateral * average that is monotone in the prices.
    private bool CouldBeUnsafe(uint kept)
    {
        var sum = At(kept);
        var floor = sum.Threshold > sum.Collateral ? (sum.Threshold - sum.Collateral) / FixedPoint.BpsOne : UInt256.Zero;
        return floor < DebtLimit.MinBacking(account.Version, sum.Debt, health);
    }

    // And it gains at most what rounding half up adds.
    private bool IsSurelyUnsafe(uint kept)
    {
        var sum = At(kept);
        return (sum.Threshold + (FixedPoint.BpsOne / 2u)) / FixedPoint.BpsOne < DebtLimit.MinBacking(account.Version, sum.Debt, health);
    }

    private AccountSum At(uint kept)
    {
        var sum = others;
        foreach (var leg in falling)
        {
            sum.Add(account.Version, leg with { Price = leg.Price * kept / Shock.Unit });
        }

        return sum;
    }

    private bool IsOwed(in Address source)
    {
        foreach (ref readonly var leg in account.Legs)
        {
            if (leg.PriceSource == source && leg.Terms.Owes && !leg.Debt.IsZero)
            {
                return true;
            }
        }

        return false;
    }
}
