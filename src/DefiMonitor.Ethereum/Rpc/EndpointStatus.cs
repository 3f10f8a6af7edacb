namespace DefiMonitor.Ethereum.Rpc;

/// <summary>How one endpoint does, for readyz, metrics and 'check'.</summary>
/// <param name="Name">Scheme and host.</param>
/// <param name="InUse">True for the one that is asked now.</param>
/// <param name="CoolingUntil">It is left alone until then; null = it is not.</param>
/// <param name="Head">Its newest block, as last compared.</param>
/// <param name="Trouble">One sentence about what is wrong with it, or was last; null = nothing.</param>
/// <param name="Calls">JSON-RPC calls by method since the start.</param>
public sealed record EndpointStatus(
    string Name, bool InUse, DateTimeOffset? CoolingUntil, ulong? Head, string? Trouble, IReadOnlyDictionary<string, long> Calls, long Posts, long Failures, long RateLimits, long SpentToday, long? PerDay);
