namespace DefiMonitor.Protocols.EulerV2;

/// <summary>
/// How long until time alone makes an account unhealthy: interest on the debt against interest on the collateral, and LTV ramps, at constant prices and rates. The
/// instants looked at grow by a half each, with the course of each ramp in between; where the account goes under and comes up again between two of them, that is not seen.
/// </summary>
public static class TimeToEdge
{
    private const ulong HundredYears = 100UL * 31_536_000;
    private const int StepsInRamp = 32;

    /// <returns>Seconds from the account's instant; 0 when it is unhealthy already, null when more than a hundred years. One second earlier it is healthy.</returns>
    public static ulong? Seconds(AccountAt account)
    {
        if (!account.Health.IsHealthy)
        {
            return 0;
        }

        ulong low = 0;
        foreach (var seconds in Instants(account))
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

    private static SortedSet<ulong> Instants(AccountAt account)
    {
        var instants = new SortedSet<ulong> { HundredYears };
        for (ulong seconds = 1; seconds < HundredYears; seconds += (seconds / 2) + 1)
        {
            instants.Add(seconds);
        }

        foreach (var collateral in account.State.Collaterals)
        {
            if (!collateral.Ltv.IsRamping(account.At))
            {
                continue;
            }

            var left = Math.Min(HundredYears, collateral.Ltv.TargetTimestamp - account.At);
            for (ulong i = 1; i <= StepsInRamp; i++)
            {
                instants.Add(Math.Max(1, left * i / StepsInRamp));
            }
        }

        return instants;
    }

    // Interest that no longer fits has long passed every threshold.
    private static bool IsUnsafe(AccountAt account, ulong seconds)
    {
        try
        {
            return !new AccountAt(account.State, account.At + seconds, account.Shift).Health.IsHealthy;
        }
        catch (OverflowException)
        {
            return true;
        }
    }
}
