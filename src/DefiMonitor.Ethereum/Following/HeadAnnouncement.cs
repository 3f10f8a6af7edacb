using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Following;

/// <summary>How a head came to us: by the node's announcement, else by the answer to our own question.</summary>
/// <param name="At">Timestamp of the clock at which the announcement, or where there was none the answer, came in.</param>
/// <param name="Waited">What <see cref="EvmClient.Waited"/> was then: what was waited for the node since is what this head cost.</param>
public readonly record struct HeadAnnouncement(Hash32 Hash, long At, TimeSpan Waited);
