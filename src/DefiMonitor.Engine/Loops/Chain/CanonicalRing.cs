using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Whether a block is on the chain that ends in our head. Blocks since the checkpoint are known by their hash; of older ones only those that an open
/// alert was raised at matter, and these are asked of the node once, or remembered when they leave the ring.
/// </summary>
internal sealed class CanonicalRing
{
    // Two epochs of Ethereum.
    private const ulong DeepestFork = 64;

    private readonly Dictionary<ulong, Hash32> hashes = [];
    private readonly Dictionary<BlockRef, bool> settled = [];
    private ulong head;

    public void Clear()
    {
        hashes.Clear();
        settled.Clear();
        head = 0;
    }

    /// <summary>Begins at another head, not knowing what lies between: only what is old enough not to be undone is still taken as settled.</summary>
    public void Restart(BlockHeader header)
    {
        hashes.Clear();
        foreach (var block in new List<BlockRef>(settled.Keys))
        {
            if (block.Number + DeepestFork > header.Number)
            {
                settled.Remove(block);
            }
        }

        Add(header);
    }

    public void Add(BlockHeader header)
    {
        hashes[header.Number] = header.Hash;
        head = header.Number;
    }

    public void Remove(BlockHeader header)
    {
        hashes.Remove(header.Number);
        head = header.Number == 0 ? 0 : header.Number - 1;
    }

    public bool Contains(BlockRef block) =>
        block.Number <= head
        && (hashes.TryGetValue(block.Number, out var hash) ? hash == block.Hash : !settled.TryGetValue(block, out var was) || was);

    /// <summary>Forgets the blocks below the number, but for what open alerts hang on.</summary>
    public void TrimBefore(ulong number, IEnumerable<AlertState> open)
    {
        var raised = new HashSet<BlockRef>();
        foreach (var alert in open)
        {
            raised.Add(alert.RaisedAt);
            if (alert.RaisedAt.Number < number && hashes.ContainsKey(alert.RaisedAt.Number))
            {
                settled[alert.RaisedAt] = Contains(alert.RaisedAt);
            }
        }

        foreach (var block in new List<BlockRef>(settled.Keys))
        {
            if (!raised.Contains(block))
            {
                settled.Remove(block);
            }
        }

        foreach (var old in new List<ulong>(hashes.Keys))
        {
            if (old < number)
            {
                hashes.Remove(old);
            }
        }
    }

    /// <summary>Asks the node about blocks of open alerts that lie below what is known here: a fork may have undone them while nobody looked.</summary>
    public async Task SettleAsync(IEnumerable<AlertState> open, EvmClient client, CancellationToken cancellationToken)
    {
        foreach (var alert in open)
        {
            var block = alert.RaisedAt;
            if (block.Number < head && !hashes.ContainsKey(block.Number) && !settled.ContainsKey(block))
            {
                var there = await client.GetHeaderAsync(block.Number, cancellationToken);
                settled[block] = there?.Hash == block.Hash;
            }
        }
    }
}
