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
        var byFactor = Lines(legs, static l => One(l.Factor), AnyAsset);
        var risky = byFactor.Where(static f => f.Key != MarketData.Unit).ToList();
        return new LedgerSummary
        {
            Assets = Sum(legs, static l => l.MayBeLong),
            Debts = Sum(legs, static l => l.MayBeShort),
            GrossExposure = risky.Aggregate(Figure.Known(0), static (sum, f) => sum + f.Gross),
            NetExposure = risky.Aggregate(Figure.Known(0), static (sum, f) => sum.With(f.Net, static (x, net) => x + Math.Abs(net))),
            ByAsset = Lines(legs, static l => One(l.Name), static l => l.Name is null),
            ByRoot = [.. Lines(legs, static l => One(l.Root), AnyAsset).Select(line => line with { Quantity = line.Key == Any ? line.Net : QuantityOf(legs, line.Key) })],
            ByFactor = byFactor,
            ByChain = Lines(legs, static l => One(l.Chain.ToString()), static _ => false),
            ByVenue = Lines(legs, static l => One(VenueOf(l)), static _ => false),
            ByOracle = Lines([.. legs.Where(static l => l.Side is not LedgerSide.Wallet)], static l => One(l.Oracle is { } oracle ? $"{l.Chain}:{oracle}" : l.Name is null ? null : NotStated), static l => l.Name is null),
            ByIssuer = Lines(legs, static l => l.Issuers.Count > 0 ? l.Issuers : One(l.Name is null ? null : NotStated), static l => l.Name is null),
        };
    }

    // A deployment names its chain; a wallet is one a chain.
    private static string VenueOf(LedgerLeg leg) => leg.Venue.Contains('/', StringComparison.Ordinal) ? leg.Venue : $"{leg.Chain}/{leg.Venue}";

    private static bool AnyAsset(LedgerLeg leg) => leg.Factor is null;

    private static IReadOnlyList<string> One(string? key) => key is null ? [] : [key];

    private static List<Exposure> Lines(IReadOnlyList<LedgerLeg> legs, Func<LedgerLeg, IReadOnlyList<string>> keysOf, Func<LedgerLeg, bool> touchesAll)
    {
        var keys = new SortedSet<string>(legs.SelectMany(keysOf), StringComparer.Ordinal);
        var lines = new List<Exposure>();
        foreach (var key in keys)
        {
            var these = legs.Where(l => touchesAll(l) || keysOf(l).Contains(key)).ToList();
            lines.Add(new Exposure(key, Sum(these, static l => l.MayBeLong), Sum(these, static l => l.MayBeShort)));
        }

        if (legs.Where(touchesAll).ToList() is { Count: > 0 } any)
        {
            lines.Add(new Exposure(Any, Sum(any, static l => l.MayBeLong), Sum(any, static l => l.MayBeShort)));
        }

        return lines;
    }

    private static Figure Sum(IEnumerable<LedgerLeg> legs, Func<LedgerLeg, bool> which)
    {
        var sum = 0.0;
        foreach (var leg in legs)
        {
            if (!which(leg))
            {
                continue;
            }

            if (leg is not { Status: LegStatus.Known, Value: { } value })
            {
                return Figure.Unknown(leg.Why!);
            }

            sum += value;
        }

        return Figure.Known(sum);
    }

    private static Figure QuantityOf(IReadOnlyList<LedgerLeg> legs, string root)
    {
        var sum = 0.0;
        foreach (var leg in legs)
        {
            if (leg.Root != root && !AnyAsset(leg))
            {
                continue;
            }

            // A missing price takes nothing from how much there is.
            if (leg.Status == LegStatus.Stale || leg.RootQuantity is not { } quantity)
            {
                return Figure.Unknown(leg.Why!);
            }

            sum += leg.Side == LedgerSide.Debt ? -quantity : quantity;
        }

        return Figure.Known(sum);
    }
}
