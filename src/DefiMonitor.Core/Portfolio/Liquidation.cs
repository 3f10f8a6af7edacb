using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

/// <summary>A liquidation that happened, as the venue's event tells it.</summary>
/// <param name="DebtRepaid">In the debt asset's decimals.</param>
/// <param name="CollateralTaken">In the collateral's decimals, whatever the event counts in (Aave: the liquidator's part, without the protocol fee).</param>
public sealed record Liquidation(MarginAccountId Account, Address DebtAsset, UInt256 DebtRepaid, Address CollateralAsset, UInt256 CollateralTaken)
{
    /// <summary>What the same liquidation took of other collaterals; most venues take one at a time.</summary>
    public IReadOnlyList<TakenCollateral> AlsoTaken { get; init; } = [];
}

/// <param name="Amount">In the token's decimals.</param>
public sealed record TakenCollateral(Address Asset, UInt256 Amount);
