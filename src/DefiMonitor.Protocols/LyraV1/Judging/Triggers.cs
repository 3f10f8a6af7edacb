using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>How far the liquidation of one short is: each position is liquidated on its own, and a strangle has an edge on either side.</summary>
internal static class Triggers
{
    public static Trigger Of(LyraV1State state, ShortMargin margin, ulong at)
    {
        var position = margin.Position;
        var edge = Computed.OrNull(() => SpotEdges.Of(state, position, at));
        return new Trigger
        {
            Kind = TriggerKind.Liquidation,
            Threshold = FixedPoint.Wad,
            Active = margin.IsLiquidatable,
            UniformFallPpm = margin.IsLiquidatable ? 0 : edge is { } low && !position.IsCall ? Shock.FallTo(low, state.Spot) : null,
            Edges = edge is { } price ? [EdgeOf(state, position, price)] : [],
            SecondsAtConstantPrices = Computed.OrNull(() => TimeToEdge.Seconds(state, position, at)),
        };
    }

    /// <summary>For the distance: <see cref="MarginReport.NearEdges"/>.</summary>
    public static List<PriceEdge> NearEdges(LyraV1State state, List<ShortMargin> shorts, ulong at) =>
    [
        .. from margin in shorts
           let price = Computed.OrNull(() => SpotEdges.Near(state, margin.Position, at))
           where price is not null
           select EdgeOf(state, margin.Position, price.Value),
    ];

    private static PriceEdge EdgeOf(LyraV1State state, in PositionState position, in UInt256 price) =>
        new(state.BaseAsset, state.BaseSymbol, position.IsCall ? EdgeSide.Rises : EdgeSide.Falls, price, state.Spot);
}

/// <summary>What liquidating one short takes at most: the position whole. How much of the collateral comes back depends on the pool's own premium.</summary>
internal static class Quotes
{
    public static LiquidationQuote Of(LyraV1State state, ShortMargin margin, OptionLegs legs)
    {
        var position = margin.Position;
        var inBase = position.Type == OptionType.ShortCallBase;
        var collateral = FixedPoint.MulDivFloor(position.Collateral, inBase ? state.Spot : FixedPoint.Wad, FixedPoint.Wad);
        var owed = FixedPoint.MulDivFloor(position.Amount, legs.MarkOf(position), FixedPoint.Wad);
        return new LiquidationQuote(
            state.BaseAsset, legs.NameOf(position), position.Amount,
            inBase ? state.BaseAsset : state.QuoteAsset, inBase ? state.BaseSymbol : state.QuoteSymbol, position.Collateral,
            collateral > owed ? collateral - owed : UInt256.Zero);
    }
}
