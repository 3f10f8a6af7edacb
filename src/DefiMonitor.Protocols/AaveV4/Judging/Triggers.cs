using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>How far liquidation is.</summary>
internal static class Triggers
{
    public static Trigger Liquidation(AccountAt account)
    {
        var edges = new List<PriceEdge>();
        var seen = new HashSet<Address>();
        foreach (var leg in account.Legs)
        {
            var source = leg.State.PriceSource;
            if (seen.Add(source) && Computed.OrNull(() => PriceEdges.Of(account, source)) is { } edge)
            {
                edges.Add(new PriceEdge(leg.State.Asset, leg.State.Symbol, edge.Side, edge.Price, leg.Leg.Price));
            }
        }

        return new Trigger
        {
            Kind = TriggerKind.Liquidation,
            Threshold = AccountData.Threshold,
            Active = account.Sum.HealthFactor < AccountData.Threshold,
            UniformFallPpm = Computed.OrNull(() => PriceEdges.UniformFall(account)),
            Edges = edges,
            SecondsAtConstantPrices = Computed.OrNull(() => TimeToEdge.Seconds(account)),
        };
    }
}
