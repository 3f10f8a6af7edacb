using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

/// <summary>A liquidation that happened, as the venue's event tells it.</summary>
/// <param name="DebtRepaid">In the debt asset's decimals.</param>
/// <param name="CollateralTaken">In the collateral's decimals, whatever the event counts in (Aave: the liquidator's part, without the protocol fee).</param>
public sealed record Liquidation(MarginAccountId Account, Address DebtAsset, UInt256 DebtRepaid, Address CollateralAsset, UInt256 CollateralTaken)
{
    /// <summary>What the same liquidation took of other collaterals; most venues take one at a time.</summary>
    public IReadOnlyList<TakenCollateral> AlsoTaken { get; init; } = [];

    /// <summary>Which option was bought back, where the debt was one on <see cref="DebtAsset"/>; null = it was of the token itself.</summary>
    public LiquidatedOption? Option { get; init; }
}

/// <param name="Strike">As in <see cref="OptionTerms"/>.</param>
/// <param name="Expiry">Seconds.</param>
public sealed record LiquidatedOption(OptionKind Kind, UInt256 Strike, ulong Expiry)
{
    public bool Is(OptionTerms? terms) => terms is not null && terms.Kind == Kind && terms.Strike == Strike && terms.Expiry == Expiry;
}

/// <param name="Amount">In the token's decimals.</param>
public sealed record TakenCollateral(Address Asset, UInt256 Amount);
