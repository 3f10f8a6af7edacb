using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>The words of Pool.getUserAccountData in its own order (threshold before LTV), and the zero-LTV flag that the pool keeps to itself.</summary>
/// <param name="CurrentLiquidationThreshold">Bps.</param>
/// <param name="Ltv">Bps.</param>
/// <param name="HealthFactor">Wad; 2^256 - 1 without debt.</param>
public readonly record struct AccountData(
    UInt256 TotalCollateralBase,
    UInt256 TotalDebtBase,
    UInt256 AvailableBorrowsBase,
    UInt256 CurrentLiquidationThreshold,
    UInt256 Ltv,
    UInt256 HealthFactor,
    bool HasZeroLtvCollateral)
{
    public const int WordCount = 6;

    /// <summary>A health factor below this is open to liquidation (ValidationLogic.HEALTH_FACTOR_LIQUIDATION_THRESHOLD).</summary>
    public static UInt256 LiquidationThresholdHealth => FixedPoint.Wad;

    public static IReadOnlyList<string> WordNames { get; } =
        ["totalCollateralBase", "totalDebtBase", "availableBorrowsBase", "currentLiquidationThreshold", "ltv", "healthFactor"];

    public static AccountData Of(AaveVersion version, ReadOnlySpan<AccountLeg> legs) => Of(version, AccountSum.Of(version, legs));

    public static AccountData Of(AaveVersion version, in AccountSum sum) => new(
        sum.Collateral,
        sum.Debt,
        sum.AvailableBorrows(version),
        sum.AverageThreshold,
        sum.AverageLtv,
        sum.HealthFactor(version),
        sum.HasZeroLtv);

    public UInt256 Word(int index) => index switch
    {
        0 => TotalCollateralBase,
        1 => TotalDebtBase,
        2 => AvailableBorrowsBase,
        3 => CurrentLiquidationThreshold,
        4 => Ltv,
        5 => HealthFactor,
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "getUserAccountData has six words."),
    };
}
