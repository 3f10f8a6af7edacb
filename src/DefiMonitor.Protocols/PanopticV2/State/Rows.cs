using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.PanopticV2;

// The rows of the state tables: unmanaged, packed, without padding, because a row is its bytes. A test holds each of them to that.

[Flags]
public enum PoolFields : ushort
{
    None = 0,
    RiskEngine = 1,
    Collateral0 = 2,
    Collateral1 = 4,
    PoolId = 8,
    Token0 = 16,
    Token1 = 32,
    Decimals0 = 64,
    Decimals1 = 128,
    Buffer0 = 256,
    Buffer1 = 512,
    All = 1_023,
}

/// <summary>What never changes of a pool; there is one.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PoolRow
{
    /// <summary>False until everything was read.</summary>
    public bool IsOpen { get; init; }

    public PoolFields Fields { get; init; }

    public Address RiskEngine { get; init; }

    public Address Collateral0 { get; init; }

    public Address Collateral1 { get; init; }

    public ulong PoolId { get; init; }

    public Address Token0 { get; init; }

    public Address Token1 { get; init; }

    public Text32 Symbol0 { get; init; }

    public Text32 Symbol1 { get; init; }

    public byte Decimals0 { get; init; }

    public byte Decimals1 { get; init; }

    public UInt256 CrossBuffer0 { get; init; }

    public UInt256 CrossBuffer1 { get; init; }
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct TicksRow(int Current, int Spot, int Latest, ulong Block, bool IsRead, int Twap, ulong TwapBlock, bool IsTwapRead);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PositionKey(Address User, UInt256 TokenId);

/// <summary>An open position of anybody, whether he is in or not: they are told by events alone.</summary>
/// <param name="Balance">types/PositionBalance.sol, as OptionMinted carries it.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PositionRow(UInt256 Balance);

/// <summary>What the pool said last of a user who is in. Each part with the block that it was read in, 0 = not, or it reverted.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct UserRow
{
    public ulong Since { get; init; }

    public ulong Legs { get; init; }

    public ulong LegsBlock { get; init; }

    public UInt256 Assets0 { get; init; }

    public UInt256 Assets1 { get; init; }

    public ulong AssetsBlock { get; init; }

    public UInt256 ShortPremium { get; init; }

    public UInt256 LongPremium { get; init; }

    public ulong PremiumBlock { get; init; }

    public PoolVerdict Verdict { get; init; }

    /// <summary>True where settling failed for a reason of its own, so that closing has to tell.</summary>
    public bool AsksClose { get; init; }

    public ulong VerdictBlock { get; init; }

    public PanopticMargin Margin { get; init; }

    public ulong MarginBlock { get; init; }

    /// <summary>Of the newest probes.</summary>
    public ulong ProbeBlock { get; init; }
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ProbeKey(Address User, int Tick);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ProbeRow(bool IsSolvent, ulong Block);
