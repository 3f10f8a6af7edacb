using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.App.Reading;

/// <summary>Feeds beside the market, in plain text for a person.</summary>
public static class FeedText
{
    private const int Shown = 4;
    private const int BpsPpm = 100;

    /// <param name="timestamp">Of the block that was read.</param>
    public static IEnumerable<string> Lines(NextPrices next, ulong timestamp) => next.Feeds.Select(sight => $"feed {sight.Watch.Name}: {Line(sight, timestamp)}");

    /// <summary>What becomes of an account when its feeds are written at the market's price; null where nothing is known to move it.</summary>
    public static string? OfAccount(AccountReading reading, NextPrices next)
    {
        if (reading.AtMarket is not { } then)
        {
            return null;
        }

        var moves = next.Of(reading.AtBlock).Where(static sight => sight.Change is not null)
            .Select(static sight => $"{sight.Watch.Name} is written at {Price(sight.Market!.Value, sight)} ({Apart(sight)}, {Due(sight)})");
        var state = then.Status == MarginStatus.Unknown ? "can't be computed"
            : $"{(then.IsBelowEdge ? then.Status.ToString().ToUpperInvariant() + " " : "")}health {(then.HealthFactor is { } health ? Units.Format(health, 18, Shown) : "∞ (no debt)")}";
        return $"{state} (model) if {string.Join(" and ", moves)}";
    }

    private static string Line(FeedSight sight, ulong timestamp)
    {
        var age = sight.UpdatedAt is { } at ? $" ({Durations.Text(timestamp - Math.Min(at, timestamp))} old)" : "";
        var oracle = sight.Oracle is { } answer ? $"oracle {Price(answer, sight)}{age}" : "oracle unread";
        var market = sight.Market is { } price ? $"market {Price(price, sight)}{(sight.ApartPpm is null ? "" : $" ({Apart(sight)})")}" : "market unread";
        return $"{oracle}, {market}; band {Percent(sight.Watch.DeviationBps * (ulong)BpsPpm)}, heartbeat {Durations.Text(sight.Watch.HeartbeatSeconds)}: {Due(sight)}";
    }

    private static string Due(FeedSight sight) => sight.Due switch
    {
        FeedDue.Deviation => "an update is due",
        FeedDue.Heartbeat => "an update is due by its heartbeat",
        FeedDue.Pending => "an update is pending",
        FeedDue.No => "no update is due",
        _ => $"UNKNOWN: {sight.Unknown}",
    };

    private static string Apart(FeedSight sight) => $"{(sight.Rises ? "+" : "-")}{Percent(sight.ApartPpm ?? 0)}";

    private static string Percent(ulong ppm) => $"{ppm / 10_000}.{ppm % 10_000 / 100:00} %";

    private static string Price(UInt256 price, FeedSight sight) => Units.Format(price, sight.Watch.Decimals, Shown);
}
