using DefiMonitor.Core.Chain;

namespace DefiMonitor.Ethereum;

/// <summary>How surely the answers are of the block asked for.</summary>
public enum Pin
{
    /// <summary>Asked by block hash, and the block proved itself inside the call.</summary>
    Strong,

    /// <summary>The node cannot, or does not, follow a hash: asked by number between two reads of the same header hash.</summary>
    Weak,
}

/// <summary>Answers to calls at one block. A call that could not be made (too heavy for the node alone) is missing from <see cref="Results"/>.</summary>
public sealed record PinnedResults(CallResults Results, Pin Pin, BlockHeader At);
