using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

// The rows of the state tables: unmanaged, packed, without padding, because a row is its bytes. A test holds each of them to that.

/// <summary>What a view answered last, word by word. Nearly everything here is a view of a contract at the block, so it is kept as it came and read where it is used.</summary>
/// <param name="Count">How many words; 0 = it reverted, or answered what it should not.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AnswerRow(
    ulong Block, byte Count, UInt256 Word0, UInt256 Word1, UInt256 Word2, UInt256 Word3, UInt256 Word4, UInt256 Word5, UInt256 Word6, UInt256 Word7)
{
    public const int Most = 8;

    public bool IsRead => Count > 0;

    public UInt256 this[int word] => word switch
    {
        0 => Word0,
        1 => Word1,
        2 => Word2,
        3 => Word3,
        4 => Word4,
        5 => Word5,
        6 => Word6,
        7 => Word7,
        _ => throw new ArgumentOutOfRangeException(nameof(word)),
    };
}

/// <summary>A sub-account that is in, or an owner.</summary>
/// <param name="Owner">Of the sub-account's token; an owner's own address.</param>
/// <param name="Manager">Zero for an owner.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AccountRow(Address Owner, Address Manager, ulong Block, EntryFields Fields);

[Flags]
public enum EntryFields : byte
{
    None = 0,
    Owner = 1,
    Manager = 2,
    Balances = 4,
    All = Owner | Manager | Balances,
}

/// <param name="SubId">0 for everything but options.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct BalanceKey(Address Account, Address Asset, UInt256 SubId) : IComparable<BalanceKey>
{
    public int CompareTo(BalanceKey other)
    {
        var first = Account.CompareTo(other.Account);
        var second = first != 0 ? first : Asset.CompareTo(other.Asset);
        return second != 0 ? second : SubId.CompareTo(other.SubId);
    }
}

/// <summary>What the Standard Manager says an asset is: IStandardManager.AssetType in a market.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AssetRow(ulong Market, AssetType Type);

public enum AssetType : byte
{
    NotSet,
    Option,
    Perpetual,
    Base,
}

/// <summary>One scenario of a manager's, in its order.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ScenarioKey(Address Manager, ushort Place) : IComparable<ScenarioKey>
{
    public int CompareTo(ScenarioKey other)
    {
        var first = Manager.CompareTo(other.Manager);
        return first != 0 ? first : Place.CompareTo(other.Place);
    }
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ScenarioRow(UInt256 SpotShock, byte VolShock, UInt256 Dampening);
