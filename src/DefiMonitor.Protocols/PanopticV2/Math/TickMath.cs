using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>libraries/Math.sol getSqrtRatioAtTick, and what PanopticMath.sol converts by it.</summary>
internal static class TickMath
{
    /// <summary>Constants.MAX_POOL_TICK; the lowest is its negative.</summary>
    public const int MaxTick = 887_272;

    private static readonly BigInteger Q96 = BigInteger.One << 96;
    private static readonly BigInteger Q192 = BigInteger.One << 192;
    private static readonly BigInteger Wide = (BigInteger.One << 128) - 1;

    // 2^128 / sqrt(1.0001)^(2^i), rounded half up.
    private static readonly BigInteger[] Factors =
    [
        .. new[]
        {
            "fffcb933bd6fad37aa2d162d1a594001", "fff97272373d413259a46990580e213a", "fff2e50f5f656932ef12357cf3c7fdcc", "ffe5caca7e10e4e61c3624eaa0941cd0",
            "ffcb9843d60f6159c9db58835c926644", "ff973b41fa98c081472e6896dfb254c0", "ff2ea16466c96a3843ec78b326b52861", "fe5dee046a99a2a811c461f1969c3053",
            "fcbe86c7900a88aedcffc83b479aa3a4", "f987a7253ac413176f2b074cf7815e54", "f3392b0822b70005940c7a398e4b70f3", "e7159475a2c29b7443b29c7fa6e889d9",
            "d097f3bdfd2022b8845ad8f792aa5825", "a9f746462d870fdf8a65dc1f90e061e5", "70d869a156d2a1b890bb3df62baf32f7", "31be135f97d08fd981231505542fcfa6",
            "9aa508b5b7a84e1c677de54f3e99bc9", "5d6af8dedb81196699c329225ee604", "2216e584f5fa1ea926041bedfe98", "48a170391f7dc42444e8fa2",
        }.Select(static hex => BigInteger.Parse("0" + hex, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture)),
    ];

    /// <summary>sqrt(1.0001^tick) * 2^96.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No tick of a pool.</exception>
    public static BigInteger SqrtRatioAt(int tick)
    {
        var distance = Math.Abs(tick);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(distance, MaxTick, nameof(tick));
        var ratio = BigInteger.One << 128;
        for (var i = 0; i < Factors.Length; i++)
        {
            if ((distance & (1 << i)) != 0)
            {
                ratio = (ratio * Factors[i]) >> 128;
            }
        }

        if (tick > 0)
        {
            ratio = ((BigInteger.One << 256) - 1) / ratio;
        }

        return (ratio >> 32) + ((ratio % (BigInteger.One << 32)).IsZero ? 0 : 1);
    }

    /// <summary>True below a price of 1, where the contract counts in token0.</summary>
    public static bool CountsInToken0(in BigInteger sqrtRatio) => sqrtRatio < Q96;

    public static BigInteger Convert0To1(in BigInteger amount, in BigInteger sqrtRatio, bool roundUp)
    {
        var (price, unit) = Price(sqrtRatio);
        return Divide(amount * price, unit, roundUp);
    }

    public static BigInteger Convert1To0(in BigInteger amount, in BigInteger sqrtRatio, bool roundUp)
    {
        var (price, unit) = Price(sqrtRatio);
        return Divide(amount * unit, price, roundUp);
    }

    // From 2^128 - 1 on the contract keeps 64 bits less.
    private static (BigInteger Price, BigInteger Unit) Price(in BigInteger sqrtRatio) =>
        sqrtRatio < Wide ? (sqrtRatio * sqrtRatio, Q192) : ((sqrtRatio * sqrtRatio) >> 64, BigInteger.One << 128);

    private static BigInteger Divide(in BigInteger value, in BigInteger by, bool roundUp)
    {
        var quotient = BigInteger.DivRem(value, by, out var rest);
        return roundUp && !rest.IsZero ? quotient + 1 : quotient;
    }
}
