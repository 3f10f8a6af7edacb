using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

public enum RemedyKind
{
    Repay,
    Deposit,
}

/// <summary>A sized way out: the smallest amount of one asset that brings the account to a target health factor.</summary>
/// <param name="Amount">In the asset's own decimals; one unit less does not reach the target.</param>
/// <param name="Value">The amount's worth in the venue's unit, rounded up.</param>
/// <param name="TargetHealth">Wad.</param>
/// <param name="HealthAfter">Wad, by forward evaluation; null when the debt is gone.</param>
/// <param name="Caveat">Why it may not work just now (paused, would not be enabled as collateral, cap), else null.</param>
public sealed record Remedy(
    RemedyKind Kind, Address Asset, string Symbol, int Decimals, UInt256 Amount, UInt256 Value, UInt256 TargetHealth, UInt256? HealthAfter, string? Caveat);

/// <summary>The most that one liquidation call could take of a pair.</summary>
/// <param name="DebtToCover">In the debt asset's decimals.</param>
/// <param name="CollateralTaken">From the borrower, protocol fee included, in the collateral's decimals.</param>
/// <param name="Loss">What the borrower loses beyond the debt repaid, in the venue's unit.</param>
public sealed record LiquidationQuote(
    Address DebtAsset, string DebtSymbol, UInt256 DebtToCover, Address CollateralAsset, string CollateralSymbol, UInt256 CollateralTaken, UInt256 Loss);
