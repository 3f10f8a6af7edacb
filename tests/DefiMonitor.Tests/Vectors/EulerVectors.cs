using System.Text.Json;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.EulerV2;

namespace DefiMonitor.Tests.Vectors;

/// <summary>The Euler Vault Kit against what its contracts returned.</summary>
internal static class EulerVectors
{
    public static void RPowOf(JsonElement json, VectorCase vector)
    {
        var fits = RPow.Try(json.U256("interestRateSpy") + FixedPoint.Ray, json.U64("dt"), out var multiplier);
        vector.Expect("overflow", !fits, json.Flag("overflow"));
        if (fits)
        {
            vector.Expect("expectedMultiplier", multiplier, json.U256("expectedMultiplier"));
        }
    }

    public static void LtvRamp(JsonElement json, VectorCase vector)
    {
        var expected = json.GetProperty("expected");
        var config = new LtvConfig(
            (ushort)json.U64("borrowLTV"), (ushort)json.U64("liquidationLTV"), (ushort)json.U64("initialLiquidationLTV"), json.U64("targetTimestamp"),
            (uint)json.U64("rampDuration"));
        vector.Expect("borrow", (UInt256)(uint)config.BorrowLtv, expected.U256("borrow"));
        vector.Expect("liquidation", (UInt256)(uint)config.LiquidationAt(json.U64("timestamp")), expected.U256("liquidation"));
    }
}
