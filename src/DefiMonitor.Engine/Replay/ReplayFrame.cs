using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Engine.Replay;

/// <summary>What there is to see after one step of a replay.</summary>
public sealed record ReplayFrame
{
    /// <summary>Newest block folded; null before the first.</summary>
    public required BlockHeader? Head { get; init; }

    /// <summary>The tape's clock, seconds since 1970.</summary>
    public required ulong Now { get; init; }

    /// <summary>True while the node does not answer.</summary>
    public required bool Down { get; init; }

    public required int Step { get; init; }

    public required int Steps { get; init; }

    public required IReadOnlyList<FrameAccount> Accounts { get; init; }

    /// <summary>Messages delivered in this step.</summary>
    public required IReadOnlyList<SinkMessage> Told { get; init; }

    public required int Reorgs { get; init; }

    public required int Liquidations { get; init; }
}

/// <param name="Report">The last one; null before the first.</param>
/// <param name="Sigmas">Distance in daily standard deviations. Model.</param>
public sealed record FrameAccount(string Name, MarginAccountId Account, MarginReport? Report, AlertLevel Level, double? Sigmas);
