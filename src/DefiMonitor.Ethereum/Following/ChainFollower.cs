using System.Runtime.CompilerServices;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum.Following;

/// <summary>
/// Follows one chain: gaps, forks, finality and backfill end here. What it has said is what it knows: an event is yielded after the follower's own state
/// has changed, so a poll that fails in the middle is gone on with by the next one, and nothing is ever skipped.
/// </summary>
/// <remarks>One poll at a time. Started without a checkpoint it begins at the head, and a fork below that first block simply begins again on the other branch.</remarks>
public sealed class ChainFollower : IAsyncDisposable
{
    // A chain that moves while its headers are read gives headers that do not fit; so often is it read again before the node is blamed.
    private const int Attempts = 3;

    // A node without 'finalized' is asked for it again now and then: it may only have been young.
    private static readonly TimeSpan FinalityTriedAgain = TimeSpan.FromMinutes(10);

    private readonly EvmClient client;
    private readonly ChainFollowerOptions options;
    private readonly TimeProvider time;
    private readonly HeaderRing ring = new();
    private readonly HeadWaiter waiter;
    private ulong floor;
    private long? finalityAskedAt;
    private long? noFinalityAt;

    public ChainFollower(EvmClient client, ChainFollowerOptions options, TimeProvider time)
    {
        this.client = client;
        this.options = options;
        this.time = time;
        waiter = new HeadWaiter(client.Transport, options, time);
    }

    /// <summary>The newest block that was told; null before the first.</summary>
    public BlockHeader? Head => ring.Head;

    /// <summary>The newest block that was told to be final, or the checkpoint.</summary>
    public BlockRef? Finalized { get; private set; }

    /// <summary>The head as the endpoint last showed it, also when it is behind ours.</summary>
    public BlockHeader? NodeHead { get; private set; }

    /// <summary>How the newest head that was news came in; null before the first.</summary>
    public HeadAnnouncement? Announced { get; private set; }

    /// <summary>Since when the endpoint shows a head below ours; null while it does not.</summary>
    public DateTimeOffset? BehindSince { get; private set; }

    /// <summary>True when blocks had to be taken as final because of <see cref="ChainFollowerOptions.MaxUnfinalized"/>.</summary>
    public bool FinalityStalled { get; private set; }

    /// <summary>Begins after <paramref name="checkpoint"/>, a finalized block whose state is held; null: begins at whatever is the head then.</summary>
    public void Start(BlockHeader? checkpoint)
    {
        ring.Clear();
        Finalized = checkpoint?.Ref;
        NodeHead = null;
        Announced = null;
        BehindSince = null;
        FinalityStalled = false;
        finalityAskedAt = null;
        floor = 0;
        if (checkpoint is not null)
        {
            ring.Push(checkpoint);
            floor = checkpoint.Number + 1;
        }
    }

    /// <summary>
    /// One look at the chain: BlockReverted newest first, BlockAdded oldest first with the newest one marked as head, BlockFinalized when finality advanced.
    /// </summary>
    /// <param name="filters">Asked again before every block: what it grows by is in the logs from the next block on (see <see cref="RefetchLogsAsync"/> for the block itself).</param>
    /// <exception cref="RpcException">The node failed; the events so far stand, and the next poll goes on from there.</exception>
    /// <exception cref="ForkBelowFinalityException">Only 'repair' leads on from here.</exception>
    public async IAsyncEnumerable<ChainEvent> PollAsync(
        Func<IReadOnlyCollection<LogFilter>> filters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        waiter.Polled();
        var waited = client.Waited;
        var target = await client.GetHeadAsync(cancellationToken);
        if (await IsNewAsync(target, waited))
        {
            Final? final = null;
            for (var attempt = 1; ring.Head?.Hash != target.Hash;)
            {
                if (await BranchAsync(target, cancellationToken) is not { } branch)
                {
                    if (++attempt > Attempts)
                    {
                        throw new RpcException(
                            RpcFailure.Malformed, $"{client.Transport.Name} gives headers up to block {target.Ref} of which one is not the parent of the next, {Attempts} times in a row.");
                    }

                    target = await client.GetHeadAsync(cancellationToken);
                    if (!await IsNewAsync(target, waited))
                    {
                        break;
                    }

                    continue;
                }

                attempt = 1;
                while (ring.Head is { } head && head.Number >= branch[0].Number)
                {
                    yield return new BlockReverted(ring.Pop());
                }

                await foreach (var added in AddAsync(branch, target, filters, cancellationToken))
                {
                    yield return added;
                }

                // A long way to go: what lies below the node's finalized block need not be kept for undoing.
                if (ring.Head!.Hash != target.Hash)
                {
                    final ??= await FinalAsync(cancellationToken);
                    if (final is { } limit && FinalizeUpTo(limit with { Number = Math.Min(limit.Number, ring.Head.Number), Hash = limit.Number <= ring.Head.Number ? limit.Hash : null }) is { } passed)
                    {
                        yield return passed;
                    }
                }
            }
        }

        if (FinalityIsDue())
        {
            var final = await FinalAsync(cancellationToken);
            finalityAskedAt = time.GetTimestamp();
            if (final is { } newest && FinalizeUpTo(newest) is { } finalized)
            {
                FinalityStalled = false;
                yield return finalized;
            }
        }

        if (ring.Count > options.MaxUnfinalized + 1)
        {
            FinalityStalled = true;
            if (FinalizeUpTo(new Final(ring.Head!.Number - (ulong)options.MaxUnfinalized, null)) is { } forced)
            {
                yield return forced;
            }
        }

        await client.Transport.TendAsync(cancellationToken);
    }

