namespace DefiMonitor.Protocols.AaveV4;

/// <summary>
/// How long until interest alone makes an account liquidatable: that of its debts against that of its collaterals, at constant prices and rates. The instants looked at
/// grow by a half each; where the account goes under and comes up again between two of them, that is not seen.
/// </summary>
public static class TimeToEdge
{
    private const ulong HundredYears = 100UL * 31_536_000;

    /// <returns>Seconds from the account's instant; 0 when it is liquidatable already, null when more than a hundred years. One second earlier it is not.</returns>
    public static ulong? Seconds(AccountAt account)
    {
        if (account.Sum.HealthFactor < AccountData.Threshold)
        {
            return 0;
        }

        ulong low = 0;
        for (ulong seconds = 1; low < HundredYears; seconds = Math.Min(HundredYears, seconds + (seconds / 2) + 1))
        {
            if (IsUnsafe(account, seconds))
            {
                return Between(account, low, seconds);
            }

            low = seconds;
        }

        return null;
    }

    private static ulong Between(AccountAt account, ulong low, ulong high)
    {
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (IsUnsafe(account, middle))
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

    // Interest that no longer fits has long passed every threshold.
    private static bool IsUnsafe(AccountAt account, ulong seconds)
    {
        try
        {
            return new AccountAt(account.State, account.At + seconds, account.Price).Sum.HealthFactor < AccountData.Threshold;
        }
        catch (OverflowException)
        {
            return true;
        }
    }
}
