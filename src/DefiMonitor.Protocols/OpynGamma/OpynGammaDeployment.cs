using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>One deployment of the Gamma protocol: an owner has one account in it, with all of his vaults.</summary>
/// <param name="AddressBook">Names the controller, which names the margin calculator, which names the oracle.</param>
public sealed record OpynGammaDeployment(DeploymentId Id, Address AddressBook)
{
    /// <summary>Makes the protocol from what the configuration states.</summary>
    public static IProtocol Create(ProtocolDeployment deployment, ProtocolOptions options) =>
        new OpynGammaProtocol(new OpynGammaDeployment(deployment.Id, deployment.Addresses["addressBook"]), options);
}
