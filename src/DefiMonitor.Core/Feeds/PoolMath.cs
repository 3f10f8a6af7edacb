using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Feeds;

/// <summary>
/// Uniswap v3: sqrtPriceX96 = sqrt(token1 / token0, in their smallest units) * 2^96 (whitepaper, 6.1; IUniswapV3PoolState.slot0 of Uniswap/v3-core).
/// </summary>
public static class PoolMath
{
    private const int PriceBits = 192;

    /// <summary>The price of one whole base token in whole quote tokens, with so many decimals, floored; null where there is none or it does not fit.</summary>
    public static UInt256? Price(in UInt256 sqrtPriceX96, PoolPrice pool, int decimals)
    {
        if (sqrtPriceX96.IsZero)
        {
            return null;
        }

        var root = (BigInteger)sqrtPriceX96;
        var first = root * root;
        var second = BigInteger.One << PriceBits;
        var (numerator, denominator) = pool.BaseIsFirst ? (first, second) : (second, first);
        var price = numerator * BigInteger.Pow(10, pool.BaseDecimals + decimals) / (denominator * BigInteger.Pow(10, pool.QuoteDecimals));
        return price.IsZero || price.GetBitLength() > 256 ? null : (UInt256)price;
    }
}
