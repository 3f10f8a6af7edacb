using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Sinks.Http;
using DefiMonitor.Engine.Venues;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.DeriveV3;

namespace DefiMonitor.App.Reading;

/// <summary>Every account that an owner has at venues that speak through an API.</summary>
public static class OwnerVenues
{
    /// <summary>What the catalog knows, for the configuration.</summary>
    public static IReadOnlyList<VenueKind> Kinds { get; } = [.. VenueCatalog.Sources.Select(static source => new VenueKind(source.Name, new Uri(source.Url)))];

    /// <summary>Of the owner by his name, and of every owner of the file who has one of his addresses.</summary>
    public static async Task<OwnerAtVenues> ReadAsync(MonitorSettings settings, OwnerSettings owner, TimeProvider time, CancellationToken cancellationToken)
    {
        var names = settings.Owners.Where(known => known.EveryAddress.Intersect(owner.EveryAddress).Any()).Select(static known => known.Name).Append(owner.Name).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var (reports, unnamed) = (new List<VenueReport>(), new List<VenueOwner>());
        foreach (var venue in settings.Venues)
        {
            using var http = Http(venue, time);
            var reader = Reader(venue, http, time);
            reports.AddRange(await reader.ReadAsync([], [.. names.SelectMany(venue.AccountsOf).Distinct()], cancellationToken));
            var named = venue.Accounts.Select(static account => account.Id).ToHashSet();
            foreach (var told in await reader.AccountsAsync(owner.EveryAddress.Distinct(), cancellationToken))
            {
                if (told with { Accounts = [.. told.Accounts.Where(account => !named.Contains(account))] } is var rest && (rest.Accounts.Count > 0 || rest.Unknown is not null))
                {
                    unnamed.Add(rest);
                }
            }
        }

        return new OwnerAtVenues(reports, unnamed);
    }

    /// <summary>To that venue and nobody else; private addresses are refused unless the venue is on this machine.</summary>
    public static GuardedHttp Http(VenueSettings venue, TimeProvider time) => new(allowPrivate: OutboundUrl.IsThisMachine(venue.Url), time);

    public static IVenueFeed Feed(VenueSettings venue) => VenueCatalog.Sources.Single(source => source.Name == venue.Source).Create(venue.MaxAgeSeconds);

    public static VenueReader Reader(VenueSettings venue, GuardedHttp http, TimeProvider time) => new(Feed(venue), venue, http, time);

    /// <summary>
    /// Accounts of Derive v2 that hold something although v3 answers for their owner: what was moved there is told by v3 alone, so these are a remainder that nobody confirms.
    /// </summary>
    public static IReadOnlyList<AccountReading> Legacy(IEnumerable<AccountReading> accounts, IReadOnlyList<VenueReport> venues) =>
        venues.Any(static report => report.Account.Source == DeriveV3Feed.Name && report.Status != MarginStatus.Unknown)
            ? [.. accounts.Where(static account => account.Account.Deployment.Family == SmartAccount.DeriveFamily && account.HasPosition)]
            : [];
}

/// <param name="Unnamed">Accounts of his that venues.json does not name, or why they are not known.</param>
public sealed record OwnerAtVenues(IReadOnlyList<VenueReport> Reports, IReadOnlyList<VenueOwner> Unnamed);
