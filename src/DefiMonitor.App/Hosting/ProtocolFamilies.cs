using DefiMonitor.Engine.Settings;

namespace DefiMonitor.App.Hosting;

/// <summary>What the configuration may say of each protocol family.</summary>
public static class ProtocolFamilies
{
    public const string AaveV3 = "aave-v3";

    /// <summary>The contract from which an Aave V3 market is found: aave-v3-origin, protocol/configuration/PoolAddressesProvider.sol.</summary>
    public const string PoolAddressesProvider = "poolAddressesProvider";

    public static IReadOnlyList<FamilySettings> All { get; } = [new(AaveV3, [PoolAddressesProvider], [])];
}
