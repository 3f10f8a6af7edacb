using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>A market's stored indexes and principal totals: struct TotalsBasic of CometStorage.sol, without the reward indexes.</summary>
/// <param name="SupplyIndex">baseSupplyIndex, 10^15 = 1.</param>
/// <param name="BorrowIndex">baseBorrowIndex, 10^15 = 1.</param>
/// <param name="TotalSupply">totalSupplyBase: the sum of all positive principals.</param>
/// <param name="TotalBorrow">totalBorrowBase: the sum of all negative principals' magnitudes.</param>
/// <param name="LastAccrualTime">Seconds; interest is in the indexes up to then.</param>
/// <param name="PauseFlags">See <see cref="CompoundV3.PauseFlags"/>.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct BaseTotals(
    ulong SupplyIndex, ulong BorrowIndex, UInt128 TotalSupply, UInt128 TotalBorrow, ulong LastAccrualTime, PauseFlags PauseFlags)
{
    /// <summary>BASE_INDEX_SCALE.</summary>
    public const ulong IndexScale = 1_000_000_000_000_000;

    /// <summary>Wad, from the stored indexes; 0 without supply. Source: Comet.sol getUtilization.</summary>
    public UInt256 Utilization
    {
        get
        {
            var supply = BaseBalance.OfSupply(TotalSupply, SupplyIndex);
            return supply.IsZero ? UInt256.Zero : FixedPoint.MulDivFloor(BaseBalance.OfBorrow(TotalBorrow, BorrowIndex), FixedPoint.Wad, supply);
        }
    }

    /// <summary>With the indexes as an action at this second would find them: one linear step from the stored ones. Source: Comet.sol accruedInterestIndices.</summary>
    /// <exception cref="OverflowException">An index does not fit 64 bits, where the contract reverts.</exception>
    public BaseTotals Accrue(in InterestRates rates, ulong at)
    {
        if (at <= LastAccrualTime)
        {
            return this;
        }

        var utilization = Utilization;
        var elapsed = at - LastAccrualTime;
        return this with
        {
            SupplyIndex = (ulong)(SupplyIndex + Factors.Mul(SupplyIndex, (UInt256)rates.SupplyRate(utilization) * elapsed)),
            BorrowIndex = (ulong)(BorrowIndex + Factors.Mul(BorrowIndex, (UInt256)rates.BorrowRate(utilization) * elapsed)),
            LastAccrualTime = at,
        };
    }
}

/// <summary>What the pause guardian has stopped: pauseFlags of CometCore.sol.</summary>
[Flags]
public enum PauseFlags : byte
{
    None = 0,
    Supply = 1,
    Transfer = 2,
    Withdraw = 4,
    Absorb = 8,
    Buy = 16,
}
