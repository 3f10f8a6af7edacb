using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>How far liquidation is.</summary>
internal static class Triggers
{
    public static Trigger Liquidation(AccountAt account, ValueScale scale) => new()
    {
        Kind = TriggerKind.Liquidation,
        Threshold = FixedPoint.Wad,
        Active = !account.Health.IsHealthy,
        UniformFallPpm = Computed.OrNull(() => PriceEdges.UniformFall(account)),
        Edges = Computed.Later(() => Edges(account, scale)),
        SecondsAtConstantPrices = Computed.OrNull(() => TimeToEdge.Seconds(account)),
    };

    private static List<PriceEdge> Edges(AccountAt account, in ValueScale scale)
    {
        var edges = new List<PriceEdge>();
        foreach (var group in account.Legs.Where(static leg => leg.Ltv != 0).GroupBy(static leg => leg.State.Asset))
        {
            // Two vaults of one asset with prices of different sources have no one price to tell.
            var rates = group.Select(static leg => AccountAt.RateOf(leg.State.Route)).Distinct().ToList();
            var leg = group.First();
            if (leg.State.Asset == account.State.Asset || rates is not [{ } read])
            {
                continue;
            }

            var rate = account.Shift is { } shift ? shift(leg.State.Asset, read) : read;
            if (Computed.OrNull(() => PriceEdges.Falls(account, leg.State.Asset, rate)) is { } edge)
            {
                edges.Add(Make(account, leg.State.Route, leg.State.Asset, leg.State.Face, leg.State.ConvertsFirst ? 1 : 0, EdgeSide.Falls, edge, rate, scale));
            }
        }

        if (AccountAt.RateOf(account.State.Route) is { } debt && account.Legs.All(leg => leg.State.Asset != account.State.Asset))
        {
            var rate = account.Shift is { } shift ? shift(account.State.Asset, debt) : debt;
            if (Computed.OrNull(() => PriceEdges.Rises(account, account.State.Asset, rate)) is { } edge)
            {
                edges.Add(Make(account, account.State.Route, account.State.Asset, account.State.Face, 0, EdgeSide.Rises, edge, rate, scale));
            }
        }

        return edges;
    }

    // A whole token's price through the steps after its own conversion: rounded down at an edge from above, and up at one from below, so that it still pulls.
    private static PriceEdge Make(
        AccountAt account, IReadOnlyList<StageState> route, in Address asset, in TokenFace face, int firstStep, EdgeSide side, in UInt256 edge, in UInt256 rate, in ValueScale scale) =>
        new(asset, face.Symbol.ToString(), side, PriceAt(account, route, firstStep, edge, face, scale), PriceAt(account, route, firstStep, rate, face, scale));

    private static UInt256 PriceAt(AccountAt account, IReadOnlyList<StageState> route, int firstStep, in UInt256 rate, in TokenFace face, in ValueScale scale) =>
        scale.PriceOf(QuoteChain.Of([.. route.Take(route.Count - 1), route[^1] with { Rate = rate }], account.At), firstStep, face);
}

/// <summary>What one liquidate could take at most, for each collateral.</summary>
internal static class LiquidationQuotes
{
    public static List<LiquidationQuote> Of(AccountAt account, ValueScale scale)
    {
        var quotes = new List<LiquidationQuote>();
        foreach (var leg in account.Legs)
        {
            if (leg.State.Unread is not null || !leg.State.Ltv.IsRecognized || Computed.OrNull<LiquidationAmounts>(() => Liquidations.Most(
                account.Health, leg.Shares, leg.Value, account.State.MaxLiquidationDiscount)) is not { } amounts || amounts.Yield.IsZero)
            {
                continue;
            }

            var taken = leg.Chain.Quote(amounts.Yield);
            var repaid = amounts.Repay.IsZero ? UInt256.Zero : account.Debts.Quote(amounts.Repay);
            quotes.Add(new LiquidationQuote(
                account.State.Asset,
                account.State.Face.Symbol.ToString(),
                amounts.Repay,
                leg.State.Asset,
                leg.State.Face.Symbol.ToString(),
                leg.ToAsset(amounts.Yield),
                scale.Of(taken > repaid ? taken - repaid : UInt256.Zero)));
        }

        quotes.Sort(static (a, b) => b.Loss != a.Loss ? b.Loss.CompareTo(a.Loss) : a.CollateralAsset.CompareTo(b.CollateralAsset));
        return quotes;
    }
}
