using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>The health factor's inequality turned around: HF at least h exactly when backing * 10^18 + floor(D / 2) is at least factor * D.</summary>
public static class DebtLimit
{
    /// <summary>The largest debt, base units, at which these sums still have health <paramref name="health"/> (wad).</summary>
    public static UInt256 MaxDebt(AaveVersion version, in AccountSum sum, in UInt256 health)
    {
        var (backing, factor) = version >= AaveVersion.V35
            ? (sum.Threshold * FixedPoint.Wad, health * FixedPoint.BpsOne)
            : (sum.Backing(version) * FixedPoint.Wad, health);
        var debt = (backing * 2u / ((factor * 2u) - UInt256.One)) + 2u;
        while (!debt.IsZero && backing + (debt >> 1) < factor * debt)
        {
            debt -= UInt256.One;
        }

        return debt;
    }

    /// <summary>
    /// The least that the backing must be for health <paramref name="health"/> at this debt: from 3.5 on the sum of value times threshold,
    /// up to 3.4 the health factor's numerator.
    /// </summary>
    public static UInt256 MinBacking(AaveVersion version, in UInt256 debt, in UInt256 health)
    {
        var factor = version >= AaveVersion.V35 ? health * FixedPoint.BpsOne : health;
        return FixedPoint.MulDivCeil((factor * debt) - (debt >> 1), UInt256.One, FixedPoint.Wad);
    }
}
