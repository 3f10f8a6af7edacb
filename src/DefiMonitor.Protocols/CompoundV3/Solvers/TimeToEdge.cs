namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>How long until interest alone, at constant prices and without anybody else's action, makes an account liquidatable.</summary>
public static class TimeToEdge
{
    private const ulong HundredYears = 100UL * InterestRates.SecondsPerYear;

    /// <returns>Seconds from the account's instant; 0 when it is liquidatable already, null when more than a hundred years.</returns>
    public static ulong? Seconds(AccountAt account)
    {
        if (account.Health.IsLiquidatable)
        {
            return 0;
        }

        if (account.Debt == 0 || !IsUnsafe(account, HundredYears))
        {
            return null;
        }

        ulong low = 0;
        var high = HundredYears;
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = IsUnsafe(account, middle) ? (low, middle) : (middle, high);
        }

        return high;
    }

    // An index that no longer fits 64 bits has long passed every edge.
    private static bool IsUnsafe(AccountAt account, ulong seconds)
    {
        try
        {
            return account.Later(account.At + seconds).Health.IsLiquidatable;
        }
        catch (OverflowException)
        {
            return true;
        }
    }
}
