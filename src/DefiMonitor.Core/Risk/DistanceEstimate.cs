using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Core.Risk;

/// <summary>How far the nearest trigger is, measured in what a usual day moves. An estimate: it orders attention and never decides a verdict.</summary>
/// <param name="Sigmas">ln(health / threshold) divided by <paramref name="DailySigma"/>; 0 at the edge and below.</param>
/// <param name="DailySigma">Standard deviation of one day's change of ln(health factor) for this account's own mix of collateral and debt (0.04 = 4 %).</param>
/// <param name="LogSlack">ln(health / threshold), 0 at the edge and below.</param>
/// <param name="Assumed">True when a token in the mix is in no asset file and the cautious default was used.</param>
public sealed record DistanceEstimate(double Sigmas, double DailySigma, double LogSlack, bool Assumed)
{
    /// <summary>Always Model.</summary>
    public ResultTag Tag => ResultTag.Model;
}
