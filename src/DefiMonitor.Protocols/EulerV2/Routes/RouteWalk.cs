using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>What is known of the contracts that a quote passes; null = not asked yet.</summary>
internal interface IRouteFacts
{
    AdapterRow? Adapter(in Address oracle);

    AddressFact? Configured(in Address router, in Address from, in Address quote);

    AddressFact? Resolved(in Address router, in Address vault);

    bool? IsEVault(in Address vault);
}

/// <summary>
/// Follows a quote through the contracts. Source: euler-price-oracle at 18a3e34d, EulerRouter.resolveOracle and getQuote, adapter/CrossAdapter._getQuote.
/// Every other adapter is one multiplication and one division.
/// </summary>
internal sealed class RouteWalk(IRouteFacts facts)
{
    // Each step down costs a round of the opening, of which there are six; the vault itself takes the first.
    private const int RootLevel = 2;
    private const int LastLevel = 6;

    private readonly List<Stage> stages = [];
    private string? broken;

    /// <summary>Null while a contract on the way has not been asked yet.</summary>
    public static PriceRoute? Of(IRouteFacts facts, in Address oracle, in Address from, in Address unit)
    {
        if (from == unit)
        {
            return new PriceRoute([], null);
        }

        if (oracle.IsZero)
        {
            return new PriceRoute([], "The vault has no price oracle.");
        }

        var walk = new RouteWalk(facts);
        return walk.Follow(oracle, from, unit, RootLevel, isRoot: true) ? new PriceRoute(walk.stages, null)
            : walk.broken is { } why ? new PriceRoute([], why)
            : null;
    }

    private bool Follow(in Address oracle, in Address from, in Address quote, int level, bool isRoot)
    {
        if (level > LastLevel)
        {
            return Break($"The price route of {from} is nested deeper than is followed.");
        }

        // The root is nearly always a router: it is asked for its configuration in the round in which it is asked for its name.
        var speculative = isRoot ? facts.Configured(oracle, from, quote) : null;
        _ = isRoot ? facts.Resolved(oracle, from) : null;
        _ = isRoot ? facts.IsEVault(from) : null;
        if (facts.Adapter(oracle) is not { } adapter || (isRoot && speculative is null))
        {
            return false;
        }

        switch (adapter.Kind)
        {
            case AdapterKind.Router:
                return Route(oracle, adapter, from, quote, isRoot ? level : level + 1);
            case AdapterKind.Cross when (adapter.Answered & AdapterFields.CrossParts) == AdapterFields.CrossParts:
                return Cross(oracle, adapter, from, quote, level);
            case AdapterKind.Leaf:
                stages.Add(new Stage(StageKind.Rate, new PairKey(oracle, from, quote), quote));
                return true;
            default:
                return Break($"The price oracle {oracle} does not say what it is.");
        }
    }

    private bool Route(in Address router, in AdapterRow adapter, in Address from, in Address quote, int level)
    {
        if (from == quote)
        {
            return true;
        }

        if (level > LastLevel)
        {
            return Break($"The price route of {from} is nested deeper than is followed.");
        }

        var configured = facts.Configured(router, from, quote);
        var resolved = facts.Resolved(router, from);
        if (configured is not { } oracle || resolved is not { } asset)
        {
            return false;
        }

        if (!oracle.IsRead || !asset.IsRead || (adapter.Answered & AdapterFields.Fallback) == 0)
        {
            return Break($"The router {router} does not say how it prices {from}.");
        }

        if (!oracle.Value.IsZero)
        {
            return Follow(oracle.Value, from, quote, level + 1, isRoot: false);
        }

        if (!asset.Value.IsZero)
        {
            if (facts.IsEVault(from) is not { } isEVault)
            {
                return false;
            }

            stages.Add(new Stage(isEVault ? StageKind.Shares : StageKind.Rate, new PairKey(from, Address.Zero, Address.Zero), asset.Value));
            return Route(router, adapter, asset.Value, quote, level + 1);
        }

        return adapter.Fallback.IsZero
            ? Break($"The router {router} has no price of {from}.")
            : Follow(adapter.Fallback, from, quote, level + 1, isRoot: false);
    }

    private bool Cross(in Address oracle, in AdapterRow adapter, in Address from, in Address quote, int level)
    {
        if (from == adapter.Base && quote == adapter.Quote)
        {
            return Both(adapter.OracleBaseCross, from, adapter.Cross, adapter.OracleCrossQuote, quote, level + 1);
        }

        return from == adapter.Quote && quote == adapter.Base
            ? Both(adapter.OracleCrossQuote, from, adapter.Cross, adapter.OracleBaseCross, quote, level + 1)
            : Break($"The cross adapter {oracle} is for another pair than {from}.");
    }

    // Both ways are looked down at once, so that a round of questions serves both.
    private bool Both(in Address first, in Address from, in Address cross, in Address second, in Address quote, int level)
    {
        var isFirst = Follow(first, from, cross, level, isRoot: false);
        var isSecond = Follow(second, cross, quote, level, isRoot: false);
        return isFirst && isSecond;
    }

    private bool Break(string why)
    {
        broken ??= why;
        return false;
    }
}
