using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>From health to a status.</summary>
internal static class Verdicts
{
    public static Verdict Of(in AccountHealth health) => new(
        health.IsHealthy ? MarginStatus.Healthy : health.IsInsolvent ? MarginStatus.Insolvent : MarginStatus.Liquidatable,
        health.Factor);
}
