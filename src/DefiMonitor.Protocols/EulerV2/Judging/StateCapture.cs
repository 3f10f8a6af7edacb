using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>Takes one account's inputs out of the tables.</summary>
internal sealed class StateCapture(EulerMarket market, UnknownReasons reasons, Quotes quotes)
{
    private readonly EulerTables tables = market.Tables;

    public EulerV2State Capture(MarginAccountId id, BlockHeader block)
    {
        var account = market.UserOf(id);
        var state = new EulerV2State(id, block);
        if ((reasons.OfMarket(block) ?? reasons.OfAccount(account)) is { } reason)
        {
            return state with { Unknown = reason };
        }

        var row = tables.Market;
        tables.Accounts.TryGet(account, out var own);
        tables.Totals.TryGet(market.Vault, out var totals);
        return state with
        {
            Asset = row.Asset,
            Face = FaceOf(row.Asset),
            Unit = row.UnitOfAccount,
            UnitFace = UnitsOfAccount.IsCurrency(row.UnitOfAccount) ? UnitsOfAccount.FaceOf(row.UnitOfAccount) : FaceOf(row.UnitOfAccount),
            Totals = totals.Totals,
            IsStored = totals.IsStored,
            Route = quotes.Stages(row.Asset) ?? [],
            Owed = own.Owed,
            Accumulator = own.Accumulator,
            IsController = own.IsController,
            LastCheck = own.LastCheck,
            CoolOffTime = row.CoolOffTime,
            MaxLiquidationDiscount = row.MaxLiquidationDiscount,
            Hooks = row.Hooks,
            Collaterals = CollateralsOf(account, block),
        };
    }

    private List<CollateralState> CollateralsOf(in Address account, BlockHeader block)
    {
        var held = new List<CollateralState>();
        foreach (var (vault, row) in tables.Collaterals)
        {
            if (!tables.Balances.TryGet(new BalanceKey(account, vault), out var balance) || balance.Shares == 0)
            {
                continue;
            }

            var unread = quotes.Unread(vault, block);
            var stages = market.Routes.Of(vault)?.Stages ?? [];
            var converts = stages.Count > 0 && stages[0].Source.Base.IsZero && stages[0].Out == row.Asset;
            held.Add(new CollateralState(
                vault, converts ? row.Asset : vault, FaceOf(converts ? row.Asset : vault), row.Ltv, row.Hooks, balance.Shares,
                unread is null ? quotes.Stages(vault) ?? [] : [], converts, unread));
        }

        held.Sort(static (a, b) => a.Vault.CompareTo(b.Vault));
        return held;
    }

    private TokenFace FaceOf(in Address token) => tables.Tokens.TryGet(token, out var face) ? face : default;
}
