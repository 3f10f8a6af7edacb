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

/// <summary>A strike's shocked prices at one spot and time, from which the requirement of any amount follows.</summary>
/// <param name="CallShockPrice">The spot at which calls are priced.</param>
public readonly record struct ShockedPrices(UInt256 Call, UInt256 Put, UInt256 CallShockPrice);

/// <summary>What a short position must hold. Source: Lyra v1, OptionGreekCache.sol getMinCollateral, getShockVol.</summary>
public static class MinimumCollateral
{
    /// <summary>The prices that a requirement goes by: calls at the spot shocked up, puts at the spot shocked down, both at the shock volatility.</summary>
    /// <param name="strike">18 decimals, as is <paramref name="spot"/>.</param>
    /// <param name="rate">OptionGreekCache's rateAndCarry, 18 decimals.</param>
    /// <exception cref="ArithmeticException">Where the contract reverts.</exception>
    public static ShockedPrices Prices(in MinCollateralParameters parameters, in UInt256 strike, ulong expiry, in UInt256 spot, in Int128 rate, ulong at)
    {
        var seconds = expiry > at ? expiry - at : 0;
        var volatility = (BigInteger)ShockVol(parameters, seconds);
        var up = Shocked(spot, parameters.CallSpotPriceShock);
        var down = Shocked(spot, parameters.PutSpotPriceShock);
        var (call, _) = BlackScholes.OptionPrices(seconds, volatility, (BigInteger)up, (BigInteger)strike, rate);
        var (_, put) = BlackScholes.OptionPrices(seconds, volatility, (BigInteger)down, (BigInteger)strike, rate);
        return new ShockedPrices((UInt256)call, (UInt256)put, up);
    }

    /// <summary>Base units for <see cref="OptionType.ShortCallBase"/>, quote units for the two others, nothing for a long; 18 decimals.</summary>
    /// <exception cref="ArithmeticException">Where the contract reverts.</exception>
    public static UInt256 Of(OptionType type, in MinCollateralParameters parameters, in ShockedPrices prices, in UInt256 strike, in UInt256 amount)
    {
        if (amount.IsZero || type < OptionType.ShortCallBase)
        {
            return UInt256.Zero;
        }

        var (vol, fixedPart, full) = type switch
        {
            OptionType.ShortCallBase => (FixedPoint.MulDivFloor(Multiply(prices.Call, amount), FixedPoint.Wad, prices.CallShockPrice), parameters.MinStaticBaseCollateral, amount),
            OptionType.ShortCallQuote => (Multiply(prices.Call, amount), parameters.MinStaticQuoteCollateral, UInt256.MaxValue),
            _ => (Multiply(prices.Put, amount), parameters.MinStaticQuoteCollateral, Multiply(amount, strike)),
        };
        return UInt256.Min(UInt256.Max(vol, fixedPart), full);
    }

    /// <summary>Flat to the first point, linear to the second, flat beyond; 18 decimals.</summary>
    public static UInt256 ShockVol(in MinCollateralParameters parameters, ulong seconds) =>
        seconds <= parameters.ShockVolPointA ? parameters.ShockVolA
        : seconds >= parameters.ShockVolPointB ? parameters.ShockVolB
        : parameters.ShockVolA - ((parameters.ShockVolA - parameters.ShockVolB) * (seconds - parameters.ShockVolPointA) / (parameters.ShockVolPointB - parameters.ShockVolPointA));

    /// <summary>The spot as the requirement sees it.</summary>
    public static UInt256 Shocked(in UInt256 spot, in UInt256 shock) => Multiply(spot, shock);

    // DecimalMath.multiplyDecimal: the product must fit 256 bits, or the contract reverts.
    private static UInt256 Multiply(in UInt256 x, in UInt256 y) => x * y / FixedPoint.Wad;
}
