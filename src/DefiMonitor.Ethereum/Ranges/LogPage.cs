namespace DefiMonitor.Ethereum.Ranges;

/// <summary>A range of blocks, both ends included: its logs in chain order, or why no endpoint gives them.</summary>
/// <param name="Unserved">One sentence; null = the logs are all there.</param>
public sealed record LogPage(ulong From, ulong To, IReadOnlyList<LocatedLog> Logs, string? Unserved = null);

/// <summary>What a few pages at the newest end of a range showed.</summary>
/// <param name="BlocksPerPage">Blocks that one page can span there: by the node's limits, and by how dense the logs lie.</param>
/// <param name="Blocks">Blocks that were read for it.</param>
/// <param name="Logs">Logs in them.</param>
public sealed record LogTrial(ulong BlocksPerPage, ulong Blocks, long Logs);
