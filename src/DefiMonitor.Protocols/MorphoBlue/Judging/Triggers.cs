using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>How far liquidation is.</summary>
internal static class Triggers
{
    public static Trigger Liquidation(MorphoBlueState state, PositionAt position, in ValueScale scale)
    {
        var edge = PriceEdges.Of(position.Health.Debt, position.Collateral, position.Lltv);
        return new Trigger
        {
            Kind = TriggerKind.Liquidation,
            Threshold = FixedPoint.Wad,
            Active = !position.Health.IsHealthy,
            UniformFallPpm = !position.Health.IsHealthy ? 0 : edge is { } at ? Shock.FallTo(at, position.Price) : null,
            Edges = edge is { } price
                ? [new PriceEdge(
                    state.Parameters.CollateralToken, state.Collateral.Symbol.ToString(), EdgeSide.Falls, scale.OfPrice(price), scale.OfPrice(position.Price))]
                : [],
            SecondsAtConstantPrices = Computed.OrNull(() => TimeToEdge.Seconds(position, static health => !health.IsHealthy)),
        };
    }
}

/// <summary>What one liquidate could take at most.</summary>
internal static class Quotes
{
    public static List<LiquidationQuote> Of(MorphoBlueState state, PositionAt position, ValueScale scale)
    {
        if (Computed.OrNull(() => LargestLiquidation.Of(position)) is not { } amounts)
        {
            return [];
        }

        var taken = FixedPoint.MulDivFloor(amounts.Seized, position.Price, Health.PriceScale);
        return
        [
            new LiquidationQuote(
                state.Parameters.LoanToken,
                state.Loan.Symbol.ToString(),
                amounts.RepaidAssets,
                state.Parameters.CollateralToken,
                state.Collateral.Symbol.ToString(),
                amounts.Seized,
                scale.OfLoan(taken > amounts.RepaidAssets ? taken - amounts.RepaidAssets : UInt256.Zero)),
        ];
    }
}
