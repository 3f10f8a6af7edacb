namespace DefiMonitor.Core.Chain;

/// <summary>A chain says three things. Nothing else in the house knows a reorg.</summary>
public abstract record ChainEvent;

/// <param name="Header">The block, child of the one before it.</param>
/// <param name="Logs">The logs that the filters ask for, in log index order.</param>
/// <param name="IsHead">True for the newest block known: the one that is read and judged. The others are folded only.</param>
public sealed record BlockAdded(BlockHeader Header, IReadOnlyList<Log> Logs, bool IsHead) : ChainEvent;

/// <summary>The block is no longer on the canonical chain. Sent newest first.</summary>
public sealed record BlockReverted(BlockHeader Header) : ChainEvent;

/// <summary>This block, and all before it, will not be reverted.</summary>
public sealed record BlockFinalized(BlockRef Block) : ChainEvent;
