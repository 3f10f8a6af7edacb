using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>From health to a status.</summary>
internal static class Verdicts
{
    public static Verdict Of(in Health health) => new(
        !health.IsLiquidatable ? MarginStatus.Healthy : health.IsInsolvent ? MarginStatus.Insolvent : MarginStatus.Liquidatable,
        health.Factor);
}
