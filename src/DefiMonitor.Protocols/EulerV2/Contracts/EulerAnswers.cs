using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

// What the view calls answer, shaped as their ABI says.
internal readonly record struct LtvFullAnswer(ushort BorrowLtv, ushort LiquidationLtv, ushort InitialLiquidationLtv, ulong TargetTimestamp, uint RampDuration)
{
    public LtvConfig Config => new(BorrowLtv, LiquidationLtv, InitialLiquidationLtv, TargetTimestamp, RampDuration);
}

internal readonly record struct HookConfigAnswer(Address Target, uint Operations);

internal readonly record struct AccountLiquidityAnswer(UInt256 CollateralValue, UInt256 LiabilityValue);
