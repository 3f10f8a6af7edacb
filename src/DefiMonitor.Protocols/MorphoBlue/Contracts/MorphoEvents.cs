using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

// The events that are folded, each with the inputs of its ABI in their order: EventsLib.sol of morpho-blue v1.0.0. Assets in the token's decimals.
internal readonly record struct SetFee(Hash32 Id, UInt256 NewFee);

internal readonly record struct SetAuthorization(Address Caller, Address Authorizer, Address Authorized, bool NewIsAuthorized);

internal readonly record struct Supply(Hash32 Id, Address Caller, Address OnBehalf, UInt256 Assets, UInt256 Shares);

internal readonly record struct Withdraw(Hash32 Id, Address Caller, Address OnBehalf, Address Receiver, UInt256 Assets, UInt256 Shares);

internal readonly record struct Borrow(Hash32 Id, Address Caller, Address OnBehalf, Address Receiver, UInt256 Assets, UInt256 Shares);

internal readonly record struct Repay(Hash32 Id, Address Caller, Address OnBehalf, UInt256 Assets, UInt256 Shares);

internal readonly record struct SupplyCollateral(Hash32 Id, Address Caller, Address OnBehalf, UInt256 Assets);

internal readonly record struct WithdrawCollateral(Hash32 Id, Address Caller, Address OnBehalf, Address Receiver, UInt256 Assets);

internal readonly record struct Liquidate(
    Hash32 Id, Address Caller, Address Borrower, UInt256 RepaidAssets, UInt256 RepaidShares, UInt256 SeizedAssets, UInt256 BadDebtAssets, UInt256 BadDebtShares);

internal readonly record struct AccrueInterest(Hash32 Id, UInt256 PrevBorrowRate, UInt256 Interest, UInt256 FeeShares);

/// <summary>Of the AdaptiveCurveIrm: the rate at target that it has stored.</summary>
internal readonly record struct BorrowRateUpdate(Hash32 Id, UInt256 AvgBorrowRate, UInt256 RateAtTarget);
