using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>The routes that follow from the tables, remembered until a fact changes.</summary>
internal sealed class RouteMap : IRouteFacts, ITableWatcher<PairKey>, ITableWatcher<ResolvedKey>, ITableWatcher<Address>
{
    private readonly Dictionary<Address, PriceRoute?> routes = [];
    private readonly EulerTables tables;
    private Address oracle;
    private Address unit;

    public RouteMap(EulerTables tables)
    {
        this.tables = tables;
        tables.Configured.Watcher = this;
        tables.Resolved.Watcher = this;
        tables.Adapters.Watcher = this;
        tables.EVaults.Watcher = this;
    }

    /// <summary>From the vault's asset or a collateral to its unit of account; null while something on the way has not been asked.</summary>
    public PriceRoute? Of(in Address from)
    {
        var market = tables.Market;
        if (market.Oracle != oracle || market.UnitOfAccount != unit)
        {
            (oracle, unit) = (market.Oracle, market.UnitOfAccount);
            routes.Clear();
        }

        if (!routes.TryGetValue(from, out var route))
        {
            route = RouteWalk.Of(this, oracle, from, unit);
            routes.Add(from, route);
        }

        return route;
    }

    AdapterRow? IRouteFacts.Adapter(in Address oracle) => tables.Adapters.TryGet(oracle, out var row) && row.Asked == AdapterFields.All ? row : null;

    AddressFact? IRouteFacts.Configured(in Address router, in Address from, in Address quote) =>
        tables.Configured.TryGet(new PairKey(router, from, quote), out var fact) ? fact : null;

    AddressFact? IRouteFacts.Resolved(in Address router, in Address vault) => tables.Resolved.TryGet(new ResolvedKey(router, vault), out var fact) ? fact : null;

    bool? IRouteFacts.IsEVault(in Address vault) => tables.EVaults.TryGet(vault, out var isEVault) ? isEVault : null;

    void ITableWatcher<PairKey>.Changed(in PairKey key) => routes.Clear();

    void ITableWatcher<PairKey>.Cleared() => routes.Clear();

    void ITableWatcher<ResolvedKey>.Changed(in ResolvedKey key) => routes.Clear();

    void ITableWatcher<ResolvedKey>.Cleared() => routes.Clear();

    void ITableWatcher<Address>.Changed(in Address key) => routes.Clear();

    void ITableWatcher<Address>.Cleared() => routes.Clear();
}
