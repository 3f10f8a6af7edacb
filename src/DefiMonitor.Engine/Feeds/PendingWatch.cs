using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Engine.Feeds;

/// <summary>
/// Transmissions that are on their way to followed feeds, as the node's pending transactions show them. Anybody can send what looks like one: they may raise a
/// provisional alert and never clear one. Each is forgotten when it has left the pool, or has not landed after a few blocks.
/// </summary>
/// <param name="every">Least pause between two looks; after a slow one as long as that took.</param>
public sealed class PendingWatch(TimeProvider time, TimeSpan every)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    // Behind one URL there may be several nodes, and they are replaced.
    private static readonly TimeSpan AskForOffer = TimeSpan.FromMinutes(10);

    /// <summary>By the feed that venues ask, and by answer: the same answer in another transaction, such as one with a higher fee, is the same answer.</summary>
    private readonly Dictionary<(Address Feed, UInt256 Answer), PendingAnswer> coming = [];
    private readonly List<string> withdrawn = [];

    /// <summary>Since when, on the clock that nobody sets, and for how long the node is not asked; null = it may be asked at once.</summary>
    private (long Since, TimeSpan Wait)? rest;
    private TimeSpan pause = FirstPause;
    private bool hasRead;

    /// <summary>Number of the head at the last look that showed the pool; before there was one, at the first that failed.</summary>
    private ulong? readAt;

    /// <summary>Those of the last look, so that each counts once.</summary>
    private HashSet<Hash32> malformed = [];

    /// <summary>Answers to one feed that are believed at once; a pool that holds more is being flooded.</summary>
    public const int MostAnswers = 64;

    /// <summary>Blocks after which a transmission that is still pending is no longer believed.</summary>
    public const ulong MostBlocks = 5;

    /// <summary>False while the node says that it knows no pending transactions; asked again after some minutes.</summary>
    public bool IsOffered { get; private set; } = true;

    /// <summary>Why nothing is known of the pool: the last look failed, or the offer ended; null = it was read, or never offered. After a failure the next one then waits, longer after every failure in a row: the pool is worth less than the chain.</summary>
    public string? Unread { get; private set; }

    /// <summary>
    /// True while something may lie in the pool that would be believed and was not seen. What was there at the last good look is not believed any more after <see cref="MostBlocks"/>,
    /// and from then on a pool that can't be read is as good as none: the block alone says what is so.
    /// </summary>
    /// <param name="head">As in <see cref="Coming"/>.</param>
    public bool IsUnreadAt(ulong head) => Unread is not null && readAt is { } last && head <= last + MostBlocks;

    /// <summary>Transactions to a followed aggregator, since the start, that were none that it would take.</summary>
    public long Malformed { get; private set; }

    /// <summary>The lowest and the highest of the answers that are on their way to the feed and believed: one that is made up, or stuck, does not hide another. Null = there are none.</summary>
    /// <param name="head">Number of the block that is judged, which may be newer than the last look.</param>
    public (UInt256 Lowest, UInt256 Highest)? Coming(Address feed, ulong head)
    {
        (UInt256 Lowest, UInt256 Highest)? range = null;
        foreach (var (key, answer) in coming)
        {
            if (key.Feed == feed && head <= answer.SeenAt + MostBlocks)
            {
                range = range is var (low, high) ? (UInt256.Min(low, key.Answer), UInt256.Max(high, key.Answer)) : (key.Answer, key.Answer);
            }
        }

        return range;
    }

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
        rest = null;
        readAt = null;
        pause = FirstPause;
    }

    /// <summary>Looks once. True when something is on its way that was not before.</summary>
    /// <param name="feeds">The followed feeds by their aggregators, as of the head.</param>
    public async Task<bool> LookAsync(EvmClient client, IReadOnlyDictionary<Address, FollowedFeed> feeds, ulong head, CancellationToken cancellationToken)
    {
        if (feeds.Count == 0 || (rest is { } resting && time.GetElapsedTime(resting.Since) < resting.Wait))
        {
            Expire(head);
            return false;
        }

        IReadOnlyList<PendingTransaction>? pool;
        var asked = time.GetTimestamp();
        try
        {
            pool = await client.GetPendingAsync(Transmissions.Selectors, cancellationToken);
        }
        catch (RpcException e)
        {
            Unreadable(e.Message, head, e.RetryAfter > pause ? e.RetryAfter.Value : pause);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            return false;
        }

        pause = FirstPause;
        if (pool is null)
        {
            // What was told by the pool is not over because the pool can't be seen any more.
            IsOffered = false;
            Unreadable(hasRead ? "The node no longer offers its pending transactions." : null, head, AskForOffer);
            return false;
        }

        var took = time.GetElapsedTime(asked);
        IsOffered = true;
        Unread = null;
        rest = (time.GetTimestamp(), took > every ? took : every);
        readAt = head;
        hasRead = true;

        return Take(pool, feeds, head);
    }

    private void Unreadable(string? why, ulong head, TimeSpan wait)
    {
        Unread = why;
        readAt ??= head;
        rest = (time.GetTimestamp(), wait);
        Expire(head);
    }

    /// <summary>Between two looks, and where there are none: nobody can say whether they are still there; they grow old all the same.</summary>
    private void Expire(ulong head)
    {
        foreach (var (key, answer) in coming.ToList())
        {
            if (head > answer.SeenAt + MostBlocks && !answer.IsStale)
            {
                coming[key] = answer with { IsStale = true };
                Withdraw($"The transmission {answer.Transaction.Short} to {answer.Watch.Name} was not seen to land within {MostBlocks} blocks{(Unread is null ? "" : ", and the pool can't be read")}.");
            }
        }
    }

    private bool Take(IReadOnlyList<PendingTransaction> pool, IReadOnlyDictionary<Address, FollowedFeed> feeds, ulong head)
    {
        var there = new Dictionary<(Address Feed, UInt256 Answer), PendingAnswer>();
        var garbled = new HashSet<Hash32>();

        // By hash, so that the same pool says the same.
        foreach (var transaction in pool.OrderBy(static t => t.Hash))
        {
            switch (Transmissions.Read(transaction, feeds.ContainsKey, out var found))
            {
                case TransmissionKind.Malformed:
                    garbled.Add(transaction.Hash);
                    break;
                case TransmissionKind.Read when feeds[found.Aggregator] is var followed && !(followed.Says is { } says && FeedSight.IsFar(found.Answer, says)):
                    there.TryAdd((followed.Watch.Feed, found.Answer), new PendingAnswer(followed.Watch, transaction.Hash, head));
                    break;
            }
        }

        Malformed += garbled.Except(malformed).Count();
        malformed = garbled;
        foreach (var (key, before) in coming.ToList())
        {
            if (!there.ContainsKey(key))
            {
                coming.Remove(key);
                Withdraw($"The transmission {before.Transaction.Short} to {before.Watch.Name} is no longer pending.");
            }
            else if (head > before.SeenAt + MostBlocks && !before.IsStale)
            {
                coming[key] = before with { IsStale = true };
                Withdraw($"The transmission {before.Transaction.Short} to {before.Watch.Name} did not land within {MostBlocks} blocks.");
            }
        }

        // What is stale is remembered while it is in the pool, lest it be news again, and takes nobody's place.
        var believed = coming.Where(static c => !c.Value.IsStale).CountBy(static c => c.Key.Feed).ToDictionary();
        var isNew = false;
        foreach (var (key, now) in there)
        {
            var count = believed.GetValueOrDefault(key.Feed);
            if (count < MostAnswers && coming.TryAdd(key, now))
            {
                believed[key.Feed] = count + 1;
                isNew = true;
            }
        }

        return isNew;
    }

    private void Withdraw(string what)
    {
        if (withdrawn.Count < MostAnswers)
        {
            withdrawn.Add(what);
        }
    }
}

/// <param name="Says">What it says now; null = could not be read. What lies far from it is not meant, and is passed over.</param>
public readonly record struct FollowedFeed(FeedWatch Watch, UInt256? Says);

/// <param name="Transaction">The one that it was first seen in.</param>
/// <param name="SeenAt">Number of the head when the answer was first seen.</param>
public sealed record PendingAnswer(FeedWatch Watch, Hash32 Transaction, ulong SeenAt)
{
    /// <summary>True when it was told to have been pending for so long that it is not believed any more.</summary>
    public bool IsStale { get; init; }
}
