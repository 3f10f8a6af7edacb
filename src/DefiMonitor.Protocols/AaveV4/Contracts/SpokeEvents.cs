using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

// The events of a Spoke that are folded, each with the inputs of its ABI in their order: ISpoke.sol. Amounts in the asset's decimals, configurations in bps.
internal readonly record struct Upgraded(Address Implementation);

internal readonly record struct PremiumDelta(BigInteger SharesDelta, BigInteger OffsetRayDelta, UInt256 RestoredPremiumRay);

internal readonly record struct Supply(UInt256 ReserveId, Address Caller, Address User, UInt256 SuppliedShares, UInt256 SuppliedAmount);

internal readonly record struct Withdraw(UInt256 ReserveId, Address Caller, Address User, UInt256 WithdrawnShares, UInt256 WithdrawnAmount);

internal readonly record struct Borrow(UInt256 ReserveId, Address Caller, Address User, UInt256 DrawnShares, UInt256 DrawnAmount);

internal readonly record struct Repay(UInt256 ReserveId, Address Caller, Address User, UInt256 DrawnShares, UInt256 TotalAmountRepaid, PremiumDelta PremiumDelta);

internal readonly record struct LiquidationCall(
    UInt256 CollateralReserveId,
    UInt256 DebtReserveId,
    Address User,
    Address Liquidator,
    bool ReceiveShares,
    UInt256 DebtAmountRestored,
    UInt256 DrawnSharesLiquidated,
    PremiumDelta PremiumDelta,
    UInt256 CollateralAmountRemoved,
    UInt256 CollateralSharesLiquidated,
    UInt256 CollateralSharesToLiquidator);

internal readonly record struct ReportDeficit(UInt256 ReserveId, Address User, UInt256 DrawnShares, PremiumDelta PremiumDelta);

internal readonly record struct SetUsingAsCollateral(UInt256 ReserveId, Address Caller, Address User, bool UsingAsCollateral);

internal readonly record struct RefreshAllUserDynamicConfig(Address User);

internal readonly record struct RefreshSingleUserDynamicConfig(Address User, UInt256 ReserveId);

internal readonly record struct RefreshPremiumDebt(UInt256 ReserveId, Address User, PremiumDelta PremiumDelta);

internal readonly record struct UpdateLiquidationConfig(LiquidationConfigAnswer Config);

internal readonly record struct AddReserve(UInt256 ReserveId, UInt256 AssetId, Address Hub);

internal readonly record struct ReserveConfigData(uint CollateralRisk, bool Paused, bool Frozen, bool Borrowable, bool ReceiveSharesEnabled)
{
    public ReserveFlags Flags => (Paused ? ReserveFlags.Paused : 0) | (Frozen ? ReserveFlags.Frozen : 0) | (Borrowable ? ReserveFlags.Borrowable : 0)
        | (ReceiveSharesEnabled ? ReserveFlags.ReceiveSharesEnabled : 0);
}

internal readonly record struct UpdateReserveConfig(UInt256 ReserveId, ReserveConfigData Config);

internal readonly record struct UpdateReservePriceSource(UInt256 ReserveId, Address PriceSource);

/// <summary>AddDynamicReserveConfig, whose key becomes the latest, and UpdateDynamicReserveConfig, which changes what users of the key are bound to.</summary>
internal readonly record struct DynamicConfigSet(UInt256 ReserveId, uint DynamicConfigKey, DynamicConfigAnswer Config);
