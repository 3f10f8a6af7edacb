using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>Comet's two rate curves, fixed until the next upgrade. Kinks in wad of utilisation; slopes and bases in wad per second. Source: Comet.sol getSupplyRate, getBorrowRate.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct InterestRates
{
    /// <summary>SECONDS_PER_YEAR: what the configuration's rates per year are divided by, floored.</summary>
    public const ulong SecondsPerYear = 31_536_000;

    public ulong SupplyKink { get; init; }

    public ulong SupplySlopeLow { get; init; }

    public ulong SupplySlopeHigh { get; init; }

    public ulong SupplyBase { get; init; }

    public ulong BorrowKink { get; init; }

    public ulong BorrowSlopeLow { get; init; }

    public ulong BorrowSlopeHigh { get; init; }

    public ulong BorrowBase { get; init; }

    /// <summary>Wad per second.</summary>
    /// <param name="utilization">Wad.</param>
    /// <exception cref="OverflowException">Does not fit 64 bits, where the contract reverts.</exception>
    public ulong SupplyRate(in UInt256 utilization) => Rate(utilization, SupplyKink, SupplySlopeLow, SupplySlopeHigh, SupplyBase);

    /// <inheritdoc cref="SupplyRate"/>
    public ulong BorrowRate(in UInt256 utilization) => Rate(utilization, BorrowKink, BorrowSlopeLow, BorrowSlopeHigh, BorrowBase);

    private static ulong Rate(in UInt256 utilization, ulong kink, ulong low, ulong high, ulong start) => utilization <= kink
        ? (ulong)(start + Factors.Mul(low, utilization))
        : (ulong)(start + Factors.Mul(low, kink) + Factors.Mul(high, utilization - kink));
}
