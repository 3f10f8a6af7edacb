namespace DefiMonitor.Core.Primitives;

/// <summary>
/// The fixed-point arithmetic of the lending contracts, to the last integer. The product in the middle must fit 256 bits: where it does not, the contract
/// reverts, and these throw <see cref="OverflowException"/>; a division by zero, also a revert there, throws <see cref="DivideByZeroException"/>.
/// Source: aave-v3-origin, protocol/libraries/math/{WadRayMath,PercentageMath,MathUtils}.sol and protocol/libraries/helpers/TokenMath.sol. Up to 3.4 the contracts
/// round half up everywhere; from 3.5 on Floor and Ceil variants are used by name (rayMulFloor = RayMul with <see cref="Rounding.Down"/>, rayMulCeil with
/// <see cref="Rounding.Up"/>, and so on), so the rounding is always spoken here.
/// </summary>
public static class FixedPoint
{
    /// <summary>One basis-point whole: 100 % = 10000 (PERCENTAGE_FACTOR).</summary>
    public const uint BpsOne = 10_000;

    private const ulong WadToRayRatio = 1_000_000_000;

    /// <summary>10^18.</summary>
    public static UInt256 Wad { get; } = UInt256.Pow10(18);

    /// <summary>10^27.</summary>
    public static UInt256 Ray { get; } = UInt256.Pow10(27);

    /// <summary>RAY / 2.</summary>
    public static UInt256 HalfRay { get; } = UInt256.Pow10(27) / 2u;

    /// <summary>a * b / RAY. Either factor in ray, the result in the other's scale.</summary>
    public static UInt256 RayMul(in UInt256 a, in UInt256 b, Rounding rounding) => MulDiv(a, b, Ray, rounding);

    /// <summary>a * RAY / b. a and b in one scale, the result in ray; or b in ray and the result in a's scale.</summary>
    public static UInt256 RayDiv(in UInt256 a, in UInt256 b, Rounding rounding) => MulDiv(a, Ray, b, rounding);

    /// <summary>a * b / WAD.</summary>
    public static UInt256 WadMul(in UInt256 a, in UInt256 b, Rounding rounding) => MulDiv(a, b, Wad, rounding);

    /// <summary>a * WAD / b.</summary>
    public static UInt256 WadDiv(in UInt256 a, in UInt256 b, Rounding rounding) => MulDiv(a, Wad, b, rounding);

    /// <summary>value * bps / 10000; <paramref name="bps"/> in basis points, the result in the value's scale.</summary>
    public static UInt256 PercentMul(in UInt256 value, in UInt256 bps, Rounding rounding) => MulDiv(value, bps, BpsOne, rounding);

    /// <summary>value * 10000 / bps.</summary>
    public static UInt256 PercentDiv(in UInt256 value, in UInt256 bps, Rounding rounding) => MulDiv(value, BpsOne, bps, rounding);

    /// <summary>floor(a * b / c).</summary>
    public static UInt256 MulDivFloor(in UInt256 a, in UInt256 b, in UInt256 c) => MulDiv(a, b, c, Rounding.Down);

    /// <summary>ceil(a * b / c) (MathUtils.mulDivCeil).</summary>
    public static UInt256 MulDivCeil(in UInt256 a, in UInt256 b, in UInt256 c) => MulDiv(a, b, c, Rounding.Up);

    /// <summary>
    /// a * b / c with a 256-bit product; half-up is floor((a * b + floor(c / 2)) / c), and the half term too must fit.
    /// For a 512-bit product see <see cref="UInt256.MulDiv"/>.
    /// </summary>
    public static UInt256 MulDiv(in UInt256 a, in UInt256 b, in UInt256 c, Rounding rounding)
    {
        var product = a * b;
        if (rounding == Rounding.HalfUp)
        {
            return (product + (c >> 1)) / c;
        }

        if (rounding == Rounding.Down)
        {
            return product / c;
        }

        var (quotient, remainder) = UInt256.DivRem(product, c);
        return UInt256.Round(quotient, remainder, c, rounding);
    }

    /// <summary>Wad to ray, exact (WadRayMath.wadToRay).</summary>
    public static UInt256 WadToRay(in UInt256 wad) => wad * WadToRayRatio;

    /// <summary>Ray to wad. WadRayMath.rayToWad rounds half up, and does not overflow near 2^256 as it looks at the remainder.</summary>
    public static UInt256 RayToWad(in UInt256 ray, Rounding rounding)
    {
        var (quotient, remainder) = UInt256.DivRem(ray, WadToRayRatio);
        return UInt256.Round(quotient, remainder, WadToRayRatio, rounding);
    }
}