    /// <summary>The logs of a block that is being applied, for filters that grew while it was.</summary>
    public Task<IReadOnlyList<Log>> RefetchLogsAsync(BlockHeader block, IReadOnlyCollection<LogFilter> newFilters, CancellationToken cancellationToken) =>
        client.GetLogsAsync(newFilters, block, cancellationToken);

    /// <summary>Completes when a head other than ours is announced; without a subscription only by cancellation.</summary>
    public Task HintAsync(CancellationToken cancellationToken) => waiter.HintAsync(() => Head, cancellationToken);

    /// <summary>Completes when it is time for the next poll: at a hint, or at the polling interval, but not before <paramref name="atLeast"/> after the last one.</summary>
    public Task WaitForHeadAsync(TimeSpan atLeast, CancellationToken cancellationToken) => waiter.WaitAsync(() => Head, atLeast, cancellationToken);

    public ValueTask DisposeAsync() => waiter.DisposeAsync();

    /// <param name="waited">As the client said when this look began.</param>
    private async Task<bool> IsNewAsync(BlockHeader target, TimeSpan waited)
    {
        NodeHead = target;
        var head = ring.Head;
        if (head is null || target.Number > head.Number || (target.Number == head.Number && target.Hash != head.Hash))
        {
            BehindSince = null;
            if (Announced?.Hash != target.Hash)
            {
                Announced = await waiter.ArrivalOfAsync(target.Hash) is { } arrived
                    ? new HeadAnnouncement(target.Hash, arrived, waited)
                    : new HeadAnnouncement(target.Hash, time.GetTimestamp(), client.Waited);
            }

            return true;
        }

        // An ancestor of ours, or lower on another branch: the endpoint is behind. Nothing is undone for that; if the branch wins it will grow past ours.
        BehindSince = target.Hash == head.Hash ? null : BehindSince ?? time.GetUtcNow();
        return false;
    }

    /// <summary>
    /// The blocks that lead from our chain towards <paramref name="target"/>, oldest first, at most <see cref="ChainFollowerOptions.BlocksAtOnce"/> ahead; the first is the child of a block of ours,
    /// or of none where nothing was told below. Null when the chain moved while it was read.
    /// </summary>
    private async Task<List<BlockHeader>?> BranchAsync(BlockHeader target, CancellationToken cancellationToken)
    {
        // At a fresh start nothing was told yet. When all that was told has been undone, it is told again from the same block on.
        if (ring.Head is null && (floor == 0 || floor > target.Number))
        {
            floor = target.Number;
        }

        var next = ring.Head is { } head ? head.Number + 1 : floor;
        var branch = new List<BlockHeader>();
        if (target.Number > next)
        {
            var count = (int)Math.Min((ulong)options.BlocksAtOnce, target.Number - next);
            foreach (var header in await client.GetHeadersAsync(next, count, cancellationToken))
            {
                if (header is null || (branch.Count > 0 && header.ParentHash != branch[^1].Hash))
                {
                    return null;
                }

                branch.Add(header);
            }
        }

        if (branch.Count == 0 || branch[^1].Number + 1 == target.Number)
        {
            if (branch.Count > 0 && target.ParentHash != branch[^1].Hash)
            {
                return null;
            }

            branch.Add(target);
        }

        await WalkBackAsync(branch, target, cancellationToken);
        return branch;
    }

