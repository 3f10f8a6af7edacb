using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>One reserve of an account as the contract's loop sees it. Amounts in the asset's decimals.</summary>
/// <param name="Price">US dollars, 8 decimals.</param>
/// <param name="Scale">10^(18 - decimals).</param>
/// <param name="CollateralFactor">Bps of the user's own key; 0 where the reserve is not used as collateral.</param>
/// <param name="CollateralRisk">Bps.</param>
/// <param name="Supplied">What the shares are worth, rounded down; it counts where <paramref name="CollateralFactor"/> does.</param>
/// <param name="HasShares">A supply so small that it is worth nothing still counts as a collateral.</param>
/// <param name="DebtRay">Drawn and premium together, times ray, unrounded.</param>
public readonly record struct AccountLeg(
    UInt256 Price, UInt256 Scale, uint CollateralFactor, uint CollateralRisk, UInt256 Supplied, bool HasShares, UInt256 DebtRay, bool Owes)
{
    public bool Counts => CollateralFactor != 0 && HasShares;

    /// <summary>SpokeUtils.toValue: 10^26 for a dollar; exact.</summary>
    public UInt256 Value(in UInt256 amount) => amount * Price * Scale;

    public static UInt256 ScaleOf(int decimals) => UInt256.Pow10(18 - decimals);
}
