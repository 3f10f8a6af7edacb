using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>RiskEngine.isAccountSolvent out of what RiskEngine.getMargin answers, with the liquidation's buffer of 1.</summary>
internal static class Solvency
{
    private const ulong Decimals = 10_000_000;
    private const ulong Saturated = 9_000_000;
    private const ulong Cutoff = (Saturated + Decimals) / 2;

    /// <summary>crossBufferRatio: what counts of a surplus in the other token.</summary>
    public static UInt256 CrossBufferRatio(uint utilization, in UInt256 crossBuffer)
    {
        var scaled = utilization * 1_000UL;
        return scaled < Saturated ? crossBuffer : scaled > Cutoff ? UInt256.Zero : crossBuffer * (Cutoff - scaled) / (Cutoff - Saturated);
    }

    /// <summary>The scarcer of the two conditions, in the token that the contract counts in at this price: solvent where the balance is no less than the requirement.</summary>
    public static (BigInteger Balance, BigInteger Requirement, bool InToken0) Weakest(in PanopticMargin margin, in UInt256 crossBuffer0, in UInt256 crossBuffer1)
    {
        var sqrt = TickMath.SqrtRatioAt(margin.Tick);
        var (bal0, req0) = ((BigInteger)margin.Balance0, (BigInteger)margin.Required0);
        var (bal1, req1) = ((BigInteger)margin.Balance1, (BigInteger)margin.Required1);
        var surplus0 = Scaled(bal0 - req0, CrossBufferRatio(margin.Utilization0, crossBuffer0));
        var surplus1 = Scaled(bal1 - req1, CrossBufferRatio(margin.Utilization1, crossBuffer1));
        var inToken0 = TickMath.CountsInToken0(sqrt);
        var (first, second) = inToken0
            ? ((bal0 + TickMath.Convert1To0(surplus1, sqrt, roundUp: false), req0),
               (TickMath.Convert1To0(bal1, sqrt, roundUp: false) + surplus0, TickMath.Convert1To0(req1, sqrt, roundUp: true)))
            : ((TickMath.Convert0To1(bal0, sqrt, roundUp: false) + surplus1, TickMath.Convert0To1(req0, sqrt, roundUp: true)),
               (bal1 + TickMath.Convert0To1(surplus0, sqrt, roundUp: false), req1));

        // Where nothing is required of one, the other decides.
        var isFirst = second.Item2.IsZero || (!first.Item2.IsZero && first.Item1 * second.Item2 <= second.Item1 * first.Item2);
        return isFirst ? (first.Item1, first.Item2, inToken0) : (second.Item1, second.Item2, inToken0);
    }

    private static BigInteger Scaled(in BigInteger surplus, in UInt256 ratio) => surplus.Sign <= 0 ? BigInteger.Zero : surplus * (BigInteger)ratio / Decimals;
}

/// <summary>What RiskEngine.getMargin answers at a tick, in the tokens' own decimals.</summary>
/// <param name="Utilization0">Bps.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 1)]
public readonly record struct PanopticMargin(int Tick, UInt256 Balance0, UInt256 Required0, UInt256 Balance1, UInt256 Required1, uint Utilization0, uint Utilization1);
