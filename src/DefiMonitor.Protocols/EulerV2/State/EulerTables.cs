using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>All that is known of one liability vault. There is no other state.</summary>
internal sealed class EulerTables
{
    private const byte TheMarket = 0;

    public EulerTables() => All = [Markets, Collaterals, Totals, EVaults, Configured, Resolved, Adapters, Rates, Checks, Tokens, Accounts, Balances, Pending];

    public StateTable<byte, MarketRow> Markets { get; } = new("market");

    /// <summary>By vault.</summary>
    public StateTable<Address, CollateralRow> Collaterals { get; } = new("collateral");

    /// <summary>Of the liability vault and of every EVault on a price route.</summary>
    public StateTable<Address, TotalsRow> Totals { get; } = new("totals");

    /// <summary>Whether a vault on a route is an EVault, whose conversion is computed here; another ERC-4626 vault is asked.</summary>
    public StateTable<Address, bool> EVaults { get; } = new("evault");

    /// <summary>Router, base and quote: the oracle that the router has configured.</summary>
    public StateTable<PairKey, AddressFact> Configured { get; } = new("configured");

    /// <summary>Router and vault: what the router converts the vault's shares into.</summary>
    public StateTable<ResolvedKey, AddressFact> Resolved { get; } = new("resolved");

    public StateTable<Address, AdapterRow> Adapters { get; } = new("adapter");

    /// <summary>By oracle, base and quote; by vault alone for the conversion of a vault that is no EVault.</summary>
    public StateTable<PairKey, RateRow> Rates { get; } = new("rate");

    /// <summary>By base: the vault's asset, or a collateral.</summary>
    public StateTable<Address, CheckRow> Checks { get; } = new("check");

    public StateTable<Address, TokenFace> Tokens { get; } = new("token");

    public StateTable<Address, AccountRow> Accounts { get; } = new("account");

    public StateTable<BalanceKey, BalanceRow> Balances { get; } = new("balance");

    public StateTable<Address, PendingRow> Pending { get; } = new("pending");

    public IReadOnlyList<IStateTable> All { get; }

    public MarketRow Market
    {
        get => Markets.TryGet(TheMarket, out var row) ? row : default;
        set => Markets.Set(TheMarket, value);
    }

    /// <summary>Asks for parts of an account to be read again; keeps the earliest block since which.</summary>
    public void MarkPending(in Address account, PendingParts parts, ulong block) =>
        Pending.Set(account, Pending.TryGet(account, out var row) ? row with { Parts = row.Parts | parts } : new PendingRow(block, parts));

    public void Settle(in Address account, PendingParts parts)
    {
        if (!Pending.TryGet(account, out var row))
        {
            return;
        }

        if (row.Parts == (row.Parts & parts))
        {
            Pending.Remove(account);
        }
        else
        {
            Pending.Set(account, row with { Parts = row.Parts & ~parts });
        }
    }
}
