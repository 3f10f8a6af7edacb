using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>All that is known of one market. There is no other state.</summary>
internal sealed class CometTables
{
    private const byte TheOne = 0;

    public CometTables() => All = [Markets, Implementations, Assets, Supplied, Prices, Accounts, Collaterals, Pending, Absorbs, Absorbed];

    public StateTable<byte, MarketRow> Markets { get; } = new("market");

    /// <summary>What the last upgrade put behind the proxy; none until one is seen.</summary>
    public StateTable<byte, Address> Implementations { get; } = new("implementation");

    /// <summary>By the contract's offset.</summary>
    public StateTable<byte, AssetRow> Assets { get; } = new("asset");

    /// <summary>By token.</summary>
    public StateTable<Address, SuppliedRow> Supplied { get; } = new("supplied");

    /// <summary>By feed.</summary>
    public StateTable<Address, PriceRow> Prices { get; } = new("price");

    public StateTable<Address, AccountRow> Accounts { get; } = new("account");

    /// <summary>Balances of accounts that are in; none is 0.</summary>
    public StateTable<CollateralKey, UInt128> Collaterals { get; } = new("collateral");

    /// <summary>Accounts whose principal must be read again, and the block since which.</summary>
    public StateTable<Address, ulong> Pending { get; } = new("pending");

    public StateTable<byte, AbsorbRow> Absorbs { get; } = new("absorb");

    /// <summary>What the last absorb took, in the order of its logs.</summary>
    public StateTable<byte, AbsorbedRow> Absorbed { get; } = new("absorbed");

    public IReadOnlyList<IStateTable> All { get; }

    public MarketRow Market
    {
        get => Markets.TryGet(TheOne, out var row) ? row : default;
        set => Markets.Set(TheOne, value);
    }

    public Address Implementation
    {
        get => Implementations.TryGet(TheOne, out var row) ? row : default;
        set => Implementations.Set(TheOne, value);
    }

    public AbsorbRow Absorb
    {
        get => Absorbs.TryGet(TheOne, out var row) ? row : default;
        set => Absorbs.Set(TheOne, value);
    }

    /// <summary>Asks for an account to be read again; keeps the earliest block since which.</summary>
    public void MarkPending(in Address user, ulong block)
    {
        if (!Pending.Contains(user))
        {
            Pending.Set(user, block);
        }
    }

    public UInt128 CollateralOf(in Address user, in Address asset) => Collaterals.TryGet(new CollateralKey(user, asset), out var balance) ? balance : 0;

    public void SetCollateral(in Address user, in Address asset, UInt128 balance)
    {
        var key = new CollateralKey(user, asset);
        if (balance == 0)
        {
            Collaterals.Remove(key);
        }
        else
        {
            Collaterals.Set(key, balance);
        }
    }
}
