using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>From sums to a status.</summary>
internal static class Verdicts
{
    /// <param name="health">Wad.</param>
    public static Verdict Of(in AccountSum sum, in UInt256 health) => new(StatusOf(sum, health), health);

    private static MarginStatus StatusOf(in AccountSum sum, in UInt256 health)
    {
        if (health >= AccountData.LiquidationThresholdHealth)
        {
            return MarginStatus.Healthy;
        }

        return sum.Collateral < sum.Debt ? MarginStatus.Insolvent : MarginStatus.Liquidatable;
    }
}
