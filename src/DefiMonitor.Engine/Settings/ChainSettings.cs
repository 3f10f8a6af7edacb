using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Engine.Settings;

/// <summary>One file of <c>config/chains</c>: a chain, and how to speak to it. It is followed when it has endpoints.</summary>
public sealed record ChainSettings
{
    public required string Name { get; init; }

    public required ChainId Chain { get; init; }

    /// <summary>http, https, ws or wss URLs, in order of preference. Secrets: never shown beyond scheme and host.</summary>
    public IReadOnlyList<EndpointUrl> Endpoints { get; init; } = [];

    /// <summary>Seconds after a block's own time at which the earliest liquidation can land: t+ = ts(B) + this.</summary>
    public required ulong NextBlockSeconds { get; init; }

    /// <summary>Milliseconds between two judgements at the least; 0 = every head.</summary>
    public int JudgeEveryMs { get; init; }

    /// <summary>A read input older than this many blocks makes an account Unknown.</summary>
    public uint MaxReadAgeBlocks { get; init; } = 3;

    /// <summary>Depth at which a block counts as final, for a node without the <c>finalized</c> tag; null = ask the node.</summary>
    public uint? FinalityDepth { get; init; }

    /// <summary>Multicall3; null = none, calls go out as a JSON-RPC batch.</summary>
    public Address? Multicall { get; init; } = EvmClientOptions.UsualMulticall;

    public Address? WrappedNative { get; init; }

    /// <summary>The asset that the native currency is; null = what <see cref="WrappedNative"/> wraps, or ETH where that is not named either.</summary>
    public string? Native { get; init; }

    /// <summary>The registry of the Ethereum Name Service; null = none on this chain.</summary>
    public Address? EnsRegistry { get; init; }

    /// <summary>Seconds between two looks at the head where no subscription is used; null = a third of the block time.</summary>
    public int? PollSeconds { get; init; }

    /// <summary>JSON-RPC calls a day that the plan allows; the cadence stretches to stay within. Null = no limit.</summary>
    public long? CallsPerDay { get; init; }

    /// <summary>True to look at the node's pending transactions for transmissions to followed feeds; costs a call a second.</summary>
    public bool Pending { get; init; }

    /// <summary>Blocks that one eth_getLogs may span; null = found out by trying.</summary>
    public ulong? LogRange { get; init; }

    /// <summary>File it was read from, for messages.</summary>
    public string File { get; init; } = "";

    public bool IsFollowed => Endpoints.Count > 0;
}
