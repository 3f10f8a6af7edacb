using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Engine.Feeds;

/// <summary>
/// Transmissions that are on their way to followed feeds, as the node's pending transactions show them. Anybody can send what looks like one: they may raise a
/// provisional alert and never clear one. Each is forgotten when it has left the pool, or has not landed after a few blocks.
/// </summary>
public sealed class PendingWatch(TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    // Behind one URL there may be several nodes, and they are replaced.
    private static readonly TimeSpan AskForOffer = TimeSpan.FromMinutes(10);

    private readonly Dictionary<Address, PendingAnswer> coming = [];
    private readonly List<string> withdrawn = [];

    /// <summary>After a failure the node is not asked before this; null = the last look did not fail.</summary>
    private DateTimeOffset? askAgainAt;
    private TimeSpan pause = FirstPause;
    private bool hasRead;

    /// <summary>Those of the last look, so that each counts once.</summary>
    private HashSet<Hash32> malformed = [];

    /// <summary>Blocks after which a transmission that is still pending is no longer believed.</summary>
    public const ulong MostBlocks = 5;

    /// <summary>False while the node says that it knows no pending transactions; asked again after some minutes.</summary>
    public bool IsOffered { get; private set; } = true;

    /// <summary>Why nothing is known of the pool: the last look failed, or the offer ended; null = it was read, or never offered. After a failure the next one then waits, longer after every failure in a row: the pool is worth less than the chain.</summary>
    public string? Unread { get; private set; }

    /// <summary>Transactions to a followed aggregator, since the start, that were none that it would take.</summary>
    public long Malformed { get; private set; }

    /// <summary>By the feed that venues ask.</summary>
    public IReadOnlyDictionary<Address, PendingAnswer> Coming => coming;

    /// <summary>What became of transmissions that are no longer believed, since this was last asked.</summary>
    public IReadOnlyList<string> TakeWithdrawn()
    {
        List<string> taken = [.. withdrawn];
        withdrawn.Clear();
        return taken;
    }

    public void Clear()
    {
        coming.Clear();
        withdrawn.Clear();
        Unread = null;
        askAgainAt = null;
        pause = FirstPause;
    }

    /// <summary>Looks once. True when something is on its way that was not before.</summary>
    /// <param name="feeds">The followed feeds by their aggregators, as of the head.</param>
    public async Task<bool> LookAsync(EvmClient client, IReadOnlyDictionary<Address, FeedWatch> feeds, ulong head, CancellationToken cancellationToken)
    {
        if (feeds.Count == 0 || time.GetUtcNow() < askAgainAt)
        {
            return false;
        }

        IReadOnlyList<PendingTransaction>? pool;
        try
        {
            pool = await client.GetPendingAsync(Transmissions.Selectors, cancellationToken);
        }
        catch (RpcException e)
        {
            Unread = e.Message;
            askAgainAt = time.GetUtcNow() + (e.RetryAfter > pause ? e.RetryAfter.Value : pause);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            return false;
        }

        pause = FirstPause;
        if (pool is null)
        {
            // What was told by the pool is not over because the pool can't be seen any more.
            IsOffered = false;
            Unread = hasRead ? "The node no longer offers its pending transactions." : null;
            askAgainAt = time.GetUtcNow() + AskForOffer;
            return false;
        }

        IsOffered = true;
        Unread = null;
        askAgainAt = null;
        hasRead = true;

        return Take(pool, feeds, head);
    }

    private bool Take(IReadOnlyList<PendingTransaction> pool, IReadOnlyDictionary<Address, FeedWatch> feeds, ulong head)
    {
        var there = new Dictionary<Address, PendingAnswer>();
        var garbled = new HashSet<Hash32>();
        foreach (var transaction in pool)
        {
            switch (Transmissions.Read(transaction, feeds.ContainsKey, out var found))
            {
                case TransmissionKind.Malformed:
                    garbled.Add(transaction.Hash);
                    break;
                case TransmissionKind.Read:
                    // Of several the first by its hash, so that the same pool says the same.
                    var watch = feeds[found.Aggregator];
                    if (!there.TryGetValue(watch.Feed, out var other) || transaction.Hash.CompareTo(other.Transaction) < 0)
                    {
                        there[watch.Feed] = new PendingAnswer(watch, found.Answer, transaction.Hash, head);
                    }

                    break;
            }
        }

        Malformed += garbled.Except(malformed).Count();
        malformed = garbled;
        foreach (var (feed, before) in coming.ToList())
        {
            if (!there.TryGetValue(feed, out var now) || now.Transaction != before.Transaction)
            {
                coming.Remove(feed);
                withdrawn.Add($"The transmission {before.Transaction.Short} to {before.Watch.Name} is no longer pending.");
            }
            else if (head > before.SeenAt + MostBlocks)
            {
                if (!before.IsStale)
                {
                    coming[feed] = before with { IsStale = true };
                    withdrawn.Add($"The transmission {before.Transaction.Short} to {before.Watch.Name} did not land within {MostBlocks} blocks.");
                }
            }
        }

        var isNew = false;
        foreach (var (feed, now) in there)
        {
            isNew |= coming.TryAdd(feed, now);
        }

        return isNew;
    }
}

/// <param name="SeenAt">Number of the head when it was first seen.</param>
public sealed record PendingAnswer(FeedWatch Watch, UInt256 Answer, Hash32 Transaction, ulong SeenAt)
{
    /// <summary>True when it has been pending for so long that it is not believed any more.</summary>
    public bool IsStale { get; init; }
}
