using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>Roundings from ray that the contracts name. Source: WadRayMath.sol, Premium.sol.</summary>
internal static class RayMath
{
    /// <summary>WadRayMath.fromRayUp: ceil(a / RAY).</summary>
    public static UInt256 FromRayUp(in UInt256 ray)
    {
        var (quotient, remainder) = UInt256.DivRem(ray, FixedPoint.Ray);
        return remainder.IsZero ? quotient : quotient + UInt256.One;
    }

    /// <summary>MathUtils.divUp.</summary>
    public static UInt256 DivUp(in UInt256 a, in UInt256 b)
    {
        var (quotient, remainder) = UInt256.DivRem(a, b);
        return remainder.IsZero ? quotient : quotient + UInt256.One;
    }

    /// <summary>Premium.calculatePremiumRay: what is owed beyond the drawn amount, asset units times ray.</summary>
    /// <param name="index">Drawn index, ray.</param>
    public static UInt256 PremiumRay(in UInt256 premiumShares, in SignedRay offset, in UInt256 index) => (premiumShares * index) - offset;
}
