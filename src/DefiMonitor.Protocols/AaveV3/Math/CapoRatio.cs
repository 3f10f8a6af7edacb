using System.Numerics;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// A capped ratio price feed: the ratio of a yield-bearing token may grow no faster than a yearly rate from its snapshot.
/// Source: PriceCapAdapterBase.sol of bgd-labs/aave-capo at 2c280ef9 (growth kept with six more digits; older deployments keep it unscaled).
/// </summary>
/// <param name="GrowthPerYear">Bps.</param>
/// <param name="SnapshotTime">Seconds.</param>
public readonly record struct CapoRatio(UInt256 SnapshotRatio, ulong SnapshotTime, uint GrowthPerYear, int RatioDecimals)
{
    /// <summary>getMaxRatioGrowthPerSecondScaled: two floors, one after the other.</summary>
    public UInt256 GrowthPerSecondScaled => SnapshotRatio * GrowthPerYear * CapLine.GrowthScale / FixedPoint.BpsOne / ReserveIndexes.SecondsPerYear;

    public UInt256 MaxRatio(ulong at) => new CapLine(SnapshotRatio, SnapshotTime, GrowthPerSecondScaled).At(at);

    public bool IsCapped(in BigInteger ratio, ulong at) => ratio > (BigInteger)MaxRatio(at);

    /// <summary>latestAnswer: 0 where the base price or the ratio is not positive. Signed, as the feeds are.</summary>
    public BigInteger Price(in BigInteger basePrice, in BigInteger ratio, ulong at)
    {
        if (basePrice.Sign <= 0 || ratio.Sign <= 0)
        {
            return BigInteger.Zero;
        }

        return basePrice * BigInteger.Min(ratio, (BigInteger)MaxRatio(at)) / BigInteger.Pow(10, RatioDecimals);
    }
}
