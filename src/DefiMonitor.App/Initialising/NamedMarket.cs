using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Verbs;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.App.Initialising;

/// <summary>A market that is not shipped, as the command line names it.</summary>
/// <param name="Family">Of a family whose deployments are one address each.</param>
/// <param name="Key">What its file calls the address.</param>
/// <param name="Option">By which it was named.</param>
public sealed record NamedMarket(string Family, string Key, Address Address, string Option)
{
    private const string ProviderOption = "--provider";
    private const string MarketOption = "--market";

    /// <summary>Those that can be named so.</summary>
    public static IReadOnlyList<FamilySettings> Families { get; } = [.. ProtocolFamilies.All.Where(static f => f is { AddressKeys.Count: 1, HashKeys.Count: 0 })];

    /// <param name="provider">An address, of Aave V3.</param>
    /// <param name="market">FAMILY=ADDRESS.</param>
    /// <returns>Null where neither is given.</returns>
    /// <exception cref="CliException">Both are given, or one can't be read.</exception>
    public static NamedMarket? Read(string? provider, string? market)
    {
        if (provider is not null && market is not null)
        {
            throw new CliException(ExitCode.Usage, $"{ProviderOption} and {MarketOption} both name a market; give one of them.");
        }

        if (provider is not null)
        {
            return new NamedMarket(ProtocolFamilies.AaveV3, ProtocolFamilies.PoolAddressesProvider, InitVerb.ReadAddress(provider, ProviderOption), ProviderOption);
        }

        if (market is null)
        {
            return null;
        }

        var parts = market.Split('=', 2);
        var family = Families.FirstOrDefault(f => f.Name == parts[0]);
        return family is null || parts.Length < 2
            ? throw new CliException(ExitCode.Usage, $"{MarketOption}: write FAMILY=0x…, with one of {string.Join(", ", Families.Select(static f => f.Name))}; the market of another family takes more than an address and is written into config/protocols.")
            : new NamedMarket(family.Name, family.AddressKeys[0], InitVerb.ReadAddress(parts[1], MarketOption), MarketOption);
    }
}
