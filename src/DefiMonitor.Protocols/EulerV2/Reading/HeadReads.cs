using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>What is asked once the market is open: of everybody's figures at every judged block, and of one account when it enters or is confirmed.</summary>
internal sealed class HeadReads(EulerMarket market)
{
    private readonly EulerTables tables = market.Tables;
    private readonly Address vault = market.Vault;

    /// <summary>
    /// Figures of vaults that are not known as stored, one rate for each step of each route, one odd amount for each route as a whole, and what an event left open.
    /// </summary>
    public IEnumerable<Call> Head(BlockHeader head)
    {
        var row = tables.Market;
        if (!row.IsOpen)
        {
            yield break;
        }

        yield return EulerAbi.InterestAccumulator.Function.Call(vault);
        foreach (var call in Figures(row))
        {
            yield return call;
        }

        foreach (var account in PendingTurns.Of(tables.Pending, static row => row.Since, head))
        {
            tables.Pending.TryGet(account, out var pending);
            foreach (var call in Again(account, pending.Parts))
            {
                yield return call;
            }
        }
    }

    /// <summary>Asked again with the answers so far: the sets first, then the shares of what is in them.</summary>
    public IEnumerable<Call> Entry(Address account, CallResults soFar)
    {
        var row = tables.Market;
        foreach (var call in Person(row, account))
        {
            yield return call;
        }

        // For one that is in and differs from the chain, the vault's figures are read again as well.
        if (tables.Accounts.Contains(account))
        {
            foreach (var call in MarketOpening.TotalsOf(vault))
            {
                yield return call;
            }
        }

        if (soFar.TryGet(EulerAbi.GetCollaterals.Function.Call(row.Evc, account), out var result) && EulerAbi.GetCollaterals.TryDecode(result, out var enabled, out _))
        {
            foreach (var collateral in enabled)
            {
                if (tables.Collaterals.Contains(collateral))
                {
                    yield return EulerAbi.BalanceOf.Function.Call(collateral, account);
                }
            }
        }
    }

    /// <summary>The contract's own view of an account.</summary>
    public IEnumerable<Call> Confirm(Address account)
    {
        if (!tables.Market.IsOpen)
        {
            yield break;
        }

        yield return EulerAbi.AccountLiquidity.Function.Call(vault, account, true);
        yield return EulerAbi.DebtOf.Function.Call(vault, account);
        yield return EulerAbi.InterestAccumulator.Function.Call(vault);
    }

    private IEnumerable<Call> Figures(MarketRow row)
    {
        var vaults = new HashSet<Address> { vault };
        var steps = new HashSet<PairKey>();
        var calls = new List<Call>();
        var bases = Bases(row);
        foreach (var from in bases)
        {
            foreach (var stage in market.Routes.Of(from)?.Stages ?? [])
            {
                if (stage.Kind == StageKind.Shares)
                {
                    vaults.Add(stage.Source.Oracle);
                }
                else if (steps.Add(stage.Source))
                {
                    calls.Add(stage.Question);
                }
            }
        }

        foreach (var evault in vaults)
        {
            tables.Totals.TryGet(evault, out var totals);
            if (!totals.IsStored || !totals.HasBorrows)
            {
                foreach (var call in MarketOpening.TotalsOf(evault))
                {
                    yield return call;
                }
            }
        }

        foreach (var call in calls)
        {
            yield return call;
        }

        // Last, so that each is held against what was read before it.
        foreach (var from in bases)
        {
            if (market.Routes.Of(from) is { Broken: null, Stages.Count: > 0 })
            {
                yield return EulerAbi.GetQuote.Function.Call(row.Oracle, PriceRoute.CheckAmount, from, row.UnitOfAccount);
            }
        }
    }

    private List<Address> Bases(in MarketRow row)
    {
        var bases = new List<Address> { row.Asset };
        foreach (var (collateral, _) in tables.Collaterals)
        {
            if (collateral != row.Asset)
            {
                bases.Add(collateral);
            }
        }

        return bases;
    }

    private IEnumerable<Call> Again(Address account, PendingParts parts)
    {
        if ((parts & PendingParts.Sets) != 0)
        {
            foreach (var call in Person(tables.Market, account))
            {
                yield return call;
            }

            // What the set will turn out to hold is not known yet, and there is one round.
            foreach (var (collateral, _) in tables.Collaterals)
            {
                yield return EulerAbi.BalanceOf.Function.Call(collateral, account);
            }

            yield break;
        }

        if ((parts & PendingParts.Debt) != 0)
        {
            yield return EulerAbi.DebtOfExact.Function.Call(vault, account);
        }

        if ((parts & PendingParts.Balances) != 0)
        {
            foreach (var (collateral, _) in tables.Collaterals)
            {
                if (tables.Balances.TryGet(new BalanceKey(account, collateral), out var row) && !row.IsRead)
                {
                    yield return EulerAbi.BalanceOf.Function.Call(collateral, account);
                }
            }
        }
    }

    // The accumulator before the debt that is counted in it.
    private IEnumerable<Call> Person(MarketRow row, Address account)
    {
        yield return EulerAbi.InterestAccumulator.Function.Call(vault);
        yield return EulerAbi.GetControllers.Function.Call(row.Evc, account);
        yield return EulerAbi.GetCollaterals.Function.Call(row.Evc, account);
        yield return EulerAbi.LastStatusCheck.Function.Call(row.Evc, account);
        yield return EulerAbi.DebtOfExact.Function.Call(vault, account);
    }
}
