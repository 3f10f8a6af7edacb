using System.Buffers.Binary;
using System.Globalization;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>
/// What an account of this deployment is: a sub-account by its id, written in decimal, or an owner by his address, whose account says whether all of his sub-accounts are
/// watched. In the tables, and wherever an owner's address is asked for, a sub-account is the address that has its id as number.
/// </summary>
internal sealed class SubAccountKeys(DeploymentId deployment)
{
    public MarginAccountId IdOf(in Address key) =>
        IsSubAccount(key, out var id) ? new MarginAccountId(deployment, id.ToString(CultureInfo.InvariantCulture)) : new MarginAccountId(deployment, key);

    /// <exception cref="ArgumentException">The account belongs to another deployment, or its key is neither an id nor an address.</exception>
    public Address KeyOf(MarginAccountId account)
    {
        if (account.Deployment == deployment && account.TryGetUser(out var user))
        {
            return user;
        }

        return account.Deployment == deployment && TryParse(account.Key, out var id)
            ? KeyOf(id)
            : throw new ArgumentException($"{account} is no account of {deployment}.", nameof(account));
    }

    public static bool TryParse(string key, out ulong id) => ulong.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id > 0;

    public static Address KeyOf(ulong id)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes[^8..], id);
        return Address.FromBytes(bytes);
    }

    /// <summary>Ids count up from 1 and are small; an owner's address is not.</summary>
    public static bool IsSubAccount(in Address key, out ulong id)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        key.CopyTo(bytes);
        id = BinaryPrimitives.ReadUInt64BigEndian(bytes[^8..]);
        return id > 0 && !bytes[..^8].ContainsAnyExcept((byte)0);
    }
}
