using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV3;
using DefiMonitor.Protocols.AaveV4;
using DefiMonitor.Protocols.CompoundV3;
using DefiMonitor.Protocols.DeriveV2;
using DefiMonitor.Protocols.EulerV2;
using DefiMonitor.Protocols.LyraV1;
using DefiMonitor.Protocols.MorphoBlue;
using DefiMonitor.Protocols.OpynGamma;
using DefiMonitor.Protocols.PanopticV2;

namespace DefiMonitor.Protocols;

/// <summary>One deployment as its configuration states it, whatever the family.</summary>
/// <param name="Addresses">By the family's own keys.</param>
/// <param name="StartBlock">First block with anything of it; null = not known.</param>
/// <param name="Variant">One of the family's variants, or null.</param>
/// <param name="Source">Where the addresses come from.</param>
public sealed record ProtocolDeployment(
    DeploymentId Id, IReadOnlyDictionary<string, Address> Addresses, ulong? StartBlock = null, string? Variant = null, string? Source = null)
{
    /// <summary>32-byte ids, by the family's own keys.</summary>
    public IReadOnlyDictionary<string, Hash32> Hashes { get; init; } = new Dictionary<string, Hash32>();

    /// <summary>Lists of addresses, by the family's own keys; a list that is not written is not there.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Address>> AddressLists { get; init; } = new Dictionary<string, IReadOnlyList<Address>>();

    /// <summary>Lists of 32-byte ids, by the family's own keys; a list that is not written is not there.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Hash32>> HashLists { get; init; } = new Dictionary<string, IReadOnlyList<Hash32>>();
}

/// <summary>A protocol family: what its deployments must name, and how one is made.</summary>
/// <param name="Name">Also the name of its file in config/protocols.</param>
/// <param name="AddressKeys">Addresses that each deployment must name.</param>
/// <param name="Variants">Words that "variant" may hold.</param>
public sealed record ProtocolFamily(
    string Name, IReadOnlyList<string> AddressKeys, IReadOnlyList<string> Variants, Func<ProtocolDeployment, ProtocolOptions, IProtocol> Create)
{
    /// <summary>32-byte ids that each deployment must name.</summary>
    public IReadOnlyList<string> HashKeys { get; init; } = [];

    /// <summary>Lists of addresses that a deployment may name.</summary>
    public IReadOnlyList<string> AddressListKeys { get; init; } = [];

    /// <summary>Lists of 32-byte ids that a deployment may name.</summary>
    public IReadOnlyList<string> HashListKeys { get; init; } = [];
}

/// <summary>Every protocol that is known: one line a family.</summary>
public static class ProtocolCatalog
{
    public static IReadOnlyList<ProtocolFamily> Families { get; } =
    [
        new("aave-v3", ["poolAddressesProvider"], AaveVersions.VariantNames, AaveV3Deployment.Create),
        new("aave-v4", ["spoke"], [], AaveV4Deployment.Create),
        new("compound-v3", ["comet"], CompoundV3Deployment.Units, CompoundV3Deployment.Create),
        new("derive-v2", DeriveV2Deployment.AddressKeys, [], DeriveV2Deployment.Create) { AddressListKeys = DeriveV2Deployment.AddressListKeys },
        new("euler-v2", ["vault"], [], EulerV2Deployment.Create),
        new("lyra-v1", LyraV1Deployment.AddressKeys, [], LyraV1Deployment.Create),
        new("morpho-blue", ["morpho", "adaptiveCurveIrm"], [], MorphoBlueDeployment.Create) { HashKeys = ["marketId"], AddressListKeys = ["preLiquidations"] },
        new("opyn-gamma", ["addressBook"], [], OpynGammaDeployment.Create),
        new("panoptic-v2", ["panopticPool"], [], PanopticV2Deployment.Create) { HashListKeys = ["tokenIds"] },
    ];

    /// <exception cref="ArgumentException">The family is in no line above, an address is missing, or the variant is none of the family's; the sentence says which.</exception>
    public static IProtocol Create(ProtocolDeployment deployment, ProtocolOptions options)
    {
        var family = Families.FirstOrDefault(known => known.Name == deployment.Id.Family)
            ?? throw new ArgumentException($"{deployment.Id}: there is no protocol family '{deployment.Id.Family}'; known are {string.Join(", ", Families.Select(known => known.Name))}.");
        foreach (var key in family.AddressKeys)
        {
            if (!deployment.Addresses.ContainsKey(key))
            {
                throw new ArgumentException($"{deployment.Id} names no {key}: write \"{key}\": \"0x...\".");
            }
        }

        foreach (var key in family.HashKeys)
        {
            if (!deployment.Hashes.ContainsKey(key))
            {
                throw new ArgumentException($"{deployment.Id} names no {key}: write \"{key}\": \"0x...\" (64 hex digits).");
            }
        }

        if (deployment.Variant is { } variant && !family.Variants.Contains(variant))
        {
            throw new ArgumentException($"{deployment.Id}: '{variant}' is no variant of {family.Name}; write one of {string.Join(", ", family.Variants)}, or leave it out.");
        }

        return family.Create(deployment, options);
    }
}
