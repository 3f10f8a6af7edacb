using DefiMonitor.Core.Chain;

namespace DefiMonitor.Ethereum;

/// <summary>A log and the block it is in.</summary>
public sealed record LocatedLog(BlockRef Block, Log Log);

/// <summary>The logs of a range of blocks, both ends included, in chain order.</summary>
public sealed record LogPage(ulong From, ulong To, IReadOnlyList<LocatedLog> Logs);
