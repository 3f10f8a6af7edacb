using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Where the time goes between a head's announcement and its first committed judgement. Every moment belongs to one stage, and in it either to us or
/// to the wait for the node, so that the parts add up to the whole.
/// </summary>
/// <param name="client">The only one over which the loop and its follower ask.</param>
internal sealed class BlockClock(EvmClient client, TimeProvider time, MonitorMetrics metrics, string network)
{
    private static readonly int Stages = Enum.GetValues<BlockStage>().Length;

    private readonly TimeSpan[] ours = new TimeSpan[Stages];
    private readonly TimeSpan[] node = new TimeSpan[Stages];
    private Hash32? head;
    private long start;
    private long since;
    private TimeSpan waited;

    /// <summary>False once the head was judged: whatever is still done about it is no part of its decision.</summary>
    private bool running;

    /// <summary>Begins anew unless this head is under way, or through, already.</summary>
    public void Begin(HeadAnnouncement announced)
    {
        if (head == announced.Hash)
        {
            return;
        }

        (head, start, since, waited, running) = (announced.Hash, announced.At, announced.At, announced.Waited, true);
        Array.Clear(ours);
        Array.Clear(node);
    }

    /// <summary>What went by since the last call was this stage.</summary>
    public void Spent(BlockStage stage)
    {
        var now = time.GetTimestamp();
        var took = time.GetElapsedTime(since, now);
        var wait = client.Waited - waited;
        wait = wait < took ? wait : took;
        ours[(int)stage] += took - wait;
        node[(int)stage] += wait;
        (since, waited) = (now, client.Waited);
    }

    /// <summary>The judgement is on disk.</summary>
    public void Decided()
    {
        Spent(BlockStage.Commit);
        if (!running)
        {
            return;
        }

        running = false;
        metrics.Decided(network, time.GetElapsedTime(start, since));
        for (var s = 0; s < Stages; s++)
        {
            metrics.Stage(network, (BlockStage)s, ours[s], node[s]);
        }
    }

    public void Clear()
    {
        head = null;
        running = false;
    }
}
