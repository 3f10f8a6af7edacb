using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

/// <summary>One feed behind a price, and when it was written last. Told beside a market; no verdict goes by it.</summary>
/// <param name="Asset">What is priced.</param>
/// <param name="Feed">The contract that tells; the price's own source where none behind it does.</param>
/// <param name="UpdatedAt">Second; null where no contract tells, which is never "just now".</param>
public sealed record PriceFeed(Address Asset, string Symbol, Address Feed, ulong? UpdatedAt)
{
    /// <summary>The cap that stands between the feed and the price; null = none that is known.</summary>
    public PriceCap? Cap { get; init; }
}
