using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Chain;

/// <summary>One block, named by both of its names: two blocks may share a number, never a hash.</summary>
public readonly record struct BlockRef(ulong Number, Hash32 Hash)
{
    public override string ToString() => $"{Number} {Hash.Short}";
}

/// <summary>What the monitor needs of a block's header. <paramref name="Timestamp"/> is in seconds since 1970.</summary>
/// <param name="L1BlockNumber">What <c>block.number</c> is inside the EVM where that is not the block's own number (Arbitrum).</param>
public sealed record BlockHeader(ulong Number, Hash32 Hash, Hash32 ParentHash, ulong Timestamp, ulong? L1BlockNumber = null)
{
    public BlockRef Ref => new(Number, Hash);
}

/// <summary>An instant as the EVM knows it: whole seconds since 1970.</summary>
public readonly record struct Instant(ulong Seconds)
{
    public static Instant operator +(Instant instant, ulong seconds) => new(checked(instant.Seconds + seconds));
}
