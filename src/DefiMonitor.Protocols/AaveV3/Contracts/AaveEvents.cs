using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

// The events that are folded, each with the inputs of its ABI in their order. Amounts in the token's decimals, indexes and rates in ray.
internal readonly record struct Borrow(
    Address Reserve, Address User, Address OnBehalfOf, UInt256 Amount, byte InterestRateMode, UInt256 BorrowRate, ushort ReferralCode);

internal readonly record struct LiquidationCall(
    Address CollateralAsset, Address DebtAsset, Address User, UInt256 DebtToCover, UInt256 LiquidatedCollateralAmount, Address Liquidator, bool ReceiveAToken);

internal readonly record struct ReserveDataUpdated(
    Address Reserve, UInt256 LiquidityRate, UInt256 StableBorrowRate, UInt256 VariableBorrowRate, UInt256 LiquidityIndex, UInt256 VariableBorrowIndex);

internal readonly record struct ReserveUsedAsCollateralEnabled(Address Reserve, Address User);

internal readonly record struct ReserveUsedAsCollateralDisabled(Address Reserve, Address User);

internal readonly record struct UserEModeSet(Address User, byte CategoryId);

internal readonly record struct IsolationModeTotalDebtUpdated(Address Asset, UInt256 TotalDebt);

internal readonly record struct SwapBorrowRateMode(Address Reserve, Address User, byte InterestRateMode);

internal readonly record struct RebalanceStableBorrowRate(Address Reserve, Address User);

internal readonly record struct ReserveInitialized(
    Address Asset, Address AToken, Address StableDebtToken, Address VariableDebtToken, Address InterestRateStrategyAddress);

internal readonly record struct EModeCategoryAdded(
    byte CategoryId, UInt256 Ltv, UInt256 LiquidationThreshold, UInt256 LiquidationBonus, Address Oracle, string Label);

internal readonly record struct AssetCollateralInEModeChanged(Address Asset, byte CategoryId, bool Collateral);

internal readonly record struct AssetLtvzeroInEModeChanged(Address Asset, byte CategoryId, bool Ltvzero);

internal readonly record struct EModeCategoryIsolationChanged(byte CategoryId, bool Isolated);

/// <param name="Data">InterestRateData of IDefaultInterestRateStrategyV2, ABI encoded: four numbers in bps.</param>
internal readonly record struct ReserveInterestRateDataChanged(Address Asset, Address Strategy, byte[] Data);

internal readonly record struct AssetSourceUpdated(Address Asset, Address Source);

/// <summary>Mint of an aToken or variable debt token: see <see cref="TokenEvents"/>.</summary>
internal readonly record struct TokenMint(Address Caller, Address OnBehalfOf, UInt256 Value, UInt256 BalanceIncrease, UInt256 Index);

internal readonly record struct TokenBurn(Address From, Address Target, UInt256 Value, UInt256 BalanceIncrease, UInt256 Index);

/// <summary>The value is scaled already.</summary>
internal readonly record struct BalanceTransfer(Address From, Address To, UInt256 Value, UInt256 Index);
