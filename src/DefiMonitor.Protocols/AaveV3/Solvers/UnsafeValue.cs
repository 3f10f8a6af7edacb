using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// How much one collateral may be worth, all else unchanged, before the account reaches a health factor. From 3.5 on that is one division. Up to 3.4 the average
/// threshold is floored to whole bps, so the health factor is not monotone in one value: more of a low-threshold collateral can pull the average over a whole bp.
/// There the largest unsafe value is searched inside the few steps of the average around the edge; between two values with the same average it is monotone.
/// </summary>
/// <param name="Others">The sums without this collateral; its debt, if it has any, included.</param>
/// <param name="Threshold">Of this collateral, bps.</param>
/// <param name="Health">Wad.</param>
public readonly record struct UnsafeValue(AaveVersion Version, AccountSum Others, uint Threshold, UInt256 Health)
{
    /// <summary>The largest value, base units and at most <paramref name="cap"/>, with a health factor below <see cref="Health"/>; null when there is none.</summary>
    public UInt256? Largest(in UInt256 cap)
    {
        if (Others.Debt.IsZero || Threshold == 0)
        {
            return null;
        }

        var backing = DebtLimit.MinBacking(Version, Others.Debt, Health);
        if (Version >= AaveVersion.V35)
        {
            return Others.Threshold >= backing
                ? null
                : UInt256.Min(cap, FixedPoint.MulDivCeil(backing - Others.Threshold, UInt256.One, Threshold) - UInt256.One);
        }

        // Safe exactly when collateral * average is at least this (pctMul rounds half up).
        var need = (backing * FixedPoint.BpsOne) - (FixedPoint.BpsOne / 2u);
        var surelyUnsafe = Others.Threshold >= need ? UInt256.Zero : (need - Others.Threshold - UInt256.One) / Threshold;
        return Search(need, UInt256.Min(cap, surelyUnsafe), UInt256.Min(cap, SurelySafe(need)));
    }

    private UInt256 SurelySafe(in UInt256 need)
    {
        // The average is at least the smaller of the two, so collateral * that suffices; and it loses less than one bp, so sum - collateral suffices.
        UInt256 least = Threshold;
        if (!Others.Collateral.IsZero)
        {
            least = UInt256.Max(UInt256.One, UInt256.Min(least, Others.AverageThreshold));
        }

        var byAverage = (need / least) + UInt256.One;
        if (Threshold == 1)
        {
            return byAverage;
        }

        var goal = need + Others.Collateral;
        var bySum = goal <= Others.Threshold ? UInt256.Zero : ((goal - Others.Threshold) / (Threshold - 1)) + UInt256.One;
        return UInt256.Min(byAverage, bySum);
    }

    private UInt256? Search(in UInt256 need, UInt256 low, UInt256 high)
    {
        if (IsUnsafe(need, high))
        {
            return high;
        }

        if (low >= high)
        {
            return null;
        }

        if (Average(low) != Average(high))
        {
            var middle = low + ((high - low) >> 1);
            return Search(need, middle + UInt256.One, high) ?? Search(need, low, middle);
        }

        if (!IsUnsafe(need, low))
        {
            return null;
        }

        while (high - low > UInt256.One)
        {
            var middle = low + ((high - low) >> 1);
            if (IsUnsafe(need, middle))
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private UInt256 Average(in UInt256 value)
    {
        var collateral = Others.Collateral + value;
        return collateral.IsZero ? UInt256.Zero : (Others.Threshold + (value * Threshold)) / collateral;
    }

    private bool IsUnsafe(in UInt256 need, in UInt256 value) => (Others.Collateral + value) * Average(value) < need;
}
