using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>
/// What a hub stores of one asset. Amounts in the asset's decimals, offset and deficit times ray, index and rate in ray, the rate a year. Source: IHub.Asset, AssetLogic,
/// SharesMath.
/// </summary>
/// <param name="LiquidityFee">Bps of the interest.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct HubAsset(
    UInt128 Liquidity,
    UInt128 Swept,
    UInt128 RealizedFees,
    UInt128 AddedShares,
    UInt128 DrawnShares,
    UInt128 PremiumShares,
    SignedRay PremiumOffsetRay,
    UInt256 DeficitRay,
    UInt128 DrawnIndex,
    UInt128 DrawnRate,
    ulong LastUpdate,
    ushort LiquidityFee)
{
    private const ulong SecondsPerYear = 31_536_000;

    /// <summary>
    /// AssetLogic.getDrawnIndex: linear since the last update, rounded up once; it stands while nothing is drawn. Ray.
    /// </summary>
    /// <exception cref="OverflowException">The instant lies before the last update, or the index does not fit.</exception>
    public UInt256 IndexAt(ulong at)
    {
        if (at == LastUpdate || (DrawnShares == 0 && PremiumShares == 0))
        {
            return DrawnIndex;
        }

        UInt256 seconds = at - (UInt256)LastUpdate;
        return FixedPoint.RayMul(DrawnIndex, FixedPoint.Ray + ((UInt256)DrawnRate * seconds / SecondsPerYear), Rounding.Up);
    }

    /// <summary>AssetLogic.accrue: as the hub would store it at the instant, before anything else happens in it.</summary>
    public HubAsset Accrue(ulong at)
    {
        var index = IndexAt(at);
        return this with { RealizedFees = (UInt128)(RealizedFees + UnrealizedFees(index)), DrawnIndex = (UInt128)index, LastUpdate = at };
    }

    /// <summary>AssetLogic.totalAddedAssets: what all suppliers' shares stand for; a deficit counts until it is eliminated.</summary>
    /// <param name="index">As of <see cref="IndexAt"/>.</param>
    public UInt256 TotalAddedAssets(in UInt256 index) =>
        (UInt256)Liquidity + Swept + RayMath.FromRayUp(OwedRay(index)) - RealizedFees - UnrealizedFees(index);

    /// <summary>AssetLogic.getUnrealizedFees.</summary>
    private UInt256 UnrealizedFees(in UInt256 index) => index == DrawnIndex || LiquidityFee == 0
        ? UInt256.Zero
        : FixedPoint.PercentMul(RayMath.FromRayUp(OwedRay(index)) - RayMath.FromRayUp(OwedRay(DrawnIndex)), LiquidityFee, Rounding.Down);

    /// <summary>AssetLogic._calculateAggregatedOwedRay.</summary>
    private UInt256 OwedRay(in UInt256 index) => ((UInt256)DrawnShares * index) + RayMath.PremiumRay(PremiumShares, PremiumOffsetRay, index) + DeficitRay;
}
