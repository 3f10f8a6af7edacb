using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>How far an auction is, by the model. Whether it can start now is the manager's word.</summary>
internal static class Triggers
{
    public static Trigger Of(DeriveV2State state, AccountVerdict verdict, bool isModelled)
    {
        var isActive = verdict.Status is MarginStatus.Liquidatable or MarginStatus.Insolvent;
        if (!isModelled)
        {
            return new Trigger
            {
                Kind = TriggerKind.Liquidation,
                Threshold = FixedPoint.Wad,
                Active = isActive,
                Tag = ResultTag.Model,
                Unknown = isActive ? null : ModelCheck.Of(state) ?? state.NoModel ?? "The model's answer at a move that is itself a what-if is not told.",
                UniformFallPpm = isActive ? 0 : null,
            };
        }

        var book = Settled(state);
        return new Trigger
        {
            Kind = TriggerKind.Liquidation,
            Threshold = FixedPoint.Wad,
            Active = isActive,
            Tag = ResultTag.Model,
            UniformFallPpm = isActive ? 0 : BookEdges.UniformFallPpm(book),
            VolatilityRisePpm = isActive ? 0 : BookEdges.VolatilityRisePpm(book),
            Edges = Edges(state),
            SecondsAtConstantPrices = isActive ? 0 : BookEdges.SecondsToBreach(book),
        };
    }

    /// <summary>All of them, on both sides of each underlying's price.</summary>
    public static List<PriceEdge> Edges(DeriveV2State state) =>
    [
        .. from edge in BookEdges.Prices(Settled(state))
           let underlying = state.Underlyings[edge.Underlying]
           select new PriceEdge(underlying.Asset, underlying.Symbol, edge.Side, edge.Price, underlying.Spot),
    ];

    // An auction settles the interest before it looks.
    private static DeriveBook Settled(DeriveV2State state) => state.Book! with { Cash = state.Book!.Cash + state.Interest };
}

/// <summary>Our model of the manager against the manager's own words, at the same block.</summary>
internal static class ModelCheck
{
    /// <summary>Null while they agree to a millionth, or there is no model; else which words differ.</summary>
    public static string? Of(DeriveV2State state) => state.Book is { } book
        ? BookCheck.Difference(book, state.Words.Maintenance, state.Words.Initial, state.Words.MarkToMarket)
        : null;
}
