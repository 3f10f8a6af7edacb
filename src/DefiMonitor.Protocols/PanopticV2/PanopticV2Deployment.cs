using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>One PanopticPool: a user has one account in it.</summary>
/// <param name="TokenIds">Positions that were opened before the monitor followed the pool, by their numbers. The pool lists nobody's, but it proves a list.</param>
public sealed record PanopticV2Deployment(DeploymentId Id, Address Pool, IReadOnlyList<UInt256> TokenIds)
{
    /// <summary>Makes the protocol from what the configuration states.</summary>
    public static IProtocol Create(ProtocolDeployment deployment, ProtocolOptions options) => new PanopticV2Protocol(
        new PanopticV2Deployment(
            deployment.Id, deployment.Addresses["panopticPool"],
            deployment.HashLists.TryGetValue("tokenIds", out var ids) ? [.. ids.Select(static id => id.ToUInt256()).Distinct().Order()] : []),
        options);
}
