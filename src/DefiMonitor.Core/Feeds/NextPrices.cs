using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Feeds;

/// <summary>The feeds of one chain at one block, and the shocks that they announce. What is evaluated under these is a model: it clears nothing and replaces no verdict.</summary>
public sealed class NextPrices
{
    private readonly IReadOnlyList<FeedSight> feeds;

    public NextPrices(IReadOnlyList<FeedSight> feeds)
    {
        this.feeds = feeds;
        AtMarket = ShockOf(feeds, static _ => true);
        WhenDue = ShockOf(feeds, static sight => sight.Due is FeedDue.Deviation or FeedDue.Heartbeat);
    }

    public static NextPrices None { get; } = new([]);

    public IReadOnlyList<FeedSight> Feeds => feeds;

    /// <summary>Every feed whose market is known written at the market's price.</summary>
    public Shock AtMarket { get; }

    /// <summary>Only those whose update is due written so.</summary>
    public Shock WhenDue { get; }

    /// <summary>The feeds that move the price of some leg of the report.</summary>
    public IEnumerable<FeedSight> Of(MarginReport report) =>
        feeds.Where(sight => report.Positions.Any(leg => sight.Watch.Tokens.Contains(leg.Asset)));

    /// <summary>The report as it would be under the shock, marked as the estimate that it is; null where the shock moves none of its prices.</summary>
    /// <param name="evaluate">The venue's own arithmetic on the account's state.</param>
    public static MarginReport? Foresee(MarginReport report, Shock shock, Func<Shock, MarginReport> evaluate) =>
        report.Status != MarginStatus.Unknown && report.Positions.Any(leg => shock.Factors.ContainsKey(leg.Asset)) ? evaluate(shock) with { Tag = ResultTag.Model } : null;

    private static Shock ShockOf(IReadOnlyList<FeedSight> feeds, Func<FeedSight, bool> counts)
    {
        var factors = new Dictionary<Address, PriceFactor>();
        foreach (var sight in feeds)
        {
            if (counts(sight) && sight.ToMarket is { } factor && factor.Numerator != factor.Denominator)
            {
                foreach (var token in sight.Watch.Tokens)
                {
                    factors[token] = factor;
                }
            }
        }

        return Shock.None with { Factors = factors };
    }
}
