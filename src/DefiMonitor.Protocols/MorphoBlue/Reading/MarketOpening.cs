using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>The calls that open a market: its parameters and totals first, then the rate model's memory and the tokens' faces.</summary>
internal sealed class MarketOpening(MorphoMarket market)
{
    private readonly Address morpho = market.Deployment.Morpho;
    private readonly Hash32 id = market.Deployment.MarketId;

    public IEnumerable<Call> Next(CallResults soFar)
    {
        var parameters = MorphoAbi.IdToMarketParams.Function.Call(morpho, id);
        yield return parameters;
        yield return MorphoAbi.Market.Function.Call(morpho, id);
        if (!soFar.TryGet(parameters, out var result) || !MorphoAbi.IdToMarketParams.TryDecode(result, out var found, out _) || found.LoanToken.IsZero)
        {
            yield break;
        }

        if (market.KindOf(found.Irm) == IrmKind.AdaptiveCurve)
        {
            yield return MorphoAbi.RateAtTarget.Function.Call(found.Irm, id);
        }

        foreach (var token in new[] { found.LoanToken, found.CollateralToken })
        {
            yield return MorphoAbi.Decimals.Function.Call(token);
            yield return MorphoAbi.Symbol.Function.Call(token);
        }
    }

    /// <summary>What brings an account in; for one that is in and differs from the chain, the market's moving part is read again as well.</summary>
    public IEnumerable<Call> Entry(Address user)
    {
        foreach (var call in Person(user))
        {
            yield return call;
        }

        if (market.Tables.Accounts.Contains(user))
        {
            yield return MorphoAbi.Market.Function.Call(morpho, id);
            if (market.KindOf(market.Tables.Market.Parameters.Irm) == IrmKind.AdaptiveCurve)
            {
                yield return MorphoAbi.RateAtTarget.Function.Call(market.Tables.Market.Parameters.Irm, id);
            }
        }
    }

    /// <summary>At every judged block: one price, the rate of an unknown rate model, and the positions that an event left open.</summary>
    public IEnumerable<Call> Head(BlockHeader head)
    {
        var row = market.Tables.Market;
        if (!row.IsOpen)
        {
            yield break;
        }

        yield return MorphoAbi.Price.Function.Call(row.Parameters.Oracle);
        if (market.KindOf(row.Parameters.Irm) == IrmKind.Unknown)
        {
            yield return MorphoAbi.RateOf(row.Parameters, row.Totals);
        }

        var asked = new HashSet<Address> { row.Parameters.Oracle };
        foreach (var contract in market.Deployment.PreLiquidations)
        {
            market.Tables.PreLiquidations.TryGet(contract, out var pre);
            if (pre.Fields != PreLiquidationFields.All)
            {
                yield return MorphoAbi.PreLiquidationParams.Function.Call(contract);
                yield return MorphoAbi.PreLiquidationMarket.Function.Call(contract);
                yield return MorphoAbi.PreLiquidationMorpho.Function.Call(contract);
            }
            else if (asked.Add(pre.Terms.PreLiquidationOracle))
            {
                yield return MorphoAbi.Price.Function.Call(pre.Terms.PreLiquidationOracle);
            }
        }

        foreach (var call in Unasked(head))
        {
            yield return call;
        }

        foreach (var user in PendingTurns.Of(market.Tables.Pending, static since => since, head))
        {
            foreach (var call in Person(user))
            {
                yield return call;
            }
        }
    }

    // A contract that was added to the configuration of a database with accounts, or an answer that was lost.
    private IEnumerable<Call> Unasked(BlockHeader head)
    {
        var contracts = market.Deployment.PreLiquidations;
        if (market.Tables.Authorizations.Count >= market.Tables.Accounts.Count * contracts.Count)
        {
            yield break;
        }

        var waiting = new List<(ulong Since, Address Account)>();
        foreach (var (user, _) in market.Tables.Accounts)
        {
            if (contracts.Any(contract => !market.Tables.Authorizations.Contains(new AuthorizationKey(user, contract))))
            {
                waiting.Add((0, user));
            }
        }

        foreach (var user in PendingTurns.Of(waiting, head))
        {
            foreach (var contract in contracts)
            {
                if (!market.Tables.Authorizations.Contains(new AuthorizationKey(user, contract)))
                {
                    yield return MorphoAbi.IsAuthorized.Function.Call(morpho, user, contract);
                }
            }
        }
    }

    private IEnumerable<Call> Person(Address user)
    {
        yield return MorphoAbi.Position.Function.Call(morpho, id, user);
        foreach (var contract in market.Deployment.PreLiquidations)
        {
            yield return MorphoAbi.IsAuthorized.Function.Call(morpho, user, contract);
        }
    }

    /// <summary>What the contract knows of an account: there is no view of its health, so all that it follows from.</summary>
    public IEnumerable<Call> Confirm(Address user)
    {
        var row = market.Tables.Market;
        if (!row.IsOpen)
        {
            yield break;
        }

        yield return MorphoAbi.Position.Function.Call(morpho, id, user);
        yield return MorphoAbi.Market.Function.Call(morpho, id);
        yield return MorphoAbi.Price.Function.Call(row.Parameters.Oracle);
        if (!row.Parameters.Irm.IsZero)
        {
            yield return MorphoAbi.RateOf(row.Parameters, row.Totals);
        }
    }
}
