using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>All that is known of one market. There is no other state.</summary>
internal sealed class MorphoTables
{
    private const byte TheMarket = 0;

    public MorphoTables() => All = [Markets, Prices, Accounts, Pending, PreLiquidations, Authorizations];

    public StateTable<byte, MarketRow> Markets { get; } = new("market");

    /// <summary>By oracle.</summary>
    public StateTable<Address, PriceRow> Prices { get; } = new("price");

    public StateTable<Address, AccountRow> Accounts { get; } = new("account");

    /// <summary>Accounts that must be read again, and the block since which.</summary>
    public StateTable<Address, ulong> Pending { get; } = new("pending");

    /// <summary>By contract.</summary>
    public StateTable<Address, PreLiquidationRow> PreLiquidations { get; } = new("pre-liquidation");

    /// <summary>Of accounts that are in, and configured contracts; none while unread.</summary>
    public StateTable<AuthorizationKey, bool> Authorizations { get; } = new("authorization");

    public IReadOnlyList<IStateTable> All { get; }

    public MarketRow Market
    {
        get => Markets.TryGet(TheMarket, out var row) ? row : default;
        set => Markets.Set(TheMarket, value);
    }

    /// <summary>Asks for an account to be read again; keeps the earliest block since which.</summary>
    public void MarkPending(in Address user, ulong block)
    {
        if (!Pending.Contains(user))
        {
            Pending.Set(user, block);
        }
    }
}
