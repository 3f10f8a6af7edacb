using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>One liability vault of the Euler Vault Kit with every collateral that it lends on. An account in it is an EVC account: an owner has 256 of them.</summary>
public sealed record EulerV2Deployment
{
    public required DeploymentId Id { get; init; }

    /// <summary>The EVault that is borrowed from.</summary>
    public required Address Vault { get; init; }

    /// <summary>Makes the protocol from what the configuration states: the address vault.</summary>
    public static IProtocol Create(ProtocolDeployment deployment, ProtocolOptions options) =>
        new EulerV2Protocol(new EulerV2Deployment { Id = deployment.Id, Vault = deployment.Addresses["vault"] }, options);
}
