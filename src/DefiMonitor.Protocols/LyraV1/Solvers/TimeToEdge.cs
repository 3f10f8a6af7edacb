namespace DefiMonitor.Protocols.LyraV1;

/// <summary>
/// How long until the clock alone makes a short liquidatable at a constant spot. An option loses value as it ages, but the shock volatility may rise towards
/// expiry, so that a requirement can rise and fall again: the time is looked at in 64 steps, and a breach that lies between two of them is not seen.
/// </summary>
internal static class TimeToEdge
{
    private const ulong Steps = 64;

    /// <returns>Seconds; 0 when it is liquidatable already, null when no step before the expiry is.</returns>
    public static ulong? Seconds(LyraV1State state, PositionState position, ulong at)
    {
        bool IsUnsafe(ulong seconds) => new ShortMargin(position, Requirements.Of(state, state.Spot, at + seconds).Of(position)).IsLiquidatable;

        if (!position.IsLiveShort(at))
        {
            return null;
        }

        ulong safe = 0;
        var last = position.Expiry - at - 1;
        for (ulong step = 0; step <= Steps; step++)
        {
            var seconds = (ulong)((UInt128)last * step / Steps);
            if (IsUnsafe(seconds))
            {
                return step == 0 ? 0 : First(IsUnsafe, safe, seconds);
            }

            safe = seconds;
        }

        return null;
    }

    private static ulong First(Func<ulong, bool> isUnsafe, ulong safe, ulong at)
    {
        while (at - safe > 1)
        {
            var middle = safe + ((at - safe) / 2);
            if (isUnsafe(middle))
            {
                at = middle;
            }
            else
            {
                safe = middle;
            }
        }

        return at;
    }
}
