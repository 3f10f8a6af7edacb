using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>By how many ppm all collateral must fall together, each price cut to floor(price * k / 10^6) as a shock cuts it. The base token is never collateral.</summary>
public static class UniformFall
{
    /// <returns>The smallest fall that pulls; 0 when it is pulled, null when none does before a price is 0, where the contract reverts.</returns>
    public static uint? Find(AccountAt account)
    {
        if (account.Health.IsLiquidatable)
        {
            return 0;
        }

        var (low, high) = (0u, Shock.Unit);
        if (!After(account, high).IsLiquidatable)
        {
            return null;
        }

        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = After(account, middle).IsLiquidatable ? (low, middle) : (middle, high);
        }

        foreach (ref readonly var asset in account.Held)
        {
            if (Fallen(asset.Price, high).IsZero)
            {
                return null;
            }
        }

        return high;
    }

    private static UInt256 Fallen(in UInt256 price, uint ppm) => price * (Shock.Unit - ppm) / Shock.Unit;

    private static Health After(AccountAt account, uint ppm)
    {
        Span<HeldAsset> fallen = stackalloc HeldAsset[account.Held.Length];
        for (var i = 0; i < fallen.Length; i++)
        {
            fallen[i] = account.Held[i] with { Price = Fallen(account.Held[i].Price, ppm) };
        }

        return account.HealthWith(account.Debt, account.BasePrice, fallen);
    }
}
