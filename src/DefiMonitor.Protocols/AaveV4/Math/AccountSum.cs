using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>
/// The sums of Spoke._processUserAccountData while its loop runs. A mutable struct, so that bulk judging allocates nothing. An overflow anywhere is what the contract's
/// revert is: <see cref="OverflowException"/>.
/// </summary>
public struct AccountSum
{
    /// <summary>10^26 for a dollar.</summary>
    public UInt256 Collateral;

    /// <summary>Sum of value times collateral factor: values times bps.</summary>
    public UInt256 Weighted;

    /// <summary>Values times ray.</summary>
    public UInt256 DebtRay;

    public uint ActiveCollaterals;

    public uint Borrows;

    /// <summary>KeyValueList.MAX_VALUE: a collateral's value must stay below it.</summary>
    private static readonly UInt256 MostValue = (UInt256.One << 224) - UInt256.One;

    /// <summary>From bps to wad.</summary>
    private static readonly UInt256 BpsToWad = UInt256.Pow10(14);

    /// <returns>The collateral's value, 0 where it does not count.</returns>
    public UInt256 Add(in AccountLeg leg)
    {
        var value = UInt256.Zero;
        if (leg.Counts)
        {
            value = leg.Value(leg.Supplied);
            AddCollateral(value, leg.CollateralFactor);
        }

        if (leg.Owes)
        {
            AddDebt(leg.Value(leg.DebtRay));
        }

        return value;
    }

    /// <param name="factor">Bps, not 0.</param>
    public void AddCollateral(in UInt256 value, uint factor)
    {
        if (value >= MostValue)
        {
            throw new OverflowException($"A collateral's value of {value} is more than the contract can sort.");
        }

        Collateral += value;
        Weighted += value * factor;
        ActiveCollaterals++;
    }

    public void AddDebt(in UInt256 valueRay)
    {
        DebtRay += valueRay;
        Borrows++;
    }

    /// <summary>Wad; 2^256 - 1 without debt.</summary>
    public readonly UInt256 HealthFactor =>
        DebtRay.IsZero ? UInt256.MaxValue : UInt256.MulDiv(Weighted * BpsToWad, FixedPoint.Ray, DebtRay, Rounding.Down);

    /// <summary>Wad.</summary>
    public readonly UInt256 AverageCollateralFactor => Collateral.IsZero ? UInt256.Zero : Weighted * BpsToWad / Collateral;

    /// <summary>The collateral, whatever its factors, is worth less than the debt.</summary>
    public readonly bool IsShort => Collateral < RayMath.FromRayUp(DebtRay);
}
