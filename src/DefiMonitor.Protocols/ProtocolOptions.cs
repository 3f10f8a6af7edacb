using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols;

/// <summary>What the chain and the user decide for every protocol on it.</summary>
public sealed record ProtocolOptions
{
    /// <summary>A price read more blocks ago than this makes its holders Unknown.</summary>
    public ulong MaxReadAgeBlocks { get; init; } = 3;

    /// <summary>Health factor that ways out are sized to, wad; null = by the account (see the family's README).</summary>
    public UInt256? TargetHealth { get; init; }

    /// <summary>Whether what was read in a block (0 = never) may still be judged by at another.</summary>
    public bool IsFresh(ulong readBlock, BlockHeader block) => readBlock != 0 && readBlock <= block.Number && block.Number - readBlock <= MaxReadAgeBlocks;
}
