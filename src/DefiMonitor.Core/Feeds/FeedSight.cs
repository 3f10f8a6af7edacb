using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Feeds;

/// <summary>Whether a feed will be written at the next occasion.</summary>
public enum FeedDue
{
    /// <summary>The market lies inside the band and the feed is younger than its heartbeat.</summary>
    No,

    /// <summary>The market lies outside the band: an update is due.</summary>
    Deviation,

    /// <summary>The feed has reached its heartbeat: an update is due whatever the price.</summary>
    Heartbeat,

    /// <summary>A transmission to it is pending.</summary>
    Pending,

    /// <summary>One of the two prices could not be read: nothing is said.</summary>
    Unknown,
}

/// <summary>What one feed says at a block, and what the market says at the same block. An outlook: no verdict goes by it.</summary>
public sealed record FeedSight
{
    private const uint BpsPpm = 100;

    // Prices farther apart than this factor are not the prices of one thing.
    private const uint Farthest = 4;

    public required FeedWatch Watch { get; init; }

    /// <summary>In the feed's decimals; null = could not be read.</summary>
    public UInt256? Oracle { get; init; }

    /// <summary>Second.</summary>
    public ulong? UpdatedAt { get; init; }

    /// <summary>In the feed's decimals; null = could not be read.</summary>
    public UInt256? Market { get; init; }

    /// <summary>What a pending transmission would write, in the feed's decimals; null = none is seen.</summary>
    public UInt256? Pending { get; init; }

    /// <summary>What the feed is going to say: what is pending, else the market's price; null = unknown.</summary>
    public UInt256? Coming => Pending ?? Market;

    /// <summary>Why nothing is known; null = both prices are.</summary>
    public string? Unknown { get; init; }

    public FeedDue Due { get; init; }

    /// <summary>How far what is coming lies from the oracle, in ppm of the oracle's price, floored; null = unknown.</summary>
    public ulong? ApartPpm { get; init; }

    public bool IsDue => Due is FeedDue.Deviation or FeedDue.Heartbeat or FeedDue.Pending;

    public bool Rises => Coming > Oracle;

    /// <summary>By how much a price that moves with the feed changes when the feed is written so; null = unknown.</summary>
    public PriceFactor? Change => Due != FeedDue.Unknown && Oracle is { } oracle && Coming is { } coming ? new PriceFactor(coming, oracle) : null;

    /// <summary>True when these can't be two prices of one thing.</summary>
    public static bool IsFar(UInt256 one, UInt256 other) => one / Farthest > other || other / Farthest > one;

    /// <param name="oracle">Null = could not be read; zero and the like count as that.</param>
    /// <param name="market">Null = could not be read, or is too old.</param>
    /// <param name="next">The earliest second at which an update can land.</param>
    /// <param name="pending">What a pending transmission would write; goes before the market's price, whatever the band.</param>
    public static FeedSight Of(FeedWatch watch, UInt256? oracle, ulong? updatedAt, UInt256? market, ulong next, UInt256? pending = null)
    {
        var sight = new FeedSight { Watch = watch, Oracle = oracle, UpdatedAt = updatedAt, Market = market, Pending = pending, Due = FeedDue.Unknown };
        if (oracle is not { IsZero: false } answer || updatedAt is not { } written)
        {
            return sight with { Unknown = "the feed did not answer" };
        }

        if (sight.Coming is not { IsZero: false } price)
        {
            return sight with { Unknown = "the market's price could not be read, or was written too long ago (maxAgeSeconds)" };
        }

        var gap = price > answer ? price - answer : answer - price;
        if (IsFar(price, answer))
        {
            return sight with { Unknown = "the feed and what is held against it are more than a factor of four apart: these are not two prices of one thing, look at the decimals and tokens of this feed in assets/" };
        }

        var apart = (ulong)UInt256.MulDiv(gap, Shock.Unit, answer, Rounding.Down);
        return sight with
        {
            ApartPpm = apart,
            Due = pending is not null ? FeedDue.Pending
                : apart >= (ulong)watch.DeviationBps * BpsPpm ? FeedDue.Deviation
                : next >= written + watch.HeartbeatSeconds ? FeedDue.Heartbeat
                : FeedDue.No,
        };
    }
}
