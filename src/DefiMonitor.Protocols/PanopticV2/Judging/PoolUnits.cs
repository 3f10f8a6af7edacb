using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>Figures in whole units of token1 with 18 decimals.</summary>
internal sealed class PoolUnits(PanopticV2State state)
{
    public const int Decimals = 18;

    /// <summary>One whole token0 at a tick.</summary>
    /// <exception cref="OverflowException">It does not fit 256 bits.</exception>
    public UInt256 PriceAt(int tick) => FromRaw1(TickMath.Convert0To1(BigInteger.Pow(10, state.Token0.Decimals), TickMath.SqrtRatioAt(tick), roundUp: false), tick);

    /// <summary>So much of token0, in its own decimals, at a tick.</summary>
    public UInt256 ValueOf0(in UInt256 amount, int tick) => UInt256.MulDiv(amount, PriceAt(tick), UInt256.Pow10(state.Token0.Decimals), Rounding.Down);

    public UInt256 ValueOf1(in UInt256 amount) => Scale((BigInteger)amount);

    // Finer than token1's own decimals where those are few.
    private UInt256 FromRaw1(in BigInteger rough, int tick)
    {
        if (state.Token1.Decimals >= Decimals)
        {
            return Scale(rough);
        }

        var sqrt = TickMath.SqrtRatioAt(tick);
        return Checked((sqrt * sqrt * BigInteger.Pow(10, state.Token0.Decimals + Decimals - state.Token1.Decimals)) >> 192);
    }

    private UInt256 Scale(in BigInteger raw) => Checked(state.Token1.Decimals <= Decimals
        ? raw * BigInteger.Pow(10, Decimals - state.Token1.Decimals)
        : raw / BigInteger.Pow(10, state.Token1.Decimals - Decimals));

    private static UInt256 Checked(in BigInteger value) =>
        value <= (BigInteger)UInt256.MaxValue ? (UInt256)value : throw new OverflowException("A price or value of the pool does not fit 256 bits.");
}
