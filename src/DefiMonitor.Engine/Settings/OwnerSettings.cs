using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Settings;

/// <summary>Whose accounts are watched: one address, or several under one name, with the smart accounts that act for them.</summary>
public sealed record OwnerSettings
{
    public required string Name { get; init; }

    /// <summary>The owner's own addresses.</summary>
    public required IReadOnlyList<Address> Addresses { get; init; }

    /// <summary>Contracts and sub-accounts that hold for the owner.</summary>
    public IReadOnlyList<SmartAccount> SmartAccounts { get; init; } = [];

    /// <summary>Null = on every chain that is followed.</summary>
    public IReadOnlyList<ChainId>? Chains { get; init; }

    /// <summary>All of them, on whatever chain.</summary>
    public IEnumerable<Address> EveryAddress => Addresses.Concat(SmartAccounts.Select(static s => s.Address)).Distinct();

    public bool IsOn(ChainId chain) => Chains is null || Chains.Contains(chain);

    /// <summary>Empty on a chain where the owner is not watched.</summary>
    public IEnumerable<Address> AddressesOn(ChainId chain) =>
        IsOn(chain) ? Addresses.Concat(SmartAccounts.Where(s => s.Chains is null || s.Chains.Contains(chain)).Select(static s => s.Address)).Distinct() : [];
}

/// <param name="Kind">safe, dsproxy, evc, derive or other</param>
/// <param name="Chains">Where it is the owner's: the same address may be somebody else's contract elsewhere. Null = on all chains of the owner.</param>
public sealed record SmartAccount(Address Address, string Kind, IReadOnlyList<ChainId>? Chains)
{
    public const string Evc = "evc";

    public const string Derive = "derive";

    /// <summary>The protocol family whose deployments say on which chains such a sub-account is.</summary>
    public const string DeriveFamily = "derive-v2";

    /// <summary>Euler's EVC (EthereumVaultConnector.haveCommonOwner): the owner's address with its last byte changed by exclusive or.</summary>
    public static SmartAccount SubAccount(Address owner, byte id)
    {
        var bytes = owner.ToArray();
        bytes[^1] ^= id;
        return new SmartAccount(Address.FromBytes(bytes), Evc, null);
    }

    /// <summary>A sub-account of Derive v2, which the address that has its id as number stands for; on chains that a deployment of it is on.</summary>
    public static SmartAccount DeriveSubAccount(ulong id, IReadOnlyList<ChainId> chains)
    {
        var bytes = new byte[Address.Size];
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(Address.Size - sizeof(ulong)), id);
        return new SmartAccount(Address.FromBytes(bytes), Derive, chains);
    }
}
