using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>From health to a status.</summary>
internal static class Verdicts
{
    public static Verdict Of(in Health health) => new(
        health.IsHealthy ? MarginStatus.Healthy : health.IsInsolvent ? MarginStatus.Insolvent : MarginStatus.Liquidatable,
        health.Factor);
}
