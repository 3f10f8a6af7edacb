using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// What is read at every judged block: all prices in one call, whether liquidations are allowed, and whatever an event left open. Constant in the number of
/// accounts, but for the few with debts that no event tells, and for a market whose revision is unknown.
/// </summary>
internal sealed class HeadReads(AaveMarket market, AccountEntry entry)
{
    private readonly AaveTables tables = market.Tables;

    public IEnumerable<Call> All(BlockHeader head)
    {
        var row = tables.Market;
        if (!row.IsOpen)
        {
            yield break;
        }

        foreach (var call in Unread(row.Pool))
        {
            yield return call;
        }

        // In the order of ids, so that equal states ask equal questions.
        var sources = PriceSources();
        if (sources.Count > 0)
        {
            yield return AaveAbi.GetAssetsPrices.Function.Call(row.Oracle, sources);
            if (row.AskPricesOneByOne)
            {
                foreach (var source in sources)
                {
                    yield return AaveAbi.GetAssetPrice.Function.Call(row.Oracle, source);
                }
            }
        }

        if (!row.Sentinel.IsZero && market.Version <= AaveVersion.V36)
        {
            yield return AaveAbi.IsLiquidationAllowed.Function.Call(row.Sentinel);
        }

        foreach (var (key, _) in tables.ReadDebts)
        {
            if (tables.Reserves.TryGet(key.Reserve, out var reserve))
            {
                yield return DebtCall(key, reserve);
            }
        }

        foreach (var user in PendingTurns.Of(tables.Pending, static since => since, head))
        {
            foreach (var call in entry.Again(user))
            {
                yield return call;
            }
        }

        if (market.IsTentative)
        {
            foreach (var (user, _) in tables.Accounts)
            {
                yield return AaveAbi.GetUserAccountData.Function.Call(row.Pool, user);
            }
        }
    }

    private static Call DebtCall(in ReadDebtKey key, in ReserveRow reserve) => key.Kind switch
    {
        ReadDebtKind.Stable => AaveAbi.BalanceOf.Function.Call(reserve.StableDebtToken, key.User),
        ReadDebtKind.Discounted => AaveAbi.BalanceOf.Function.Call(reserve.DebtToken, key.User),
        _ => AaveAbi.ScaledBalanceOf.Function.Call(reserve.DebtToken, key.User),
    };

    private IEnumerable<Call> Unread(Address pool)
    {
        var version = market.Version;
        var neededOfReserve = market.NeededOfReserve;
        foreach (var (_, reserve) in tables.Reserves)
        {
            if ((reserve.Fields & neededOfReserve) != neededOfReserve)
            {
                foreach (var call in MarketOpening.OfReserve(version, pool, reserve.Asset))
                {
                    yield return call;
                }
            }
        }

        var neededOfCategory = market.NeededOfEMode;
        foreach (var (id, category) in tables.EModes)
        {
            if ((category.Fields & neededOfCategory) != neededOfCategory)
            {
                foreach (var call in MarketOpening.OfCategory(version, pool, id))
                {
                    yield return call;
                }
            }
        }
    }

    private List<Address> PriceSources()
    {
        var ids = new SortedDictionary<ushort, Address>();
        foreach (var (id, reserve) in tables.Reserves)
        {
            ids.Add(id, reserve.Asset);
        }

        var sources = new List<Address>(ids.Values);
        if (market.Version <= AaveVersion.V31)
        {
            var own = new SortedSet<Address>();
            foreach (var (_, category) in tables.EModes)
            {
                if (!category.PriceSource.IsZero && !tables.Assets.Contains(category.PriceSource))
                {
                    own.Add(category.PriceSource);
                }
            }

            sources.AddRange(own);
        }

        return sources;
    }
}
