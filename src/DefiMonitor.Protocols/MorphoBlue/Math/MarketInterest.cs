using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>A market's stored totals, and what its interest is computed from.</summary>
/// <param name="RateAtTarget">Of AdaptiveCurveIrm, wad per second.</param>
/// <param name="ReadRate">Of an unknown rate model: wad per second from the last update to <paramref name="ReadAt"/>.</param>
public readonly record struct MarketInterest(MarketTotals Totals, IrmKind Kind, UInt256 RateAtTarget, UInt256 ReadRate, ulong ReadAt)
{
    /// <summary>The totals as an action at this second would find them after accrueInterest. An unknown rate model is followed up to where it was asked, no further.</summary>
    public MarketTotals At(ulong seconds) => Kind switch
    {
        IrmKind.None => Totals.Accrue(UInt256.Zero, seconds),
        IrmKind.AdaptiveCurve => Totals.Accrue(AdaptiveCurveIrm.RateOf(Totals, RateAtTarget, seconds).AverageRate, seconds),
        _ => Totals.Accrue(ReadRate, Math.Min(seconds, ReadAt)),
    };
}
