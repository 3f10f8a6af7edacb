using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>From sums to a status.</summary>
internal static class Verdicts
{
    public static Verdict Of(in AccountSum sum)
    {
        var health = sum.HealthFactor;
        return new Verdict(health >= AccountData.Threshold ? MarginStatus.Healthy : sum.IsShort ? MarginStatus.Insolvent : MarginStatus.Liquidatable, health);
    }
}
