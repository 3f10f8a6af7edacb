using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>How far an absorb is.</summary>
internal static class Triggers
{
    public static Trigger Liquidation(CompoundV3State state, AccountAt account) => new()
    {
        Kind = TriggerKind.Liquidation,
        Threshold = FixedPoint.Wad,
        Active = account.Health.IsLiquidatable,
        UniformFallPpm = Computed.OrNull(() => UniformFall.Find(account)),
        Edges = Edges(state, account),
        SecondsAtConstantPrices = Computed.OrNull(() => TimeToEdge.Seconds(account)),
    };

    private static List<PriceEdge> Edges(CompoundV3State state, AccountAt account)
    {
        var edges = new List<PriceEdge>();
        for (var i = 0; i < state.Collaterals.Count; i++)
        {
            var index = i;
            if (Computed.OrNull(() => PriceEdges.OfCollateral(account, index)) is { } edge)
            {
                edges.Add(new PriceEdge(state.Collaterals[i].Asset, state.Collaterals[i].Symbol, EdgeSide.Falls, edge, account.Held[i].Price));
            }
        }

        if (Computed.OrNull(() => PriceEdges.OfBase(account)) is { } ofBase)
        {
            edges.Add(new PriceEdge(state.Parameters.BaseToken, state.BaseSymbol, EdgeSide.Rises, ofBase, account.BasePrice));
        }

        return edges;
    }
}

/// <summary>What an absorb takes: all of every collateral. One quote each, its credit at the part that the contract grants.</summary>
internal static class Quotes
{
    public static List<LiquidationQuote> Of(CompoundV3State state, AccountAt account)
    {
        var quotes = new List<LiquidationQuote>();
        for (var i = 0; i < state.Collaterals.Count; i++)
        {
            var held = account.Held[i];
            var credit = Factors.Mul(held.Value, held.Terms.LiquidationFactor);
            quotes.Add(new LiquidationQuote(
                state.Parameters.BaseToken,
                state.BaseSymbol,
                Factors.DivPrice(credit, account.BasePrice, state.Parameters.BaseScale),
                state.Collaterals[i].Asset,
                state.Collaterals[i].Symbol,
                held.Balance,

                // What does not cover the debt is forgiven: then nothing is lost beyond it.
                account.Health.IsInsolvent ? UInt256.Zero : held.Value - credit));
        }

        quotes.Sort((a, b) => b.DebtToCover != a.DebtToCover ? b.DebtToCover.CompareTo(a.DebtToCover) : a.CollateralAsset.CompareTo(b.CollateralAsset));
        return quotes;
    }
}
