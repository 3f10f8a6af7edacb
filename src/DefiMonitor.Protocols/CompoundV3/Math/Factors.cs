using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>Comet's small arithmetic; a product beyond 256 bits reverts there and throws here. Source: Comet.sol mulFactor, mulPrice, divPrice.</summary>
public static class Factors
{
    /// <summary>floor(n * factor / 10^18).</summary>
    /// <param name="factor">Wad.</param>
    public static UInt256 Mul(in UInt256 n, in UInt256 factor) => FixedPoint.MulDivFloor(n, factor, FixedPoint.Wad);

    /// <summary>floor(n * price / scale): what an amount is worth.</summary>
    /// <param name="price">Of one whole token, 8 decimals.</param>
    /// <param name="scale">10^decimals of the token.</param>
    public static UInt256 MulPrice(in UInt256 n, in UInt256 price, ulong scale) => FixedPoint.MulDivFloor(n, price, scale);

    /// <summary>floor(value * scale / price): the amount that a value buys.</summary>
    public static UInt256 DivPrice(in UInt256 value, in UInt256 price, ulong scale) => FixedPoint.MulDivFloor(value, scale, price);
}
