using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>All that is known of one Spoke. There is no other state.</summary>
internal sealed class AaveV4Tables
{
    private const byte TheMarket = 0;

    public AaveV4Tables() => All = [Markets, Hubs, HubAssets, Reserves, Dynamics, Prices, Accounts, Positions, Pending, Implementations];

    public StateTable<byte, MarketRow> Markets { get; } = new("market");

    public StateTable<Address, HubRow> Hubs { get; } = new("hub");

    public StateTable<HubAssetKey, HubAssetRow> HubAssets { get; } = new("hub-asset");

    public StateTable<ushort, ReserveRow> Reserves { get; } = new("reserve");

    /// <summary>Every key, not only the latest: users stay bound to theirs.</summary>
    public StateTable<DynamicKey, DynamicConfig> Dynamics { get; } = new("dynamic");

    /// <summary>By reserve.</summary>
    public StateTable<ushort, PriceRow> Prices { get; } = new("price");

    public StateTable<Address, AccountRow> Accounts { get; } = new("account");

    public StateTable<PositionKey, PositionRow> Positions { get; } = new("position");

    /// <summary>Accounts that must be read again, and the block since which.</summary>
    public StateTable<Address, ulong> Pending { get; } = new("pending");

    /// <summary>What a proxy points to, by its last Upgraded; none where none was seen.</summary>
    public StateTable<Address, Address> Implementations { get; } = new("implementation");

    public IReadOnlyList<IStateTable> All { get; }

    public MarketRow Market
    {
        get => Markets.TryGet(TheMarket, out var row) ? row : default;
        set => Markets.Set(TheMarket, value);
    }

    public PositionRow Position(in Address user, ushort reserve) => Positions.TryGet(new PositionKey(user, reserve), out var row) ? row : default;

    public void SetPosition(in Address user, ushort reserve, in PositionRow row)
    {
        var key = new PositionKey(user, reserve);
        if (row.IsEmpty)
        {
            Positions.Remove(key);
        }
        else
        {
            Positions.Set(key, row);
        }
    }

    public bool HasEntered(in Address user) => Accounts.TryGet(user, out var row) && row.EnteredBlock != 0;

    /// <summary>Asks for an account to be read whole again; keeps the earliest block since which.</summary>
    public void MarkPending(in Address user, ulong block)
    {
        if (!Pending.Contains(user))
        {
            Pending.Set(user, block);
        }
    }

    /// <summary>Asks for a hub's asset to be read again.</summary>
    public void Unread(in HubAssetKey key, ulong block)
    {
        if (HubAssets.TryGet(key, out var row) && row.IsRead)
        {
            HubAssets.Set(key, row with { IsRead = false, Since = block });
        }
    }
}
