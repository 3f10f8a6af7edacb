using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Feeds;

/// <summary>The feeds of one chain at one block, and the shocks that they announce. What is evaluated under these is a model: it clears nothing and replaces no verdict.</summary>
public sealed class NextPrices
{
    private readonly IReadOnlyList<FeedSight> feeds;
    private readonly uint kept;

    public NextPrices(IReadOnlyList<FeedSight> feeds)
    {
        this.feeds = feeds;
        AtMarket = ShockOf(feeds, static _ => true);
        WhenDue = feeds.All(static sight => sight.IsDue) ? AtMarket : ShockOf(feeds, static sight => sight.IsDue);
        kept = KeptBy(WhenDue);
    }

    public static NextPrices None { get; } = new([]);

    public IReadOnlyList<FeedSight> Feeds => feeds;

    /// <summary>Every feed whose market is known written at the market's price.</summary>
    public Shock AtMarket { get; }

    /// <summary>Only those whose update is due written so.</summary>
    public Shock WhenDue { get; }

    /// <summary>
    /// Where health is weighted collateral over debt, no account keeps less of its health than this many ppm when the due feeds are written: the least factor of a
    /// collateral over the largest of a debt.
    /// </summary>
    public uint LeastKeptPpm => Pending.Aggregate(kept, static (least, coming) => Math.Min(least, coming.LeastKeptPpm));

    /// <summary>
    /// The same feeds with what is pending for them, at its lowest and at its highest; none = nothing is. Looked at beside these, never instead: anybody can send what looks
    /// like a transmission, and a made-up one must hide neither what is due nor another.
    /// </summary>
    public IReadOnlyList<NextPrices> Pending { get; init; } = [];

    /// <summary>True when pending transactions that would be believed could not be read just now, also because the node offers them no longer.</summary>
    public bool IsPendingUnread { get; init; }

    /// <summary>The feeds that move the price of some leg of the report.</summary>
    public IEnumerable<FeedSight> Of(MarginReport report) =>
        feeds.Where(sight => report.Positions.Any(leg => sight.Watch.Tokens.Contains(leg.Asset)));

    /// <summary>The report as it would be under the shock, marked as the estimate that it is; null where the shock moves none of its prices.</summary>
    /// <param name="evaluate">The venue's own arithmetic on the account's state.</param>
    public static MarginReport? Foresee(MarginReport report, Shock shock, Func<Shock, MarginReport> evaluate) =>
        report.Status != MarginStatus.Unknown && report.Positions.Any(leg => shock.Factors.ContainsKey(leg.Asset)) ? evaluate(shock) with { Tag = ResultTag.Model } : null;

    /// <summary>What comes for the account, the worse of what is due and what is pending; null where no feed moves it, or it is Unknown itself.</summary>
    /// <param name="report">At the instant at which the next price can land.</param>
    /// <param name="evaluate">The venue's own arithmetic on the account's state.</param>
    public PriceOutlook? OutlookOf(MarginReport report, Func<Shock, MarginReport> evaluate)
    {
        if (feeds.Count == 0 || report.Status == MarginStatus.Unknown)
        {
            return null;
        }

        var moving = Of(report).ToList();
        if (moving.Count == 0)
        {
            return null;
        }

        var worst = OutlookOf(report, moving, evaluate);
        foreach (var coming in Pending)
        {
            worst = coming.OutlookOf(report, evaluate) is { } outlook ? Worse(worst, outlook) : worst;
        }

        return worst;
    }

    private PriceOutlook OutlookOf(MarginReport report, List<FeedSight> moving, Func<Shock, MarginReport> evaluate)
    {
        var due = Foresee(report, WhenDue, evaluate);
        var market = (ReferenceEquals(AtMarket, WhenDue) ? due : Foresee(report, AtMarket, evaluate)) ?? report;
        return new PriceOutlook
        {
            Feeds = [.. moving.Where(static sight => sight.IsDue).Select(static sight => new OutlookFeed(
                sight.Watch.Name, sight.Watch.Feed, sight.Watch.Decimals, sight.Oracle!.Value, sight.Coming!.Value, sight.ApartPpm!.Value, sight.Rises, sight.Due))],
            Status = due?.Status,
            HealthFactor = due?.Status == MarginStatus.Unknown ? null : due?.HealthFactor,
            IsUnknown = IsPendingUnread || moving.Exists(static sight => sight.Due == FeedDue.Unknown) || due?.Status == MarginStatus.Unknown,
            HealthAtMarket = market.Status == MarginStatus.Unknown ? null : market.HealthFactor,
        };
    }

    /// <summary>The worse of the two; but what is due brings to the edge by itself hangs on nothing that is pending, however much worse that is.</summary>
    private static PriceOutlook Worse(PriceOutlook own, PriceOutlook coming)
    {
        var isWorse = own is { IsBelowEdge: true, HangsOnPending: false } ? false
            : coming.IsBelowEdge != own.IsBelowEdge ? coming.IsBelowEdge
            : own.Status is null || (coming.HealthFactor is { } then && (own.HealthFactor is null || then < own.HealthFactor));

        // At the market: what is pending is none of it.
        return (isWorse ? coming : own) with { IsUnknown = own.IsUnknown || coming.IsUnknown, HealthAtMarket = own.HealthAtMarket };
    }

    private static Shock ShockOf(IReadOnlyList<FeedSight> feeds, Func<FeedSight, bool> counts)
    {
        var factors = new Dictionary<Address, PriceFactor>();
        foreach (var sight in feeds)
        {
            if (counts(sight) && sight.Change is { } factor && factor.Numerator != factor.Denominator)
            {
                foreach (var token in sight.Watch.Tokens)
                {
                    factors[token] = factor;
                }
            }
        }

        return Shock.None with { Factors = factors };
    }

    private static uint KeptBy(Shock shock)
    {
        UInt256 least = Shock.Unit;
        UInt256 most = Shock.Unit;
        foreach (var factor in shock.Factors.Values)
        {
            least = UInt256.Min(least, UInt256.MulDiv(factor.Numerator, Shock.Unit, factor.Denominator, Rounding.Down));
            most = UInt256.Max(most, UInt256.MulDiv(factor.Numerator, Shock.Unit, factor.Denominator, Rounding.Up));
        }

        return (uint)UInt256.MulDiv(least, Shock.Unit, most, Rounding.Down);
    }
}
