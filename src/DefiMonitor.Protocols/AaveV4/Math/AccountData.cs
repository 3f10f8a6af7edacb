using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>The words of Spoke.getUserAccountData in its own order.</summary>
/// <param name="RiskPremium">Bps, as it would be set now; what the debt carries was set by the user's last action.</param>
/// <param name="AvgCollateralFactor">Wad.</param>
/// <param name="HealthFactor">Wad; 2^256 - 1 without debt.</param>
/// <param name="TotalCollateralValue">10^26 for a dollar.</param>
/// <param name="TotalDebtValueRay">10^53 for a dollar.</param>
public readonly record struct AccountData(
    UInt256 RiskPremium,
    UInt256 AvgCollateralFactor,
    UInt256 HealthFactor,
    UInt256 TotalCollateralValue,
    UInt256 TotalDebtValueRay,
    UInt256 ActiveCollateralCount,
    UInt256 BorrowCount)
{
    public const int WordCount = 7;

    /// <summary>HEALTH_FACTOR_LIQUIDATION_THRESHOLD: below it an account is open to liquidation.</summary>
    public static UInt256 Threshold => FixedPoint.Wad;

    public static IReadOnlyList<string> WordNames { get; } =
        ["riskPremium", "avgCollateralFactor", "healthFactor", "totalCollateralValue", "totalDebtValueRay", "activeCollateralCount", "borrowCount"];

    public static AccountData Of(ReadOnlySpan<AccountLeg> legs)
    {
        var sum = default(AccountSum);
        var risks = new List<(uint Risk, UInt256 Value)>();
        foreach (ref readonly var leg in legs)
        {
            var value = sum.Add(leg);
            if (leg.Counts)
            {
                risks.Add((leg.CollateralRisk, value));
            }
        }

        return new AccountData(
            RiskPremiumOf(risks, RayMath.FromRayUp(sum.DebtRay)),
            sum.AverageCollateralFactor,
            sum.HealthFactor,
            sum.Collateral,
            sum.DebtRay,
            sum.ActiveCollaterals,
            sum.Borrows);
    }

    public UInt256 Word(int index) => index switch
    {
        0 => RiskPremium,
        1 => AvgCollateralFactor,
        2 => HealthFactor,
        3 => TotalCollateralValue,
        4 => TotalDebtValueRay,
        5 => ActiveCollateralCount,
        6 => BorrowCount,
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "getUserAccountData has seven words."),
    };

    // The debt is covered by the least risky collaterals first; the premium is their risk, weighted by what each covers.
    private static UInt256 RiskPremiumOf(List<(uint Risk, UInt256 Value)> risks, in UInt256 debt)
    {
        risks.Sort(static (a, b) => a.Risk != b.Risk ? a.Risk.CompareTo(b.Risk) : b.Value.CompareTo(a.Value));
        var left = debt;
        var weighted = UInt256.Zero;
        foreach (var (risk, value) in risks)
        {
            var covered = UInt256.Min(value, left);
            weighted += covered * risk;
            left -= covered;
        }

        return left < debt ? RayMath.DivUp(weighted, debt - left) : UInt256.Zero;
    }
}
