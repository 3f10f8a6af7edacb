using System.Runtime.InteropServices;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>ISpoke.DynamicReserveConfig: one set of risk parameters of a reserve. Each user is bound to the set of a key until an action of his refreshes it.</summary>
/// <param name="CollateralFactor">Bps.</param>
/// <param name="MaxLiquidationBonus">Bps, 10000 = none.</param>
/// <param name="LiquidationFee">Bps of the bonus.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct DynamicConfig(ushort CollateralFactor, uint MaxLiquidationBonus, ushort LiquidationFee);

/// <summary>ISpoke.LiquidationConfig, one for a Spoke.</summary>
/// <param name="TargetHealthFactor">Wad.</param>
/// <param name="HealthFactorForMaxBonus">Wad.</param>
/// <param name="LiquidationBonusFactor">Bps of the largest bonus, at a health factor of 1.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct LiquidationConfig(UInt128 TargetHealthFactor, ulong HealthFactorForMaxBonus, ushort LiquidationBonusFactor);

/// <summary>ReserveFlagsMap.</summary>
[Flags]
public enum ReserveFlags : byte
{
    None = 0,
    Paused = 1,
    Frozen = 2,
    Borrowable = 4,
    ReceiveSharesEnabled = 8,
}
