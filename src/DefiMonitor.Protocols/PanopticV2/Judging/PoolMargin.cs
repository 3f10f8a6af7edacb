using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>A user's health: the pool's own decision says on which side of 1 it is, the risk engine's margin how far.</summary>
internal static class PoolMargin
{
    /// <summary>
    /// Wad; null without positions. 10^18 exactly where the pool is of two minds (solvent at some of the four ticks), below it exactly where it would let anybody liquidate.
    /// The figure is the scarcer of the contract's two conditions at the tick that the margin was asked at, which is that of the block before.
    /// </summary>
    public static UInt256? Health(PanopticV2State state)
    {
        if (state.Positions.Count == 0)
        {
            return null;
        }

        if (state.Verdict == PoolVerdict.Mixed)
        {
            return FixedPoint.Wad;
        }

        var (balance, requirement, _) = Solvency.Weakest(state.Margin, state.CrossBuffer0, state.CrossBuffer1);
        var factor = requirement.IsZero ? (BigInteger)UInt256.MaxValue : BigInteger.Min(balance * (BigInteger)FixedPoint.Wad / requirement, (BigInteger)UInt256.MaxValue);
        return state.Verdict == PoolVerdict.Insolvent
            ? UInt256.Min((UInt256)factor, FixedPoint.Wad - UInt256.One)
            : UInt256.Max((UInt256)factor, FixedPoint.Wad);
    }
}
