using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>
/// The one seam to a node. Everything above it is the same code in a live run, in the replay of a tape and in the simulation.
/// </summary>
public interface IRpcTransport
{
    /// <summary>Scheme and host of the endpoint in use, never its path or query (they hold keys).</summary>
    string Name { get; }

    /// <summary>Asks all requests and returns exactly as many replies, in the order of the requests.</summary>
    /// <exception cref="RpcException">Nothing was answered; the message is one sentence fit to be shown.</exception>
    Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken);

    /// <summary>
    /// Asks beside the work: one attempt, and what fails says nothing of the endpoint's health, so that a question that the house can do without never costs one that it can't.
    /// </summary>
    /// <exception cref="RpcException">Nothing was answered; the message is one sentence fit to be shown.</exception>
    Task<IReadOnlyList<RpcReply>> SendBesideAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken) => SendAsync(batch, cancellationToken);

    /// <summary>
    /// Hints that there is a new head, for as long as the enumeration lasts; null where the transport cannot tell. A hint is only a reason to ask:
    /// it may come late, twice or never.
    /// </summary>
    IAsyncEnumerable<HeadHint>? SubscribeHeads(CancellationToken cancellationToken) => null;

    /// <summary>Called between two polls, when nobody waits: the place for checks of the endpoints' health. Limits its own rate, and does not throw.</summary>
    Task TendAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>A head that a node announced.</summary>
public readonly record struct HeadHint(ulong Number, Hash32 Hash)
{
    /// <summary>Timestamp of the transport's clock at which the announcement came in; null = the transport does not know.</summary>
    public long? ArrivedAt { get; init; }
}