    /// <summary>Puts parents before the branch until its first block is the child of one of ours, or the very first block that was told.</summary>
    private async Task WalkBackAsync(List<BlockHeader> branch, BlockHeader target, CancellationToken cancellationToken)
    {
        while (!ring.Contains(branch[0].Number - 1, branch[0].ParentHash))
        {
            var first = branch[0];
            if (ring.Contains(first.Number, first.Hash))
            {
                throw new RpcException(RpcFailure.Malformed, $"{client.Transport.Name} gives block {first.Ref} another parent than before.");
            }

            if (first.Number <= floor)
            {
                if (Finalized is { } final)
                {
                    await BelowFinalityAsync(final, target, cancellationToken);
                }

                // Nothing of ours to hold it against, so it is asked twice.
                if (await client.GetHeaderAsync(first.Hash, cancellationToken) != first)
                {
                    throw new RpcException(RpcFailure.Malformed, $"{client.Transport.Name} gives two different headers for block {first.Ref}.");
                }

                return;
            }

            var parent = await client.GetHeaderAsync(first.ParentHash, cancellationToken)
                ?? throw new RpcException(RpcFailure.UnknownBlock, $"{client.Transport.Name} does not know {first.ParentHash.Short}, the parent of its own block {first.Ref}.");
            if (parent.Number + 1 != first.Number)
            {
                throw new RpcException(RpcFailure.Malformed, $"{client.Transport.Name} numbers the parent of block {first.Ref} as {parent.Number}.");
            }

            branch.Insert(0, parent);
        }
    }

    /// <summary>So grave a thing is not believed of one header: the node must also have another block in the place of the final one.</summary>
    private async Task BelowFinalityAsync(BlockRef final, BlockHeader target, CancellationToken cancellationToken)
    {
        var there = await client.GetHeaderAsync(final.Number, cancellationToken);
        throw there is not null && there.Hash != final.Hash
            ? new ForkBelowFinalityException(options.ChainName, final, target)
            : new RpcException(RpcFailure.Malformed, $"{client.Transport.Name} leads from its head {target.Ref} past the final block {final}, and yet has that block: its headers contradict each other.");
    }

    private async IAsyncEnumerable<ChainEvent> AddAsync(
        List<BlockHeader> branch, BlockHeader target, Func<IReadOnlyCollection<LogFilter>> filters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        FilterCover? cover = null;
        IReadOnlyList<IReadOnlyList<Log>> logs = [];
        var from = 0;
        for (var i = 0; i < branch.Count; i++)
        {
            var now = filters();
            if (cover is null || !cover.Covers(now) || i - from >= logs.Count)
            {
                cover = new FilterCover(now);
                from = i;
                logs = await client.GetLogsAsync(now, branch.GetRange(i, Math.Min(branch.Count - i, options.BlocksAtOnce)), cancellationToken);
            }

            ring.Push(branch[i]);
            yield return new BlockAdded(branch[i], logs[i - from], IsHead: branch[i].Hash == target.Hash);
        }
    }

    private bool FinalityIsDue() =>
        ring.Head is not null && (finalityAskedAt is not { } asked || time.GetElapsedTime(asked) >= options.FinalityEvery);

    /// <summary>The node's finalized block; by depth where it has none.</summary>
    private async Task<Final?> FinalAsync(CancellationToken cancellationToken)
    {
        if (options.FinalityDepth is null && (noFinalityAt is not { } tried || time.GetElapsedTime(tried) >= FinalityTriedAgain))
        {
            if (await client.GetFinalizedAsync(cancellationToken) is { } final)
            {
                noFinalityAt = null;
                return new Final(final.Number, final.Hash);
            }

            noFinalityAt = time.GetTimestamp();
        }

        var depth = options.FinalityDepth ?? options.UsualFinalityDepth;
        return NodeHead is { } head && head.Number > depth ? new Final(head.Number - depth, null) : null;
    }

    private BlockFinalized? FinalizeUpTo(Final final)
    {
        var block = ring.At(final.Number);
        if (block is null || (Finalized is { } done && final.Number <= done.Number) || (final.Hash is { } hash && hash != block.Hash))
        {
            // Not ours yet, no news, or of another branch: then the next heads will show a fork.
            return null;
        }

        Finalized = block.Ref;
        ring.TrimBefore(final.Number);
        floor = final.Number + 1;
        return new BlockFinalized(block.Ref);
    }

    /// <param name="Hash">Null where finality is by depth, or the block is known by number only.</param>
    private readonly record struct Final(ulong Number, Hash32? Hash);
}
