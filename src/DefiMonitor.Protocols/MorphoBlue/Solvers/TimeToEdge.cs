namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>How long until interest alone, at a constant price and without anybody else's action, makes a position unhealthy.</summary>
public static class TimeToEdge
{
    private const ulong HundredYears = 100UL * 31_536_000;

    /// <returns>Seconds from the position's instant; 0 when it is unhealthy already, null when more than a hundred years, or where the rate model is unknown.</returns>
    /// <param name="isUnsafe">Of the health at a later second.</param>
    public static ulong? Seconds(PositionAt position, Func<Health, bool> isUnsafe)
    {
        if (isUnsafe(position.Health))
        {
            return 0;
        }

        if (position.BorrowShares == 0 || position.Interest.Kind != IrmKind.AdaptiveCurve || !At(position, HundredYears, isUnsafe))
        {
            return null;
        }

        ulong low = 0;
        var high = HundredYears;
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (At(position, middle, isUnsafe))
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

    // Interest that no longer fits 128 bits has long passed every threshold.
    private static bool At(PositionAt position, ulong seconds, Func<Health, bool> isUnsafe)
    {
        try
        {
            var totals = position.Interest.At(position.At + seconds);
            return isUnsafe(Health.Of(totals, position.BorrowShares, position.Collateral, position.Price, position.Lltv));
        }
        catch (OverflowException)
        {
            return true;
        }
    }
}
