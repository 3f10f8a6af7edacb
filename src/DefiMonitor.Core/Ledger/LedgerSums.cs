using DefiMonitor.Core.Assets;

namespace DefiMonitor.Core.Ledger;

/// <summary>From legs to sums. Pure; in the order of the legs, so that the same legs always give the same doubles.</summary>
public static class LedgerSums
{
    /// <summary>The key of what states none.</summary>
    public const string NotStated = "not stated";

    /// <summary>The key of what could not be read and may hang on anything: a line that is not there is no zero while this one is.</summary>
    public const string Any = "?";

    public static LedgerSummary Of(IReadOnlyList<LedgerLeg> legs)
    {
        var byFactor = Parts(legs, static p => p.Factor);
        var risky = byFactor.Where(static f => f.Key != MarketData.Unit).ToList();
        return new LedgerSummary
        {
            Assets = Sum(legs, IsLong, static l => l.MayBeLong, Value),
            Debts = Sum(legs, IsShort, static l => l.MayBeShort, Value),
            GrossExposure = risky.Aggregate(Figure.Known(0), static (sum, f) => sum + f.Gross),
            NetExposure = risky.Aggregate(Figure.Known(0), static (sum, f) => sum.With(f.Net, static (x, net) => x + Math.Abs(net))),
            ByAsset = Lines(legs, static l => One(l.Name), static l => l.Name is null),
            ByRoot = [.. Parts(legs, static p => p.Root).Select(line => line with { Quantity = line.Key == Any ? line.Net : QuantityOf(legs, line.Key) })],
            ByFactor = byFactor,
            ByChain = Lines(legs, static l => One(l.Chain.ToString()), static _ => false),
            ByVenue = Lines(legs, static l => One(VenueOf(l)), static _ => false),
            ByOracle = Lines([.. legs.Where(static l => l.Side is not LedgerSide.Wallet)], static l => One(l.Oracle is { } oracle ? $"{l.Chain}:{oracle}" : l.Name is null ? null : NotStated), static l => l.Name is null),
            ByIssuer = Lines(legs, static l => l.Issuers.Count > 0 ? l.Issuers : One(AnyIssuer(l) ? null : NotStated), AnyIssuer),
        };
    }

    // A deployment names its chain; a wallet is one a chain.
    private static string VenueOf(LedgerLeg leg) => leg.Venue.Contains('/', StringComparison.Ordinal) ? leg.Venue : $"{leg.Chain}/{leg.Venue}";

    private static bool AnyAsset(LedgerLeg leg) => leg.Factor is null;

    // An option or a perpetual that is not priced was not looked through to those who stand behind it.
    private static bool AnyIssuer(LedgerLeg leg) => leg.Name is null || (leg.IsWritten && AnyAsset(leg));

    private static IReadOnlyList<string> One(string? key) => key is null ? [] : [key];

    private static bool IsLong(double signed) => signed > 0;

    private static bool IsShort(double signed) => signed < 0;

    private static IEnumerable<double> Value(LedgerLeg leg) => [leg.Sign * leg.Value!.Value];

    /// <summary>By the worth of whole legs.</summary>
    private static List<Exposure> Lines(IReadOnlyList<LedgerLeg> legs, Func<LedgerLeg, IReadOnlyList<string>> keysOf, Func<LedgerLeg, bool> touchesAll) =>
        Lines(legs, keysOf, touchesAll, static l => l.MayBeLong, static l => l.MayBeShort, static (l, _) => Value(l));

    /// <summary>By what moves: an option or a perpetual hangs on two roots, on either side of each.</summary>
    private static List<Exposure> Parts(IReadOnlyList<LedgerLeg> legs, Func<LegPart, string> keyOf) => Lines(
        legs,
        l => !l.IsWritten ? One(l.Factor is null ? null : keyOf(new LegPart(l.Root!, l.Factor, null, 0))) : [.. l.Parts.Select(keyOf).Distinct()],
        AnyAsset,
        static l => l.MayBeLong || l.IsWritten,
        static l => l.MayBeShort || l.IsWritten,
        (l, key) => l.Parts.Where(p => keyOf(p) == key).Select(static p => p.Value));

    private static List<Exposure> Lines(
        IReadOnlyList<LedgerLeg> legs,
        Func<LedgerLeg, IReadOnlyList<string>> keysOf,
        Func<LedgerLeg, bool> touchesAll,
        Func<LedgerLeg, bool> mayBeLong,
        Func<LedgerLeg, bool> mayBeShort,
        Func<LedgerLeg, string, IEnumerable<double>> valuesOf)
    {
        var keys = new SortedSet<string>(legs.SelectMany(keysOf), StringComparer.Ordinal);
        var lines = new List<Exposure>();
        foreach (var key in keys)
        {
            Add(key, l => touchesAll(l) || keysOf(l).Contains(key));
        }

        if (legs.Any(touchesAll))
        {
            Add(Any, touchesAll);
        }

        return lines;

        void Add(string key, Func<LedgerLeg, bool> touches)
        {
            var these = legs.Where(touches).ToList();
            lines.Add(new Exposure(key, Sum(these, IsLong, mayBeLong, l => valuesOf(l, key)), Sum(these, IsShort, mayBeShort, l => valuesOf(l, key))));
        }
    }

    private static Figure Sum(IEnumerable<LedgerLeg> legs, Func<double, bool> isOn, Func<LedgerLeg, bool> mayBeOn, Func<LedgerLeg, IEnumerable<double>> valuesOf)
    {
        var sum = 0.0;
        foreach (var leg in legs)
        {
            if (!mayBeOn(leg))
            {
                continue;
            }

            if (leg is not { Status: LegStatus.Known, Value: not null })
            {
                return Figure.Unknown(leg.Why!);
            }

            foreach (var value in valuesOf(leg))
            {
                sum += isOn(value) ? Math.Abs(value) : 0;
            }
        }

        return Figure.Known(sum);
    }

    private static Figure QuantityOf(IReadOnlyList<LedgerLeg> legs, string root)
    {
        var sum = 0.0;
        foreach (var leg in legs)
        {
            var parts = leg.Parts.Where(p => p.Root == root).ToList();
            if (parts.Count == 0 && !AnyAsset(leg))
            {
                continue;
            }

            // A missing price takes nothing from how much there is.
            if (leg.Status == LegStatus.Stale || parts.Count == 0 || parts.Exists(static p => p.Quantity is null))
            {
                return Figure.Unknown(leg.Why!);
            }

            sum += parts.Sum(static p => p.Quantity!.Value);
        }

        return Figure.Known(sum);
    }
}
