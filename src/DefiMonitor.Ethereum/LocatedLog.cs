using DefiMonitor.Core.Chain;

namespace DefiMonitor.Ethereum;

/// <summary>A log and the block it is in.</summary>
public sealed record LocatedLog(BlockRef Block, Log Log);
