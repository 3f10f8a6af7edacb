using DefiMonitor.Core.Portfolio;
using DefiMonitor.Protocols.DeriveV3;

namespace DefiMonitor.Protocols;

/// <summary>A venue that speaks through an API.</summary>
/// <param name="Url">Where it is found unless the configuration says otherwise.</param>
/// <param name="Create">From the greatest age of its figures that is believed, in seconds.</param>
public sealed record VenueSource(string Name, string Url, Func<ulong, IVenueFeed> Create);

/// <summary>Every such venue that is known: one line each.</summary>
public static class VenueCatalog
{
    public static IReadOnlyList<VenueSource> Sources { get; } = [new(DeriveV3Feed.Name, DeriveV3Feed.Url, static age => new DeriveV3Feed(age))];
}
