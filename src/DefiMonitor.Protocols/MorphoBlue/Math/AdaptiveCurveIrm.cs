using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>What the model answers for one stretch of time.</summary>
/// <param name="AverageRate">Wad per second, for the whole stretch.</param>
/// <param name="RateAtTarget">Wad per second, at its end.</param>
public readonly record struct CurveRate(UInt256 AverageRate, UInt256 RateAtTarget);

/// <summary>
/// The rate of a market from its utilisation and from how long it has been away from the target of 90 %.
/// Source: morpho-blue-irm, adaptive-curve-irm/AdaptiveCurveIrm.sol _borrowRate, _curve, _newRateAtTarget; ConstantsLib.sol.
/// </summary>
public static class AdaptiveCurveIrm
{
    private const ulong SecondsPerYear = 31_536_000;

    private static readonly Int128 Wad = 1_000_000_000_000_000_000;

    /// <summary>TARGET_UTILIZATION.</summary>
    private static readonly Int128 Target = Wad * 9 / 10;

    /// <summary>ADJUSTMENT_SPEED, per second.</summary>
    private static readonly Int128 Speed = Wad * 50 / SecondsPerYear;

    /// <summary>CURVE_STEEPNESS.</summary>
    private static readonly Int128 Steepness = Wad * 4;

    /// <summary>INITIAL_RATE_AT_TARGET, 4 % a year.</summary>
    public static UInt256 InitialRate { get; } = (UInt256)(UInt128)(Wad / 25 / SecondsPerYear);

    /// <summary>MIN_RATE_AT_TARGET, 0.1 % a year.</summary>
    public static UInt256 MinRate { get; } = (UInt256)(UInt128)(Wad / 1_000 / SecondsPerYear);

    /// <summary>MAX_RATE_AT_TARGET, 200 % a year.</summary>
    public static UInt256 MaxRate { get; } = (UInt256)(UInt128)(Wad * 2 / SecondsPerYear);

    /// <param name="rateAtTarget">As stored, wad per second; 0 before the first interaction.</param>
    /// <param name="totals">As stored: utilisation is of before the accrual.</param>
    public static CurveRate RateOf(in MarketTotals totals, in UInt256 rateAtTarget, ulong at)
    {
        var seconds = at > totals.LastUpdate ? at - totals.LastUpdate : 0;
        checked
        {
            var utilization = totals.SupplyAssets > 0
                ? Signed(FixedPoint.MulDivFloor(totals.BorrowAssets, FixedPoint.Wad, totals.SupplyAssets))
                : Int128.Zero;
            var norm = utilization > Target ? Wad - Target : Target;
            var error = (utilization - Target) * Wad / norm;
            var average = InitialRate;
            var end = InitialRate;
            if (!rateAtTarget.IsZero)
            {
                var adaptation = Speed * error / Wad * seconds;
                if (adaptation == 0)
                {
                    average = end = rateAtTarget;
                }
                else
                {
                    end = NewRate(rateAtTarget, adaptation);
                    var middle = NewRate(rateAtTarget, adaptation / 2);
                    average = (rateAtTarget + end + (middle * 2u)) / 4u;
                }
            }

            return new CurveRate(Curve(average, error), end);
        }
    }

    private static UInt256 Curve(in UInt256 rate, Int128 error)
    {
        checked
        {
            var coefficient = error < 0 ? Wad - (Wad * Wad / Steepness) : Steepness - Wad;
            var factor = (coefficient * error / Wad) + Wad;
            return FixedPoint.MulDivFloor((UInt256)(UInt128)factor, rate, FixedPoint.Wad);
        }
    }

    private static UInt256 NewRate(in UInt256 start, Int128 adaptation) =>
        UInt256.Min(UInt256.Max(FixedPoint.MulDivFloor(start, ExpLib.WExp(adaptation), FixedPoint.Wad), MinRate), MaxRate);

    private static Int128 Signed(in UInt256 value) => checked((Int128)(UInt128)value);
}
