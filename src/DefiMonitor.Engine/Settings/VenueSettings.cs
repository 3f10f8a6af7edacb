using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Engine.Settings;

/// <summary>One venue that speaks through an API, as venues.json states it.</summary>
/// <param name="Source">Such as derive-v3.</param>
/// <param name="Url">Ends with a slash.</param>
/// <param name="MaxAgeSeconds">Figures that the venue valued longer ago are not believed.</param>
public sealed record VenueSettings(string Source, Uri Url, ulong MaxAgeSeconds, IReadOnlyList<VenueAccount> Accounts)
{
    public IReadOnlyList<VenueAccountId> AccountsOf(string owner) =>
        [.. Accounts.Where(account => account.Owner.Equals(owner, StringComparison.OrdinalIgnoreCase)).Select(static account => account.Id)];
}

/// <param name="Owner">A name of owners.json.</param>
public sealed record VenueAccount(string Owner, VenueAccountId Id);

/// <summary>What the configuration has to know of such a venue. App takes it from the venue catalog.</summary>
/// <param name="Url">Where it is found unless the file says otherwise.</param>
public sealed record VenueKind(string Source, Uri Url);
