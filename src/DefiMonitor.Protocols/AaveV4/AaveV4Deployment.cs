using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>One Spoke of Aave V4: collateral and debt of one Spoke never mix with another's, so a user of three Spokes has three accounts.</summary>
public sealed record AaveV4Deployment
{
    public required DeploymentId Id { get; init; }

    /// <summary>The Spoke's proxy. Its hubs, oracle and reserves are taken from it.</summary>
    public required Address Spoke { get; init; }

    /// <summary>Makes the protocol from what the configuration states: the address spoke.</summary>
    public static IProtocol Create(ProtocolDeployment deployment, ProtocolOptions options) =>
        new AaveV4Protocol(new AaveV4Deployment { Id = deployment.Id, Spoke = deployment.Addresses["spoke"] }, options);
}
