using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>
/// An EVault's figures. The views answer with interest up to the block, and interest over two stretches is not interest over both, so what is read is the vault's own
/// only where its VaultStatus has told what it has stored; until then the figures hold for the block they were read in.
/// </summary>
internal sealed class TotalsWriter(EulerTables tables)
{
    private static readonly UInt256 MaxRate = UInt256.Mask(72);

    public void Take(BlockHeader block, in Address vault, TotalsFields field, AbiResult<UInt256> shape, CallResult result)
    {
        if (shape.TryDecode(result, out var value, out _) && Fits(field, value))
        {
            Take(block, vault, field, value);
        }
    }

    public void TakeFee(BlockHeader block, in Address vault, CallResult result)
    {
        if (EulerAbi.InterestFee.TryDecode(result, out var fee, out _))
        {
            Take(block, vault, TotalsFields.Fee, (uint)fee);
        }
    }

    /// <summary>All is exact but the borrows, which the event rounds up to whole units.</summary>
    public void Fold(BlockHeader block, in Address vault, in VaultStatus status)
    {
        if (!tables.Totals.TryGet(vault, out var row))
        {
            return;
        }

        if (status.Cash > Owed.MaxAmount || status.TotalShares > Owed.MaxAmount || status.TotalBorrows > Owed.MaxAmount
            || status.InterestAccumulator.IsZero || status.InterestRate > MaxRate
            || status.Timestamp != (UInt256)block.Timestamp)
        {
            // No EVault writes this; it is read again.
            tables.Totals.Set(vault, row with { IsStored = false, HasBorrows = false });
            return;
        }

        tables.Totals.Set(vault, row with
        {
            Totals = new VaultTotals(
                (UInt128)status.Cash, (UInt128)status.TotalShares, status.TotalBorrows << Owed.PrecisionShift, status.InterestAccumulator, status.InterestRate, block.Timestamp, row.Totals.InterestFee),
            IsStored = true,
            HasBorrows = false,
            Block = block.Number,
            IncomingFields = TotalsFields.None,
        });
    }

    public void FoldFee(in Address vault, ushort fee)
    {
        if (tables.Totals.TryGet(vault, out var row))
        {
            tables.Totals.Set(vault, row with { Totals = row.Totals with { InterestFee = fee } });
        }
    }

    private static bool Fits(TotalsFields field, in UInt256 value) => field switch
    {
        TotalsFields.Cash or TotalsFields.Shares => value <= Owed.MaxAmount,
        TotalsFields.Borrows => value <= Owed.MaxDebt,
        TotalsFields.Rate => value <= MaxRate,
        _ => !value.IsZero,
    };

    private static VaultTotals With(in VaultTotals totals, TotalsFields field, in UInt256 value) => field switch
    {
        TotalsFields.Cash => totals with { Cash = (UInt128)value },
        TotalsFields.Shares => totals with { TotalShares = (UInt128)value },
        TotalsFields.Borrows => totals with { TotalBorrows = value },
        TotalsFields.Accumulator => totals with { InterestAccumulator = value },
        TotalsFields.Rate => totals with { InterestRate = value },
        _ => totals with { InterestFee = (ushort)(ulong)value },
    };

    private void Take(BlockHeader block, in Address vault, TotalsFields field, in UInt256 value)
    {
        tables.Totals.TryGet(vault, out var row);
        var before = row.IncomingBlock == block.Number ? row : row with { Incoming = default, IncomingFields = TotalsFields.None, IncomingBlock = block.Number };
        row = before with { Incoming = With(before.Incoming, field, value), IncomingFields = before.IncomingFields | field };
        if (row.IncomingFields == TotalsFields.All)
        {
            var read = row.Incoming with { LastUpdate = block.Timestamp };
            row = row with { Incoming = default, IncomingFields = TotalsFields.None, Block = block.Number, HasBorrows = true };
            row = Stored(row, read) is { } stored ? row with { Totals = stored } : row with { Totals = read, IsStored = false };
        }

        tables.Totals.Set(vault, row);
    }

    // What the vault has stored, where all that was read follows from it.
    private static VaultTotals? Stored(in TotalsRow row, in VaultTotals read)
    {
        if (!row.IsStored)
        {
            return null;
        }

        try
        {
            var accumulator = (row.Totals with { TotalBorrows = UInt256.Zero }).At(read.LastUpdate).InterestAccumulator;
            var stored = row.Totals with { TotalBorrows = row.Totals.StoredBorrows(read.TotalBorrows, accumulator) };
            return stored.At(read.LastUpdate) == read ? stored : null;
        }
        catch (ArithmeticException)
        {
            return null;
        }
    }
}
