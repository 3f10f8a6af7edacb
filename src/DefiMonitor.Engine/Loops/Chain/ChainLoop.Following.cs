using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>What the chain says, taken in: blocks are folded, undone and called final.</summary>
public sealed partial class ChainLoop
{
    // Where finality lies farther back (rollups), a first start takes a block so deep as final.
    private const ulong FirstDepth = 128;

    /// <summary>Events that the follower has told and that could not be folded yet.</summary>
    private readonly LinkedList<ChainEvent> backlog = new();

    /// <summary>Blocks undone since the last one that was folded.</summary>
    private int depth;

    /// <summary>Takes in what the chain says. False when the node failed before it was through.</summary>
    private async Task<bool> FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!begun)
            {
                await BeginAsync(cancellationToken);
            }

            await CatchUpAsync(cancellationToken);
            await foreach (var happened in parts.Follower.PollAsync(folder.Filters, cancellationToken))
            {
                await HandleAsync(happened, cancellationToken);
            }

            if (blindSince is not null && !headPending)
            {
                Seeing();
            }

            return true;
        }
        catch (RpcException e)
        {
            Blind(e.Message);
            return false;
        }
    }

    /// <summary>
    /// The very first start: not at the head but at a block that will not be undone, stored at once. From there on every block is folded, whatever crashes.
    /// </summary>
    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var head = await parts.Client.GetHeadAsync(cancellationToken);
        if (head.Number > 0)
        {
            var finalized = await parts.Client.GetFinalizedAsync(cancellationToken);
            var first = Math.Min(Math.Max(finalized?.Number ?? 0, head.Number > FirstDepth ? head.Number - FirstDepth : 0), head.Number - 1);
            if (await parts.Client.GetHeaderAsync(first, cancellationToken) is { } start)
            {
                await final.BeginAtAsync(fence!, start, cancellationToken);

                // After a repair what happened in these blocks may have been told.
                book.Remember(await store.AlertsAboveAsync(options.Chain, Rules.Liquidated, start.Number, cancellationToken));
                ring.Add(start);
                parts.Follower.Start(start);
            }
        }

        begun = true;
    }

    /// <summary>
    /// A block told earlier could not be folded. Tries again; when it still cannot be, hears what else the chain says, for the block may be gone by a fork.
    /// </summary>
    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            await DrainAsync(cancellationToken);
            return;
        }
        catch (RpcException e)
        {
            Blind(e.Message);
        }

        await foreach (var happened in parts.Follower.PollAsync(folder.Filters, cancellationToken))
        {
            if (happened is BlockReverted reverted && LastAdded() is { } last && ((BlockAdded)last.Value).Header.Hash == reverted.Header.Hash)
            {
                backlog.Remove(last);
            }
            else
            {
                backlog.AddLast(happened);
            }
        }

        await DrainAsync(cancellationToken);
    }

    private LinkedListNode<ChainEvent>? LastAdded()
    {
        var node = backlog.Last;
        while (node is not null && node.Value is not BlockAdded)
        {
            node = node.Value is BlockReverted ? null : node.Previous;
        }

        return node;
    }

    // Logs are fetched anew: filters may have grown since. The head among them is judged when all is folded.
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (backlog.First is { } first)
        {
            var happened = first.Value;
            if (happened is BlockAdded added)
            {
                var logs = await parts.Client.GetLogsAsync(folder.Filters(), added.Header, cancellationToken);
                happened = added with { Logs = logs, IsHead = false };
            }

            backlog.RemoveFirst();
            await HandleAsync(happened, cancellationToken);
        }
    }

    private Task HandleAsync(ChainEvent happened, CancellationToken cancellationToken) => happened switch
    {
        BlockAdded added => AddAsync(added, cancellationToken),
        BlockReverted reverted => Revert(reverted),
        BlockFinalized word => final.BecameFinalAsync(fence!, word.Block, IsSettled, cancellationToken),
        _ => throw new InvalidOperationException($"The chain said something unheard of: {happened.GetType().Name}."),
    };

    private async Task AddAsync(BlockAdded added, CancellationToken cancellationToken)
    {
        if (parts.Follower.Announced is { } announced)
        {
            clock.Begin(announced);
        }

        clock.Spent(BlockStage.Follow);
        CountReorg();
        var before = Head;
        var block = journal.Open(added.Header);
        var found = new SortedSet<MarginAccountId>();
        try
        {
            foreach (var why in (await folder.FoldAsync(block, added.Logs, found, options.KeepLogBlocks > 0, cancellationToken)).Values)
            {
                LogDistrusted(network, why);
            }
        }
        catch (RpcException)
        {
            journal.Seal();
            journal.Undo();
            folder.Refresh();
            backlog.AddFirst(added);
            throw;
        }

        journal.Seal();
        ring.Add(added.Header);
        headGap = before is null ? null : added.Header.Timestamp - before.Timestamp;
        carried.UnionWith(block.Touched);
        foreach (var account in block.Touched)
        {
            census.Review(account);
        }

        await WelcomeAsync(found, CandidateSource.Discovery, added.Header.Number, cancellationToken);
        Tally = Tally with { Folded = Tally.Folded + 1 };
        headPending = true;
        unreadCounted = false;
        clock.Spent(BlockStage.Fold);
        if (added.IsHead)
        {
            await JudgeHeadAsync(cancellationToken);
        }
    }

    private Task Revert(BlockReverted reverted)
    {
        var block = journal.Undo();
        if (block.Header.Hash != reverted.Header.Hash)
        {
            throw new InvalidOperationException($"Block {reverted.Header.Ref} was to be undone, but {block.Header.Ref} is the newest.");
        }

        folder.Refresh();
        ring.Remove(block.Header);
        carried.UnionWith(block.Touched);
        foreach (var account in block.Touched)
        {
            census.Review(account);
        }

        depth++;
        forked = true;
        headPending = true;
        return Task.CompletedTask;
    }

    private void CountReorg()
    {
        if (depth == 0)
        {
            return;
        }

        metrics.Reorg(network, depth);
        Tally = Tally with { Reorgs = Tally.Reorgs + 1, Reverted = Tally.Reverted + depth, DeepestReorg = Math.Max(Tally.DeepestReorg, depth) };
        depth = 0;
    }
}
