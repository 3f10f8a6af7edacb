using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Feeds;

/// <summary>Uniswap v3's TickMath: sqrt(1.0001^tick) * 2^96, rounded up, as the pools have it (v3-core, libraries/TickMath.sol).</summary>
public static class TickMath
{
    public const int MaxTick = 887_272;

    /// <summary>sqrt(1.0001^(-2^i)) * 2^128, i = 0 to 19.</summary>
    private static readonly UInt128[] Factors =
    [
        new(0xfffcb933bd6fad37, 0xaa2d162d1a594001), new(0xfff97272373d4132, 0x59a46990580e213a), new(0xfff2e50f5f656932, 0xef12357cf3c7fdcc),
        new(0xffe5caca7e10e4e6, 0x1c3624eaa0941cd0), new(0xffcb9843d60f6159, 0xc9db58835c926644), new(0xff973b41fa98c081, 0x472e6896dfb254c0),
        new(0xff2ea16466c96a38, 0x43ec78b326b52861), new(0xfe5dee046a99a2a8, 0x11c461f1969c3053), new(0xfcbe86c7900a88ae, 0xdcffc83b479aa3a4),
        new(0xf987a7253ac41317, 0x6f2b074cf7815e54), new(0xf3392b0822b70005, 0x940c7a398e4b70f3), new(0xe7159475a2c29b74, 0x43b29c7fa6e889d9),
        new(0xd097f3bdfd2022b8, 0x845ad8f792aa5825), new(0xa9f746462d870fdf, 0x8a65dc1f90e061e5), new(0x70d869a156d2a1b8, 0x90bb3df62baf32f7),
        new(0x31be135f97d08fd9, 0x81231505542fcfa6), new(0x09aa508b5b7a84e1, 0xc677de54f3e99bc9), new(0x005d6af8dedb8119, 0x6699c329225ee604),
        new(0x00002216e584f5fa, 0x1ea926041bedfe98), new(0x00000000048a1703, 0x91f7dc42444e8fa2),
    ];

    /// <summary>Null beyond <see cref="MaxTick"/> on either side.</summary>
    public static UInt256? SqrtRatio(int tick)
    {
        if (tick is < -MaxTick or > MaxTick)
        {
            return null;
        }

        var distance = Math.Abs(tick);
        var ratio = UInt256.One << 128;
        for (var i = 0; i < Factors.Length; i++)
        {
            ratio = (distance & (1 << i)) != 0 ? (ratio * Factors[i]) >> 128 : ratio;
        }

        ratio = tick > 0 ? UInt256.MaxValue / ratio : ratio;
        var whole = ratio >> 32;
        return (whole << 32) == ratio ? whole : whole + UInt256.One;
    }
}
