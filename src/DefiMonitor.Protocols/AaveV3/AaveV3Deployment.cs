using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>One market of Aave V3 or of a fork.</summary>
public sealed record AaveV3Deployment
{
    public required DeploymentId Id { get; init; }

    /// <summary>From which the pool, configurator, oracle and sentinel are found.</summary>
    public required Address PoolAddressesProvider { get; init; }

    /// <summary>First block with anything of this market, where discovery begins; null = not known.</summary>
    public ulong? StartBlock { get; init; }

    /// <summary>The formula set, where POOL_REVISION does not say it (forks count their own revisions); null = by the revision.</summary>
    public AaveVersion? Formulas { get; init; }

    /// <summary>Where the addresses come from.</summary>
    public string? Source { get; init; }

    /// <summary>Makes the protocol from what the configuration states: the address poolAddressesProvider, and a variant that names formulas.</summary>
    public static IProtocol Create(ProtocolDeployment deployment, ProtocolOptions options) => new AaveV3Protocol(
        new AaveV3Deployment
        {
            Id = deployment.Id,
            PoolAddressesProvider = deployment.Addresses["poolAddressesProvider"],
            StartBlock = deployment.StartBlock,
            Formulas = AaveVersions.OfName(deployment.Variant),
            Source = deployment.Source,
        },
        options);
}
