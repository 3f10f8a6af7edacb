using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Feeds;

/// <summary>What the prices that come next would do to one account: the venue's own arithmetic at prices that have not landed. A model; it clears nothing.</summary>
public sealed record PriceOutlook
{
    public ResultTag Tag => ResultTag.Model;

    /// <summary>The feeds behind its legs whose update is due.</summary>
    public required IReadOnlyList<OutlookFeed> Feeds { get; init; }

    /// <summary>How it would stand once these are written; null = none is due.</summary>
    public MarginStatus? Status { get; init; }

    /// <summary>Wad; null where nothing is due, there is no debt, or it can't be computed.</summary>
    public UInt256? HealthFactor { get; init; }

    /// <summary>True when a feed behind its legs could not be read beside its market: then nothing is said to be over.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>Wad: if every feed were written at the market's price now, due or not; null as above.</summary>
    public UInt256? HealthAtMarket { get; init; }

    /// <summary>True when only with what is pending it would be below the edge, not by what is due by the market.</summary>
    public bool HangsOnPending => IsBelowEdge && Feeds.Any(static feed => feed.Due == FeedDue.Pending);

    public bool IsBelowEdge => Status is MarginStatus.Liquidatable or MarginStatus.Insolvent;
}

/// <summary>One feed that will be written.</summary>
/// <param name="Oracle">What it says now, in its decimals.</param>
/// <param name="Next">What it is going to say.</param>
/// <param name="ApartPpm">Of what it says now, floored.</param>
public sealed record OutlookFeed(string Name, Address Feed, int Decimals, UInt256 Oracle, UInt256 Next, ulong ApartPpm, bool Rises, FeedDue Due);
