using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Core.Risk;

/// <summary>
/// What an account's lenders lose in the mean if nobody liquidates it for a day: E[max(0, debt - collateral)]. Orders attention; decides nothing.
/// </summary>
/// <remarks>
/// A lender against collateral is short a put on it, struck at the debt: R. C. Merton (1974), "On the pricing of corporate debt", Journal of Finance 29. The put is
/// F. Black's (1976) without discount, on collateral over debt as a lognormal without drift, whose daily deviation is that of the account's own mix
/// (<see cref="SigmaDistance"/>).
/// </remarks>
public static class ExpectedLoss
{
    private const double Day = 1.0 / 365;

    /// <summary>In the report's unit (1.0 = one whole); null where the account is Unknown, 0 where it owes nothing.</summary>
    public static double? Of(MarginReport report, IAssetProfiles profiles)
    {
        if (report.Status == MarginStatus.Unknown)
        {
            return null;
        }

        if (report.DebtValue.IsZero || SigmaDistance.Of(report, profiles) is not { } distance)
        {
            return 0;
        }

        var unit = UInt256.Pow10(report.UnitDecimals).ToDouble();
        var put = Black76.Price(OptionSide.Put, report.CollateralValue.ToDouble() / unit, report.DebtValue.ToDouble() / unit, distance.DailySigma / Math.Sqrt(Day), Day);
        return put.Value?.Value;
    }
}
