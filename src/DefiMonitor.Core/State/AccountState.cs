using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Core.State;

/// <summary>
/// The immutable, serialisable inputs of one account at one block: legs, parameters, prices, clock. Each protocol derives its own;
/// whatever is missing is named in <see cref="Unknown"/>, never guessed.
/// </summary>
public abstract record AccountState(MarginAccountId Account, BlockHeader Block)
{
    /// <summary>Why the state can't be judged, in one sentence; null when it can.</summary>
    public string? Unknown { get; init; }
}
