using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// How long until interest alone, at constant prices and rates, brings the account below a health factor. Debt compounds and supply does not, so what crosses stays
/// across; up to 3.4 the floored average threshold can dip by one bp for a moment before, which is not looked for.
/// </summary>
public static class TimeToEdge
{
    private const ulong HundredYears = 100UL * ReserveIndexes.SecondsPerYear;

    /// <returns>Seconds from the account's instant; 0 when it is below already, null when more than a hundred years.</returns>
    public static ulong? Seconds(AccountAt account, in UInt256 health)
    {
        if (account.HealthFactor < health)
        {
            return 0;
        }

        if (account.Sum.Debt.IsZero || !IsUnsafe(account, HundredYears, health))
        {
            return null;
        }

        ulong low = 0;
        var high = HundredYears;
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (IsUnsafe(account, middle, health))
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

    // Interest that no longer fits 256 bits has long passed every threshold.
    private static bool IsUnsafe(AccountAt account, ulong seconds, in UInt256 health)
    {
        try
        {
            return account.AtInstant(account.At + seconds).HealthFactor < health;
        }
        catch (OverflowException)
        {
            return true;
        }
    }
}
