using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Whether a block is on the chain that ends in our head. Blocks since the checkpoint are known by their hash. Of older ones only those matter that an
/// alert hangs on: nothing is made final before such an alert was judged on the chain as it is, so that below the checkpoint they are canonical;
/// where there was no checkpoint to go by, the node is asked.
/// </summary>
internal sealed class CanonicalRing
{
    // Two epochs of Ethereum. Deeper than this no block is asked about twice.
    private const ulong DeepestFork = 64;

    /// <summary>Forks older than so many blocks were found out long ago.</summary>
    public const ulong Remembered = 1_024;

    private readonly Dictionary<ulong, Hash32> hashes = [];
    private readonly Dictionary<BlockRef, bool> settled = [];
    private ulong head;
    private ulong canonicalBelow;

    public void Clear()
    {
        hashes.Clear();
        settled.Clear();
        head = 0;
        canonicalBelow = 0;
    }

    /// <summary>Begins at a checkpoint of ours.</summary>
    public void Begin(BlockHeader checkpoint)
    {
        canonicalBelow = checkpoint.Number;
        Add(checkpoint);
    }

    /// <summary>Begins at a block, not knowing what lies below; what is old enough not to be undone stays settled.</summary>
    public void Restart(BlockHeader header)
    {
        hashes.Clear();
        canonicalBelow = 0;
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

    /// <summary>Forgets the blocks below the number.</summary>
    public void TrimBefore(ulong number)
    {
        canonicalBelow = Math.Max(canonicalBelow, number);
        foreach (var old in new List<ulong>(hashes.Keys))
        {
            if (old < number)
            {
                hashes.Remove(old);
            }
        }
    }

    /// <summary>Asks the node about blocks that alerts hang on and that are not known here: a fork may have undone them while nobody looked.</summary>
    public async Task SettleAsync(IEnumerable<BlockRef> hanging, EvmClient client, CancellationToken cancellationToken)
    {
        foreach (var block in hanging)
        {
            if (block.Number >= canonicalBelow && block.Number < head && block.Number + Remembered >= head
                && !hashes.ContainsKey(block.Number) && !settled.ContainsKey(block))
            {
                var there = await client.GetHeaderAsync(block.Number, cancellationToken);
                settled[block] = there?.Hash == block.Hash;
            }
        }
    }
}
