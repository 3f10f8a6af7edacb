using DefiMonitor.App.Cli;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.App.Hosting;

/// <summary>Introduces the configuration to the protocol families: what it may say of each, and how a deployment becomes an adapter.</summary>
public static class ProtocolFamilies
{
    public const string AaveV3 = "aave-v3";

    /// <summary>The contract from which an Aave V3 market is found: aave-v3-origin, protocol/configuration/PoolAddressesProvider.sol.</summary>
    public const string PoolAddressesProvider = "poolAddressesProvider";

    private static readonly Dictionary<string, Func<DeploymentSettings, UInt256?, IProtocol>> Adapters = new(StringComparer.Ordinal);

    public static IReadOnlyList<FamilySettings> All { get; } = [new(AaveV3, [PoolAddressesProvider], [])];

    /// <param name="targetHealth">Health factor (wad) that the ways out aim at; null = the family's own.</param>
    /// <exception cref="CliException">No adapter of the family is built in.</exception>
    public static IProtocol Create(DeploymentSettings deployment, UInt256? targetHealth) =>
        Adapters.TryGetValue(deployment.Id.Family, out var create)
            ? create(deployment, targetHealth)
            : throw new CliException(ExitCode.Usage, $"{deployment.Id}: this build has no adapter for the family {deployment.Id.Family}.");
}
