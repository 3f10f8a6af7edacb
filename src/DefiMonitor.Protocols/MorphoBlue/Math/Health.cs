using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>What a position owes and may owe. Source: Morpho.sol _isHealthy.</summary>
/// <param name="Debt">Loan assets, rounded up.</param>
/// <param name="CollateralValue">Loan assets, rounded down.</param>
/// <param name="MaxBorrow">Loan assets: the value at the liquidation loan-to-value.</param>
public readonly record struct Health(UInt256 Debt, UInt256 CollateralValue, UInt256 MaxBorrow)
{
    /// <summary>ORACLE_PRICE_SCALE: 10^36.</summary>
    public static UInt256 PriceScale { get; } = UInt256.Pow10(36);

    /// <summary>Wad, floored; 2^256 - 1 without debt. At least one wad exactly when the contract says healthy.</summary>
    public UInt256 Factor => Debt.IsZero ? UInt256.MaxValue : FixedPoint.MulDivFloor(MaxBorrow, FixedPoint.Wad, Debt);

    public bool IsHealthy => MaxBorrow >= Debt;

    /// <summary>What is there does not cover the debt.</summary>
    public bool IsInsolvent => CollateralValue < Debt;

    /// <param name="totals">With interest up to the instant.</param>
    /// <param name="price">Of the market's oracle, scaled by 10^(36 + loan decimals - collateral decimals).</param>
    /// <param name="lltv">Wad.</param>
    public static Health Of(in MarketTotals totals, UInt128 borrowShares, UInt128 collateral, in UInt256 price, in UInt256 lltv)
    {
        // Without debt _isHealthy asks neither for a price nor for a value.
        if (borrowShares == 0)
        {
            return new Health(UInt256.Zero, UInt256.MulDiv(collateral, price, PriceScale, Rounding.Down), UInt256.Zero);
        }

        var value = FixedPoint.MulDivFloor(collateral, price, PriceScale);
        return new Health(totals.DebtOf(borrowShares), value, FixedPoint.MulDivFloor(value, lltv, FixedPoint.Wad));
    }
}
