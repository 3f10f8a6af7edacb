using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>
/// What a liability vault lends on one collateral, in bps of 10^4. The liquidation LTV goes down along a ramp, second by second and without an event.
/// Source: shared/types/LTVConfig.sol.
/// </summary>
/// <param name="BorrowLtv">For new debt; no ramp.</param>
/// <param name="LiquidationLtv">Where the ramp ends.</param>
/// <param name="InitialLiquidationLtv">Where it began.</param>
/// <param name="TargetTimestamp">Second at which it ends; 0 = the vault does not know the collateral.</param>
/// <param name="RampDuration">Seconds.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct LtvConfig(ushort BorrowLtv, ushort LiquidationLtv, ushort InitialLiquidationLtv, ulong TargetTimestamp, uint RampDuration)
{
    /// <summary>isRecognizedCollateral: what may be seized.</summary>
    public bool IsRecognized => TargetTimestamp != 0;

    /// <summary>True at a second before the ramp's end.</summary>
    public bool IsRamping(ulong at) => at < TargetTimestamp && LiquidationLtv < InitialLiquidationLtv;

    /// <summary>getLTV(true) in a block of this time, bps.</summary>
    public ushort LiquidationAt(ulong at)
    {
        if (!IsRamping(at))
        {
            return LiquidationLtv;
        }

        // A ramp of 0 seconds that has not ended can't be written by setLTV; the contract reverts on one, and this throws. The cut to 16 bits is uint16(...).
        var fall = (UInt256)(ulong)(InitialLiquidationLtv - LiquidationLtv) * (TargetTimestamp - at) / RampDuration;
        return (ushort)(ulong)((fall + (uint)LiquidationLtv) & UInt256.Mask(16));
    }
}
