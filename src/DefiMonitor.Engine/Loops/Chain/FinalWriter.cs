using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Brings what became final to the disk: whole blocks, oldest first, a share at each step. What no judgement has told yet stays above the disk, or a crash would forget it: the
/// newest block, which is judged again after a restart; liquidations; parameters that are told together with the accounts; and alerts that a fork has undone but that could not be judged since. The next finality takes them along.
/// </summary>
/// <param name="hanging">The blocks of alerts that would be taken back if they were undone.</param>
/// <param name="untold">Of the newest block's number: that of the oldest block with what else is still to be told; null where there is none.</param>
internal sealed class FinalWriter(
    ChainLoopOptions options, IMonitorStore store, StateJournal journal, CanonicalRing ring, Func<IEnumerable<BlockRef>> hanging, Func<ulong, ulong?> untold, MonitorMetrics metrics, TimeProvider time)
{
    // An alert that nobody can judge any more does not keep the journal growing for ever: forks so old were found out long ago.
    private const ulong MostHeld = CanonicalRing.Remembered;

    private readonly string network = options.Chain.ToString();

    /// <summary>Number up to which blocks are final and still to be written; null = they are.</summary>
    private ulong? unwritten;

    /// <summary>The block that the disk stands at; null = none yet.</summary>
    public BlockHeader? Checkpoint { get; private set; }

    /// <summary>Forgets everything and stands where the disk does.</summary>
    public void Begin(BlockHeader? checkpoint)
    {
        Checkpoint = checkpoint;
        unwritten = null;
    }

    /// <summary>The very first start: a block that will not be undone is stored at once.</summary>
    public async Task BeginAtAsync(Fence fence, BlockHeader first, CancellationToken cancellationToken)
    {
        await store.CommitFinalizedAsync(fence, new FinalizedCommit { Chain = options.Chain, Block = first, Rows = [] }, cancellationToken);
        Begin(first);
    }

    /// <param name="isSettled">False while catching up: no head waits for the writing, and what is final need not fill the memory.</param>
    public async Task BecameFinalAsync(Fence fence, BlockRef final, bool isSettled, CancellationToken cancellationToken)
    {
        if (journal.Top is null)
        {
            return;
        }

        if (!ring.Contains(final))
        {
            throw new InvalidOperationException($"Block {final} was called final, but another one was folded in its place.");
        }

        // The disk is never behind by more than one such word.
        if (unwritten is { } before)
        {
            await WriteAsync(fence, before, int.MaxValue, cancellationToken);
        }

        unwritten = final.Number;
        if (!isSettled)
        {
            await WriteAsync(fence, final.Number, int.MaxValue, cancellationToken);
            unwritten = null;
        }
    }

    /// <summary>One step's share of what became final.</summary>
    public async Task WriteAsync(Fence fence, CancellationToken cancellationToken)
    {
        if (unwritten is { } number && !await WriteAsync(fence, number, options.FinalizePerStep, cancellationToken))
        {
            unwritten = null;
        }
    }

    /// <summary>Writes the oldest blocks up to the number. False when there is nothing more to write of them, or what is left must wait for the next finality.</summary>
    private async Task<bool> WriteAsync(Fence fence, ulong number, int changesAtMost, CancellationToken cancellationToken)
    {
        if (journal.Top is not { } top || IsHeld(top.Header))
        {
            return false;
        }

        var first = Math.Min(journal.FirstUntold ?? ulong.MaxValue, untold(top.Header.Number) ?? ulong.MaxValue);
        var last = Math.Min(number, Math.Min(top.Header.Number, first) - 1);
        if (journal.Finalize(last, changesAtMost) is not { } done)
        {
            return false;
        }

        var logs = new List<FinalizedLog>();
        var entered = new SortedSet<MarginAccountId>();
        foreach (var block in done.Blocks)
        {
            entered.UnionWith(block.Entered);
            logs.AddRange(block.Logs.ConvertAll(log => new FinalizedLog(block.Header, log)));
        }

        var started = time.GetTimestamp();
        await store.CommitFinalizedAsync(
            fence, new FinalizedCommit { Chain = options.Chain, Block = done.Last, Rows = done.Rows, Logs = logs, Entered = [.. entered] }, cancellationToken);
        if (options.KeepLogBlocks > 0 && done.Last.Number > options.KeepLogBlocks)
        {
            await store.TrimLogsAsync(options.Chain, done.Last.Number - options.KeepLogBlocks, cancellationToken);
        }

        metrics.Finalized(network, time.GetElapsedTime(started));
        Checkpoint = done.Last;
        ring.TrimBefore(done.Last.Number);
        return done.Last.Number < last;
    }

    private bool IsHeld(BlockHeader top)
    {
        foreach (var block in hanging())
        {
            if (!ring.Contains(block) && block.Number + MostHeld >= top.Number)
            {
                return true;
            }
        }

        return false;
    }
}
