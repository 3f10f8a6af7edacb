using System.Collections.Concurrent;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>One endpoint of a pool, with what is known about it.</summary>
internal sealed class Endpoint(IRpcTransport transport, CallBudget budget)
{
    private readonly ConcurrentDictionary<string, long> calls = new(StringComparer.Ordinal);

    public IRpcTransport Transport => transport;

    public CallBudget Budget => budget;

    public string Name => transport.Name;

    public bool ChainChecked { get; set; }

    public int FailuresInARow { get; set; }

    public DateTimeOffset CoolingUntil { get; set; }

    /// <summary>Null while it is not fine.</summary>
    public DateTimeOffset? FineSince { get; set; }

    public ulong? Head { get; set; }

    public string? Trouble { get; set; }

    public RpcException? LastFailure { get; set; }

    public long Posts { get; set; }

    public long Failures { get; set; }

    public long RateLimits { get; set; }

    public void Count(RpcRequest request) => calls.AddOrUpdate(request.Method, 1, static (_, n) => n + 1);

    public EndpointStatus Status(bool inUse, DateTimeOffset now) => new(
        Name, inUse, CoolingUntil > now ? CoolingUntil : null, Head, Trouble, new Dictionary<string, long>(calls, StringComparer.Ordinal), Posts, Failures, RateLimits, budget.SpentToday, budget.PerDay);
}
