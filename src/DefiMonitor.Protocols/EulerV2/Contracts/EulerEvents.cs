using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

// The events that are folded, each with the inputs of its ABI in their order: shared/Events.sol and modules/Governance.sol of euler-vault-kit, Events.sol of
// ethereum-vault-connector, EulerRouter.sol of euler-price-oracle. Assets in the asset's decimals, shares in the vault's.
internal readonly record struct Transfer(Address From, Address To, UInt256 Value);

internal readonly record struct Borrow(Address Account, UInt256 Assets);

internal readonly record struct Repay(Address Account, UInt256 Assets);

internal readonly record struct PullDebt(Address From, Address To, UInt256 Assets);

internal readonly record struct DebtSocialized(Address Account, UInt256 Assets);

internal readonly record struct Liquidate(Address Liquidator, Address Violator, Address Collateral, UInt256 RepayAssets, UInt256 YieldBalance);

/// <summary>What a vault has stored at the end of each batch that touched it; borrows in whole units of the asset, rounded up.</summary>
internal readonly record struct VaultStatus(
    UInt256 TotalShares, UInt256 TotalBorrows, UInt256 AccumulatedFees, UInt256 Cash, UInt256 InterestAccumulator, UInt256 InterestRate, UInt256 Timestamp);

internal readonly record struct GovSetLTV(
    Address Collateral, ushort BorrowLTV, ushort LiquidationLTV, ushort InitialLiquidationLTV, ulong TargetTimestamp, uint RampDuration);

internal readonly record struct GovSetMaxLiquidationDiscount(ushort NewDiscount);

internal readonly record struct GovSetLiquidationCoolOffTime(ushort NewCoolOffTime);

internal readonly record struct GovSetHookConfig(Address NewHookTarget, uint NewHookedOps);

internal readonly record struct GovSetInterestFee(ushort NewFee);

internal readonly record struct CollateralStatus(Address Account, Address Collateral, bool Enabled);

internal readonly record struct ControllerStatus(Address Account, Address Controller, bool Enabled);

internal readonly record struct AccountStatusCheck(Address Account, Address Controller);

/// <summary>Of an EulerRouter, for both directions of the pair.</summary>
internal readonly record struct ConfigSet(Address Asset0, Address Asset1, Address Oracle);

internal readonly record struct ResolvedVaultSet(Address Vault, Address Asset);

internal readonly record struct FallbackOracleSet(Address FallbackOracle);
