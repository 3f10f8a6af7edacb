using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>Debt as a vault stores it: 31 bits behind the point of the asset's smallest unit, at most 144 bits. Source: shared/types/Owed.sol, TypesLib.</summary>
public static class Owed
{
    /// <summary>INTERNAL_DEBT_PRECISION_SHIFT.</summary>
    public const int PrecisionShift = 31;

    /// <summary>MAX_SANE_AMOUNT: 2^112 - 1.</summary>
    public static UInt256 MaxAmount { get; } = UInt256.Mask(112);

    /// <summary>MAX_SANE_DEBT_AMOUNT.</summary>
    public static UInt256 MaxDebt { get; } = UInt256.Mask(112) << PrecisionShift;

    /// <summary>What is owed at an accumulator: BorrowUtils.getCurrentOwed.</summary>
    /// <param name="accumulator">Of the vault at the instant, ray.</param>
    /// <param name="ofAccount">Of the vault when <paramref name="owed"/> was written, ray.</param>
    /// <exception cref="OverflowException">It does not fit, where the contract reverts.</exception>
    public static UInt256 At(in UInt256 owed, in UInt256 accumulator, in UInt256 ofAccount)
    {
        if (owed.IsZero)
        {
            return UInt256.Zero;
        }

        var now = FixedPoint.MulDivFloor(owed, accumulator, ofAccount);
        return now <= MaxDebt ? now : throw new OverflowException($"A debt of {now} units of 2^-31 does not fit what the vault can store.");
    }

    /// <summary>Whole units of the asset, rounded up: OwedLib.toAssetsUp.</summary>
    public static UInt256 ToAssetsUp(in UInt256 owed) => (owed + UInt256.Mask(PrecisionShift)) >> PrecisionShift;
}
