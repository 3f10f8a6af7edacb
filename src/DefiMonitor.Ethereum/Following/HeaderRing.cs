using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Following;

/// <summary>The headers from the finalized block to the head, each the parent of the next.</summary>
internal sealed class HeaderRing
{
    private readonly List<BlockHeader> headers = [];

    public int Count => headers.Count;

    public BlockHeader? Head => headers.Count == 0 ? null : headers[^1];

    public ulong First => headers.Count == 0 ? 0 : headers[0].Number;

    public BlockHeader? At(ulong number) =>
        headers.Count > 0 && number >= First && number - First < (ulong)headers.Count ? headers[(int)(number - First)] : null;

    public bool Contains(ulong number, Hash32 hash) => At(number)?.Hash == hash;

    public void Push(BlockHeader header)
    {
        if (Head is { } head && (header.ParentHash != head.Hash || header.Number != head.Number + 1))
        {
            throw new InvalidOperationException($"Block {header.Ref} is no child of {head.Ref}.");
        }

        headers.Add(header);
    }

    public BlockHeader Pop()
    {
        var head = headers[^1];
        headers.RemoveAt(headers.Count - 1);
        return head;
    }

    public void Clear() => headers.Clear();

    /// <summary>Forgets what is before the block of that number.</summary>
    public void TrimBefore(ulong number)
    {
        if (headers.Count > 0 && number > First)
        {
            headers.RemoveRange(0, (int)Math.Min(number - First, (ulong)headers.Count));
        }
    }
}
