namespace DefiMonitor.Ethereum.Rpc;

/// <summary>What kind of failure it was: the fates differ.</summary>
public enum RpcFailure
{
    /// <summary>No connection, a closed one, or a server error.</summary>
    Unreachable,

    Timeout,

    /// <summary>The node asks for fewer requests; see <see cref="RpcException.RetryAfter"/>.</summary>
    RateLimited,

    /// <summary>Our own limit on calls is reached; see <see cref="RpcException.RetryAfter"/>.</summary>
    BudgetSpent,

    /// <summary>The answer is not what the protocol says: not JSON, fields missing, hashes that do not fit, absurd numbers.</summary>
    Malformed,

    /// <summary>The node understood and says no, or its answers contradict each other.</summary>
    Refused,

    /// <summary>The node does not know the method.</summary>
    Unsupported,

    /// <summary>The endpoint serves another chain than the configured one.</summary>
    WrongChain,

    /// <summary>The block asked for is not, or no longer, known to the node.</summary>
    UnknownBlock,

    /// <summary>Range, result or gas beyond what the node allows: ask for less.</summary>
    TooMuch,
}

/// <summary>The node failed. The message is one clear sentence that shows of the endpoint only scheme and host.</summary>
public sealed class RpcException : Exception
{
    public RpcException(RpcFailure kind, string message, TimeSpan? retryAfter = null, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        RetryAfter = retryAfter;
    }

    public RpcFailure Kind { get; }

    public TimeSpan? RetryAfter { get; }

    /// <summary>True where another endpoint, or the same one later, may well answer the same question.</summary>
    public bool IsTransient => Kind is RpcFailure.Unreachable or RpcFailure.Timeout or RpcFailure.RateLimited or RpcFailure.BudgetSpent
        or RpcFailure.Malformed or RpcFailure.WrongChain;
}
