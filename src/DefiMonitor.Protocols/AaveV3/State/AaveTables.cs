using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>All that is known of one market. There is no other state.</summary>
internal sealed class AaveTables
{
    private const byte TheMarket = 0;

    public StateTable<byte, MarketRow> Markets { get; } = new("market");

    public StateTable<ushort, ReserveRow> Reserves { get; } = new("reserve");

    public StateTable<Address, AssetRow> Assets { get; } = new("asset");

    public StateTable<Address, TokenRow> Tokens { get; } = new("token");

    public StateTable<byte, EModeRow> EModes { get; } = new("emode");

    /// <summary>By price source: an asset, or up to 3.1 a category's own source.</summary>
    public StateTable<Address, PriceRow> Prices { get; } = new("price");

    /// <summary>By asset.</summary>
    public StateTable<Address, BackgroundRow> Backgrounds { get; } = new("background");

    /// <summary>By proxy: what its last upgrade put behind it.</summary>
    public StateTable<Address, Address> Implementations { get; } = new("implementation");

    public StateTable<Address, AccountRow> Accounts { get; } = new("account");

    /// <summary>Scaled balances; none where it is 0.</summary>
    public StateTable<BalanceKey, UInt256> Balances { get; } = new("balance");

    public StateTable<ReadDebtKey, ReadDebtRow> ReadDebts { get; } = new("read-debt");

    /// <summary>Accounts that must be read again, and the block since which.</summary>
    public StateTable<Address, ulong> Pending { get; } = new("pending");

    public StateTable<Address, AgreementRow> Agreements { get; } = new("agreement");

    public IReadOnlyList<IStateTable> All => all ??= [Markets, Reserves, Assets, Tokens, EModes, Prices, Backgrounds, Implementations, Accounts, Balances, ReadDebts, Pending, Agreements];

    public MarketRow Market
    {
        get => Markets.TryGet(TheMarket, out var row) ? row : default;
        set => Markets.Set(TheMarket, value);
    }

    private IReadOnlyList<IStateTable>? all;

    public UInt256 Balance(in Address user, ushort reserve, TokenSide side) =>
        Balances.TryGet(new BalanceKey(user, reserve, side), out var scaled) ? scaled : UInt256.Zero;

    public void SetBalance(in Address user, ushort reserve, TokenSide side, in UInt256 scaled)
    {
        var key = new BalanceKey(user, reserve, side);
        if (scaled.IsZero)
        {
            Balances.Remove(key);
        }
        else
        {
            Balances.Set(key, scaled);
        }
    }

    public bool HasEntered(in Address user) => Accounts.TryGet(user, out var row) && row.Fields == AccountFields.All;

    /// <summary>Asks for an account to be read whole again; keeps the earliest block since which.</summary>
    public void MarkPending(in Address user, ulong block)
    {
        if (!Pending.Contains(user))
        {
            Pending.Set(user, block);
        }
    }
}
