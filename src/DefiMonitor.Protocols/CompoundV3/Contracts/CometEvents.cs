using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

// The events that are folded, each with the inputs of its ABI in their order: CometMainInterface.sol. Amounts in the token's decimals.
internal readonly record struct Upgraded(Address Implementation);

internal readonly record struct Supply(Address From, Address Dst, UInt256 Amount);

internal readonly record struct Withdraw(Address Src, Address To, UInt256 Amount);

/// <summary>Only of the part of a movement that is supply on its own side; the part that borrows or repays is told by none.</summary>
internal readonly record struct Transfer(Address From, Address To, UInt256 Amount);

internal readonly record struct SupplyCollateral(Address From, Address Dst, Address Asset, UInt256 Amount);

internal readonly record struct TransferCollateral(Address From, Address To, Address Asset, UInt256 Amount);

internal readonly record struct WithdrawCollateral(Address Src, Address To, Address Asset, UInt256 Amount);

internal readonly record struct AbsorbDebt(Address Absorber, Address Borrower, UInt256 BasePaidOut, UInt256 UsdValue);

internal readonly record struct AbsorbCollateral(Address Absorber, Address Borrower, Address Asset, UInt256 CollateralAbsorbed, UInt256 UsdValue);
