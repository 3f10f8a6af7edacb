using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

// What the view calls answer, shaped as their ABI says.
internal readonly record struct LiquidationConfigAnswer(UInt128 TargetHealthFactor, ulong HealthFactorForMaxBonus, ushort LiquidationBonusFactor)
{
    public LiquidationConfig Config => new(TargetHealthFactor, HealthFactorForMaxBonus, LiquidationBonusFactor);
}

internal readonly record struct ReserveAnswer(
    Address Underlying, Address Hub, ushort AssetId, byte Decimals, uint CollateralRisk, byte Flags, uint DynamicConfigKey);

internal readonly record struct DynamicConfigAnswer(ushort CollateralFactor, uint MaxLiquidationBonus, ushort LiquidationFee)
{
    public DynamicConfig Config => new(CollateralFactor, MaxLiquidationBonus, LiquidationFee);
}

internal readonly record struct UserPositionAnswer(
    UInt128 DrawnShares, UInt128 PremiumShares, BigInteger PremiumOffsetRay, UInt128 SuppliedShares, uint DynamicConfigKey);

internal readonly record struct UserStatusAnswer(bool IsCollateral, bool IsBorrowing);

internal readonly record struct UserAccountDataAnswer(
    UInt256 RiskPremium,
    UInt256 AvgCollateralFactor,
    UInt256 HealthFactor,
    UInt256 TotalCollateralValue,
    UInt256 TotalDebtValueRay,
    UInt256 ActiveCollateralCount,
    UInt256 BorrowCount)
{
    public AccountData Data => new(RiskPremium, AvgCollateralFactor, HealthFactor, TotalCollateralValue, TotalDebtValueRay, ActiveCollateralCount, BorrowCount);
}

internal readonly record struct HubAssetAnswer(
    UInt128 Liquidity,
    UInt128 RealizedFees,
    byte Decimals,
    UInt128 AddedShares,
    UInt128 Swept,
    BigInteger PremiumOffsetRay,
    UInt128 DrawnShares,
    UInt128 PremiumShares,
    ushort LiquidityFee,
    UInt128 DrawnIndex,
    UInt128 DrawnRate,
    ulong LastUpdateTimestamp,
    Address Underlying,
    Address IrStrategy,
    Address ReinvestmentController,
    Address FeeReceiver,
    UInt256 DeficitRay)
{
    public HubAsset Asset => new(
        Liquidity, Swept, RealizedFees, AddedShares, DrawnShares, PremiumShares, SignedRay.From(PremiumOffsetRay), DeficitRay, DrawnIndex, DrawnRate,
        LastUpdateTimestamp, LiquidityFee);
}

internal readonly record struct SpokeConfigAnswer(ulong AddCap, ulong DrawCap, uint RiskPremiumThreshold, bool Active, bool Halted)
{
    public ReserveRow Into(in ReserveRow row) => row with
    {
        IsActive = Active, IsHalted = Halted, AddCap = AddCap, DrawCap = DrawCap, RiskPremiumThreshold = RiskPremiumThreshold,
    };
}
