using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Settings;

/// <summary>What the configuration has to know of a protocol family. App takes it from the protocol catalog.</summary>
/// <param name="Name">Also the file's name: <c>config/protocols/aave-v3.json</c>.</param>
/// <param name="AddressKeys">Addresses that each deployment must name, such as poolAddressesProvider.</param>
/// <param name="Variants">Words that "variant" may hold.</param>
public sealed record FamilySettings(string Name, IReadOnlyList<string> AddressKeys, IReadOnlyList<string> Variants)
{
    /// <summary>32-byte ids that each deployment must name, such as marketId.</summary>
    public IReadOnlyList<string> HashKeys { get; init; } = [];

    /// <summary>Lists of addresses that a deployment may name, such as preLiquidations.</summary>
    public IReadOnlyList<string> AddressListKeys { get; init; } = [];

    /// <summary>Lists of 32-byte ids that a deployment may name, such as tokenIds.</summary>
    public IReadOnlyList<string> HashListKeys { get; init; } = [];
}

/// <summary>One deployment of a family, as its file states it.</summary>
public sealed record DeploymentSettings
{
    public required DeploymentId Id { get; init; }

    /// <summary>By the family's own keys.</summary>
    public required IReadOnlyDictionary<string, Address> Addresses { get; init; }

    /// <summary>32-byte ids, by the family's own keys.</summary>
    public IReadOnlyDictionary<string, Hash32> Hashes { get; init; } = new Dictionary<string, Hash32>();

    /// <summary>Lists of addresses, by the family's own keys; a list that is not written is not there.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Address>> AddressLists { get; init; } = new Dictionary<string, IReadOnlyList<Address>>();

    /// <summary>Lists of 32-byte ids, by the family's own keys; a list that is not written is not there.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Hash32>> HashLists { get; init; } = new Dictionary<string, IReadOnlyList<Hash32>>();

    /// <summary>First block with anything of this deployment, where discovery begins; null = not known.</summary>
    public ulong? StartBlock { get; init; }

    public string? Variant { get; init; }

    /// <summary>True: every borrower of the market is found by its logs. False: the watch list only.</summary>
    public bool Discover { get; init; }

    /// <summary>Where the addresses come from.</summary>
    public string? Origin { get; init; }

    public ChainId Chain => Id.Chain;
}
