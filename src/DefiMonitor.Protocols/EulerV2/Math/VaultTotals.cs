using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>What one EVault has stored of its interest and its shares. Source: shared/Cache.sol, shared/lib/ConversionHelpers.sol, shared/types/Shares.sol.</summary>
/// <param name="Cash">In the asset's decimals.</param>
/// <param name="TotalBorrows">In units of 2^-31 of the asset's smallest.</param>
/// <param name="InterestAccumulator">Ray.</param>
/// <param name="InterestRate">Ray per second.</param>
/// <param name="LastUpdate">Seconds; interest is in the figures up to then.</param>
/// <param name="InterestFee">Part of the interest, bps.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct VaultTotals(
    UInt128 Cash, UInt128 TotalShares, UInt256 TotalBorrows, UInt256 InterestAccumulator, UInt256 InterestRate, ulong LastUpdate, ushort InterestFee)
{
    /// <summary>VIRTUAL_DEPOSIT_AMOUNT: stands on both sides, so that an empty vault has a share price.</summary>
    public const ulong VirtualDeposit = 1_000_000;

    /// <summary>cash + borrows, rounded up, with the virtual deposit.</summary>
    public UInt256 ConversionAssets => Cash + Owed.ToAssetsUp(TotalBorrows) + VirtualDeposit;

    /// <summary>Shares with the virtual deposit.</summary>
    public UInt256 ConversionShares => (UInt256)TotalShares + VirtualDeposit;

    /// <summary>The figures as a call in a block of this time finds them: initVaultCache.</summary>
    /// <exception cref="OverflowException">A figure does not fit, where the contract reverts.</exception>
    public VaultTotals At(ulong at)
    {
        if (at <= LastUpdate)
        {
            return this;
        }

        var accumulator = InterestAccumulator;
        if (RPow.Try(InterestRate + FixedPoint.Ray, at - LastUpdate, out var multiplier) && UInt256.TryMultiply(accumulator, multiplier, out var grown))
        {
            accumulator = grown / FixedPoint.Ray;
        }

        var borrows = UInt256.TryMultiply(TotalBorrows, accumulator, out var scaled) ? scaled / InterestAccumulator : TotalBorrows;
        var shares = (UInt256)TotalShares;
        var feeAssets = (borrows - TotalBorrows) * (uint)InterestFee / ((UInt256)FixedPoint.BpsOne << Owed.PrecisionShift);
        if (!feeAssets.IsZero)
        {
            var assets = Cash + Owed.ToAssetsUp(borrows);
            shares = assets * shares / (assets - feeAssets);
        }

        if (borrows > Owed.MaxDebt)
        {
            return this;
        }

        return this with
        {
            TotalBorrows = borrows,
            InterestAccumulator = accumulator,
            LastUpdate = at,
            TotalShares = shares <= Owed.MaxAmount ? (UInt128)shares : TotalShares,
        };
    }

    /// <summary>convertToAssets at these figures.</summary>
    /// <exception cref="OverflowException">More than 112 bits, where the contract reverts.</exception>
    public UInt256 ToAssetsDown(in UInt256 shares)
    {
        var assets = FixedPoint.MulDivFloor(shares, ConversionAssets, ConversionShares);
        return assets <= Owed.MaxAmount ? assets : throw new OverflowException($"{shares} shares are more assets than an EVault can count.");
    }

    /// <summary>What depositing so much mints: AssetsLib.toSharesDown.</summary>
    public UInt256 ToSharesDown(in UInt256 assets) => FixedPoint.MulDivFloor(assets, ConversionShares, ConversionAssets);

    /// <summary>
    /// The stored debt of a vault whose stored accumulator is known, from what it is with interest. Interest never joins two debts into one, so there is one answer.
    /// </summary>
    /// <param name="withInterest">totalBorrowsExact at the time of <paramref name="accumulator"/>.</param>
    /// <param name="accumulator">At that time, ray.</param>
    public UInt256 StoredBorrows(in UInt256 withInterest, in UInt256 accumulator) => UInt256.MulDiv(withInterest, InterestAccumulator, accumulator, Rounding.Up);
}
