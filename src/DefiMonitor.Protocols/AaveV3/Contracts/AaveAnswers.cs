using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

// What the view calls answer, shaped as their ABI says.
internal readonly record struct ConfigurationMap(UInt256 Data);

/// <summary>DataTypes.ReserveDataLegacy: the same in every version, fields that went out of use answer 0.</summary>
internal readonly record struct ReserveData(
    ConfigurationMap Configuration,
    UInt128 LiquidityIndex,
    UInt128 CurrentLiquidityRate,
    UInt128 VariableBorrowIndex,
    UInt128 CurrentVariableBorrowRate,
    UInt128 CurrentStableBorrowRate,
    ulong LastUpdateTimestamp,
    ushort Id,
    Address ATokenAddress,
    Address StableDebtTokenAddress,
    Address VariableDebtTokenAddress,
    Address InterestRateStrategyAddress,
    UInt128 AccruedToTreasury,
    UInt128 Unbacked,
    UInt128 IsolationModeTotalDebt);

internal readonly record struct EModeCategoryData(ushort Ltv, ushort LiquidationThreshold, ushort LiquidationBonus, Address PriceSource, string Label);

internal readonly record struct CollateralConfig(ushort Ltv, ushort LiquidationThreshold, ushort LiquidationBonus);

internal readonly record struct UserAccountData(
    UInt256 TotalCollateralBase, UInt256 TotalDebtBase, UInt256 AvailableBorrowsBase, UInt256 CurrentLiquidationThreshold, UInt256 Ltv, UInt256 HealthFactor)
{
    public UInt256 Word(int index) => index switch
    {
        0 => TotalCollateralBase,
        1 => TotalDebtBase,
        2 => AvailableBorrowsBase,
        3 => CurrentLiquidationThreshold,
        4 => Ltv,
        _ => HealthFactor,
    };
}
