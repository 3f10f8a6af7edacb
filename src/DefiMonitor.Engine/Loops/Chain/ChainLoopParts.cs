using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.State;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>What a chain's loop is put together from.</summary>
public sealed record ChainLoopParts
{
    /// <summary>One per deployment of this chain; their tables are this loop's alone.</summary>
    public required IReadOnlyList<IProtocol> Protocols { get; init; }

    /// <summary>The loop's and its follower's alone: the time waited over it is theirs.</summary>
    public required EvmClient Client { get; init; }

    public required ChainFollower Follower { get; init; }

    public required IMonitorStore Store { get; init; }

    public required Judge Judge { get; init; }

    /// <summary>The sinks that hear a transition.</summary>
    public required Func<AlertTransition, IReadOnlyList<string>> Route { get; init; }

    public required MonitorMetrics Metrics { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>In watch-list mode, the pause to the next look, told whether an account is near a rule; null = as the options say.</summary>
    public Func<bool, TimeSpan>? Pause { get; init; }

    /// <summary>Called before the commit for every account that a transition is about, on the loop's own thread: what the chain's view is compared with later.</summary>
    public Action<IProtocol, AccountState>? Remember { get; init; }

    /// <summary>Called after a commit that told something.</summary>
    public Action? Told { get; init; }

    /// <summary>Called after every commit of a judged block.</summary>
    public Action<JudgedBlock>? Judged { get; init; }
}

/// <summary>What one judged block came to, as committed.</summary>
/// <param name="Seqs">Sequence number of each transition.</param>
/// <param name="Unread">Deployments whose reads did not come in at this block, and why.</param>
public sealed record JudgedBlock(
    BlockHeader Head,
    IReadOnlyList<JudgedAccount> Accounts,
    IReadOnlyList<AlertTransition> Transitions,
    IReadOnlyList<long> Seqs,
    IReadOnlyList<UnreadDeployment> Unread,
    string Pin,
    TimeSpan Took);

public sealed record UnreadDeployment(DeploymentId Deployment, string Reason);

/// <summary>Counts since the loop was made.</summary>
/// <param name="Unreadable">Heads of which a deployment could not be read before the next head came.</param>
public sealed record ChainTally(int Folded, int Judged, int Unreadable, int Reorgs, int Reverted, int DeepestReorg);
