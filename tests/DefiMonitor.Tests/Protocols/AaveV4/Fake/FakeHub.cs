using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV4;

namespace DefiMonitor.Tests.Protocols.AaveV4.Fake;

/// <summary>A hub's storage: assets, and what one Spoke has drawn and may do in each.</summary>
internal sealed class FakeHub(Address address)
{
    public const ulong NoCap = (1UL << 40) - 1;
    public const uint NoThreshold = (1u << 24) - 1;

    public Address Address => address;

    public ulong Revision { get; set; } = 1;

    public List<HubAsset> Assets { get; } = [];

    /// <summary>Of the Spoke under test.</summary>
    public List<UInt128> SpokeDrawn { get; } = [];

    public List<(ulong AddCap, uint Premium, bool Active, bool Halted)> SpokeConfigs { get; } = [];

    public void Add(ulong now, ushort fee)
    {
        Assets.Add(new HubAsset(0, 0, 0, 0, 0, 0, default, UInt256.Zero, (UInt128)FixedPoint.Ray, (UInt128)FixedPoint.Ray / 50, now, fee));
        SpokeDrawn.Add(0);
        SpokeConfigs.Add((NoCap, NoThreshold, true, false));
    }
}

/// <summary>A reserve's storage in the Spoke.</summary>
internal sealed class FakeReserve(ushort id, FakeHub hub, ushort asset, Address underlying, byte decimals, Address source)
{
    public ushort Id => id;

    public FakeHub Hub => hub;

    public ushort Asset => asset;

    public Address Underlying => underlying;

    public byte Decimals => decimals;

    public Address Source { get; set; } = source;

    public uint Risk { get; set; } = 500;

    public ReserveFlags Flags { get; set; } = ReserveFlags.Borrowable | ReserveFlags.ReceiveSharesEnabled;

    public List<DynamicConfig> Keys { get; } = [];

    public HubAsset State
    {
        get => hub.Assets[asset];
        set => hub.Assets[asset] = value;
    }
}
