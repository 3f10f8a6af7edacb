namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>
/// How long until the clock alone makes a naked vault liquidatable at a constant price. The requirement moves in the steps of the product's table alone, so each of them
/// is looked at, and the answer is exact. With a table that falls towards expiry, as all that were ever set, there is none.
/// </summary>
internal static class TimeToEdge
{
    /// <returns>Seconds; 0 when it is liquidatable already, null when no step before the expiry makes it so.</returns>
    public static ulong? Seconds(VaultState vault, ulong at)
    {
        if (!vault.IsLiveNaked(at))
        {
            return null;
        }

        if (NakedMargin.Of(vault, at).IsLiquidatable)
        {
            return 0;
        }

        var expiry = vault.Short!.Expiry;
        for (var i = vault.UpperBounds.Count - 1; i >= 0; i--)
        {
            // From this second on the step counts; one that is longer than what is left counted before.
            var left = vault.UpperBounds[i].TimeToExpiry;
            if (left > 0 && left < expiry - at && NakedMargin.Of(vault, expiry - left).IsLiquidatable)
            {
                return expiry - left - at;
            }
        }

        return null;
    }
}
