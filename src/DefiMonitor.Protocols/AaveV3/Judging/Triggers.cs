using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>How far liquidation is.</summary>
internal static class Triggers
{
    public static Trigger Liquidation(IReadOnlyList<AaveReserveState> used, AccountAt account)
    {
        var threshold = AccountData.LiquidationThresholdHealth;
        var edges = new List<PriceEdge>();
        var seen = new HashSet<Address>();
        for (var i = 0; i < used.Count; i++)
        {
            var source = account.Legs[i].PriceSource;
            if (seen.Add(source) && Computed.OrNull(() => PriceEdges.Of(account, source, threshold)) is { } edge)
            {
                edges.Add(new PriceEdge(used[i].Asset, used[i].Symbol, edge.Side, edge.Price, account.Legs[i].Price));
            }
        }

        return new Trigger
        {
            Kind = TriggerKind.Liquidation,
            Threshold = threshold,
            Active = account.HealthFactor < threshold,
            UniformFallPpm = Computed.OrNull(() => new UniformFall(account, threshold).Find()),
            Edges = edges,
            SecondsAtConstantPrices = Computed.OrNull(() => TimeToEdge.Seconds(account, threshold)),
        };
    }
}
