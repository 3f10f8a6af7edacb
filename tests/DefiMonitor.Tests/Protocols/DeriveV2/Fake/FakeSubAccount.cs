using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Protocols.DeriveV2.Fake;

internal sealed class FakeSubAccount(ulong id, Address owner, Address manager)
{
    public ulong Id => id;

    public Address Owner { get; set; } = owner;

    public Address Manager { get; set; } = manager;

    /// <summary>What the manager answers in place of the model's figure; null = that.</summary>
    public (Int128 Maintenance, Int128 Initial, Int128 MarkToMarket)? Kept { get; set; }

    /// <summary>In the order in which they were first held, as the contract lists them.</summary>
    public List<(Address Asset, UInt256 SubId, Int128 Balance)> Balances { get; } = [];

    /// <summary>Earned since the cash was last touched; below 0: owed.</summary>
    public Int128 Interest { get; set; }

    public ulong AuctionSince { get; set; }

    public bool IsInsolvent { get; set; }

    public Int128 this[Address asset, UInt256 subId]
    {
        get => Balances.Find(one => one.Asset == asset && one.SubId == subId).Balance;
        set
        {
            var at = Balances.FindIndex(one => one.Asset == asset && one.SubId == subId);
            if (value == 0)
            {
                Balances.RemoveAll(one => one.Asset == asset && one.SubId == subId);
            }
            else if (at >= 0)
            {
                Balances[at] = (asset, subId, value);
            }
            else
            {
                Balances.Add((asset, subId, value));
            }
        }
    }
}

/// <summary>One underlying: its feeds and the assets in it.</summary>
internal sealed class FakeUnderlying(int number, Int128 spot)
{
    public ulong Market => (ulong)number;

    public Address Option { get; } = FakeDerive.At(0x41, number);

    public Address Perp { get; } = FakeDerive.At(0x42, number);

    public Address Base { get; } = FakeDerive.At(0x43, number);

    public Address Token { get; } = FakeDerive.At(0x44, number);

    public Address SpotFeed { get; } = FakeDerive.At(0x45, number);

    public Address ForwardFeed { get; } = FakeDerive.At(0x46, number);

    public Address VolFeed { get; } = FakeDerive.At(0x47, number);

    public Int128 Entry { get; } = spot;

    public Int128 Spot { get; set; } = spot;

    public Int128 Confidence { get; set; } = FakeDerive.Wad(1);

    /// <summary>True: every feed of it reverts.</summary>
    public bool IsStale { get; set; }

    /// <summary>Expiries that the forward feed has nothing for.</summary>
    public HashSet<ulong> Missing { get; } = [];

    public Dictionary<ulong, Int128> Volatilities { get; } = [];

    /// <summary>The settlement price of an expiry that is over.</summary>
    public Dictionary<ulong, Int128> Settled { get; } = [];

    public Int128 PerpPrice => Spot + (Spot / 2_000);

    public Int128 Unsettled(Int128 position) => position * ((PerpPrice - Entry) / 1_000_000_000) / 1_000_000_000;
}
