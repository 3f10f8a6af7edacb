using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Protocols;

namespace DefiMonitor.App.Hosting;

/// <summary>Introduces the configuration to the protocol catalog: what it may say of each family, and how a deployment becomes an adapter.</summary>
public static class ProtocolFamilies
{
    public const string AaveV3 = "aave-v3";

    public const string AaveV4 = "aave-v4";

    /// <summary>The contract from which an Aave V3 market is found: aave-v3-origin, protocol/configuration/PoolAddressesProvider.sol.</summary>
    public const string PoolAddressesProvider = "poolAddressesProvider";

    public static IReadOnlyList<FamilySettings> All { get; } = [.. ProtocolCatalog.Families.Select(f => new FamilySettings(f.Name, f.AddressKeys, f.Variants) { HashKeys = f.HashKeys, AddressListKeys = f.AddressListKeys, HashListKeys = f.HashListKeys })];

    /// <summary>The contract function that speaks the chain's own verdict on an account.</summary>
    public static string ViewOf(string family) => family is AaveV3 or AaveV4 ? "getUserAccountData" : "the chain's own figures";

    /// <param name="targetHealth">Health factor (wad) that the ways out aim at; null = the family's own.</param>
    public static IProtocol Create(DeploymentSettings deployment, ChainSettings chain, UInt256? targetHealth = null) => ProtocolCatalog.Create(
        new ProtocolDeployment(deployment.Id, deployment.Addresses, deployment.StartBlock, deployment.Variant, deployment.Origin) { Hashes = deployment.Hashes, AddressLists = deployment.AddressLists, HashLists = deployment.HashLists },
        new ProtocolOptions { MaxReadAgeBlocks = chain.MaxReadAgeBlocks, TargetHealth = targetHealth });
}
