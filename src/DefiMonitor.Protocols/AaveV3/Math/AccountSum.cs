using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// The sums of GenericLogic.calculateUserAccountData while its loop runs. A mutable struct, so that bulk judging allocates nothing.
/// An overflow anywhere is what the contract's revert is: <see cref="OverflowException"/>.
/// </summary>
public struct AccountSum
{
    public UInt256 Collateral;
    public UInt256 Debt;

    /// <summary>Sum of value times threshold: base units times bps.</summary>
    public UInt256 Threshold;

    /// <summary>Sum of value times LTV: base units times bps.</summary>
    public UInt256 Ltv;

    public bool HasZeroLtv;

    public static AccountSum Of(AaveVersion version, ReadOnlySpan<AccountLeg> legs)
    {
        var sum = default(AccountSum);
        foreach (ref readonly var leg in legs)
        {
            sum.Add(version, leg);
        }

        return sum;
    }

    public void Add(AaveVersion version, in AccountLeg leg)
    {
        if (leg.Terms.Counts)
        {
            var value = leg.SupplyValue;
            Collateral += value;
            Threshold += value * leg.Terms.Threshold;
            if (leg.Terms.IsZeroLtv)
            {
                HasZeroLtv = true;
            }
            else
            {
                Ltv += value * leg.Terms.Ltv;
            }
        }

        if (leg.Terms.Owes)
        {
            Debt += leg.DebtValue(version);
        }
    }

    /// <summary>Wad; 2^256 - 1 without debt.</summary>
    public readonly UInt256 HealthFactor(AaveVersion version) => HealthFactor(version, Collateral, Threshold, Debt);

    /// <summary>The average threshold as the contract truncates it, whole bps.</summary>
    public readonly UInt256 AverageThreshold => Collateral.IsZero ? UInt256.Zero : Threshold / Collateral;

    public readonly UInt256 AverageLtv => Collateral.IsZero ? UInt256.Zero : Ltv / Collateral;

    /// <summary>
    /// Up to 3.4 the average threshold is truncated to whole bps first, so more collateral of a low threshold can lower the health factor.
    /// From 3.5 on the exact sum is divided.
    /// </summary>
    public static UInt256 HealthFactor(AaveVersion version, in UInt256 collateral, in UInt256 threshold, in UInt256 debt)
    {
        if (debt.IsZero)
        {
            return UInt256.MaxValue;
        }

        return version >= AaveVersion.V35
            ? FixedPoint.WadDiv(threshold, debt, Rounding.HalfUp) / FixedPoint.BpsOne
            : FixedPoint.WadDiv(Backing(version, collateral, threshold), debt, Rounding.HalfUp);
    }

    /// <summary>The health factor's numerator in base units: what the debt may grow to.</summary>
    public readonly UInt256 Backing(AaveVersion version) => Backing(version, Collateral, Threshold);

    /// <summary>Source: GenericLogic.calculateAvailableBorrows.</summary>
    public readonly UInt256 AvailableBorrows(AaveVersion version)
    {
        var cap = FixedPoint.PercentMul(Collateral, AverageLtv, version >= AaveVersion.V35 ? Rounding.Down : Rounding.HalfUp);
        return cap <= Debt ? UInt256.Zero : cap - Debt;
    }

    private static UInt256 Backing(AaveVersion version, in UInt256 collateral, in UInt256 threshold) => version >= AaveVersion.V35
        ? threshold / FixedPoint.BpsOne
        : FixedPoint.PercentMul(collateral, collateral.IsZero ? UInt256.Zero : threshold / collateral, Rounding.HalfUp);
}
