using System.Numerics;
using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>OptionMarket.OptionType.</summary>
public enum OptionType : byte
{
    LongCall,
    LongPut,

    /// <summary>Collateral in the base asset.</summary>
    ShortCallBase,

    /// <summary>Collateral in the quote asset.</summary>
    ShortCallQuote,
    ShortPutQuote,
}

/// <summary>OptionGreekCache.MinCollateralParameters, in its order: 18 decimals each, the points in seconds to the expiry.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct MinCollateralParameters(
    UInt256 MinStaticQuoteCollateral,
    UInt256 MinStaticBaseCollateral,
    UInt256 ShockVolA,
    UInt256 ShockVolPointA,
    UInt256 ShockVolB,
    UInt256 ShockVolPointB,
    UInt256 CallSpotPriceShock,
    UInt256 PutSpotPriceShock);

/// <summary>A strike's price at the shocked spot, from which the requirement of any amount follows.</summary>
/// <param name="Option">Of one call or put.</param>
/// <param name="Spot">The spot as shocked.</param>
public readonly record struct ShockedPrice(UInt256 Option, UInt256 Spot);

/// <summary>What a short position must hold. Source: Lyra v1, OptionGreekCache.sol getMinCollateral, getShockVol.</summary>
public static class MinimumCollateral
{
    /// <summary>The price that a requirement goes by: a call's at the spot shocked up, a put's at the spot shocked down, at the shock volatility.</summary>
    /// <param name="strike">18 decimals, as is <paramref name="spot"/>.</param>
    /// <param name="rate">OptionGreekCache's rateAndCarry, 18 decimals.</param>
    /// <exception cref="ArithmeticException">Where the contract reverts.</exception>
    public static ShockedPrice Price(bool isCall, in MinCollateralParameters parameters, in UInt256 strike, ulong expiry, in UInt256 spot, in Int128 rate, ulong at)
    {
        var seconds = expiry > at ? expiry - at : 0;
        var shocked = Multiply(spot, isCall ? parameters.CallSpotPriceShock : parameters.PutSpotPriceShock);
        var (call, put) = BlackScholes.OptionPrices(seconds, (BigInteger)ShockVol(parameters, seconds), (BigInteger)shocked, (BigInteger)strike, rate);
        return new ShockedPrice((UInt256)(isCall ? call : put), shocked);
    }

    /// <summary>Base units for <see cref="OptionType.ShortCallBase"/>, quote units for the two others, nothing for a long; 18 decimals.</summary>
    /// <exception cref="ArithmeticException">Where the contract reverts.</exception>
    public static UInt256 Of(OptionType type, in MinCollateralParameters parameters, in ShockedPrice price, in UInt256 strike, in UInt256 amount)
    {
        if (amount.IsZero || type < OptionType.ShortCallBase)
        {
            return UInt256.Zero;
        }

        var (vol, fixedPart, full) = type switch
        {
            OptionType.ShortCallBase => (FixedPoint.MulDivFloor(Multiply(price.Option, amount), FixedPoint.Wad, price.Spot), parameters.MinStaticBaseCollateral, amount),
            OptionType.ShortCallQuote => (Multiply(price.Option, amount), parameters.MinStaticQuoteCollateral, UInt256.MaxValue),
            _ => (Multiply(price.Option, amount), parameters.MinStaticQuoteCollateral, Multiply(amount, strike)),
        };
        return UInt256.Min(UInt256.Max(vol, fixedPart), full);
    }

    /// <summary>Flat to the first point, linear to the second, flat beyond; 18 decimals.</summary>
    public static UInt256 ShockVol(in MinCollateralParameters parameters, ulong seconds) =>
        seconds <= parameters.ShockVolPointA ? parameters.ShockVolA
        : seconds >= parameters.ShockVolPointB ? parameters.ShockVolB
        : parameters.ShockVolA - ((parameters.ShockVolA - parameters.ShockVolB) * (seconds - parameters.ShockVolPointA) / (parameters.ShockVolPointB - parameters.ShockVolPointA));

    // DecimalMath.multiplyDecimal: the product must fit 256 bits, or the contract reverts.
    private static UInt256 Multiply(in UInt256 x, in UInt256 y) => x * y / FixedPoint.Wad;
}
