using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Risk.Derive;

/// <summary>By how much a move changes the manager's three figures, by the model; 18 decimals.</summary>
public readonly record struct BookChange(Int128 Maintenance, Int128 Initial, Int128 MarkToMarket);

public static class BookShock
{
    /// <param name="spots">Where each underlying goes, in the book's order, 18 decimals.</param>
    /// <returns>Null where the book is refused, or a figure does not fit.</returns>
    public static BookChange? Apply(DeriveBook book, IReadOnlyList<UInt256> spots, ulong seconds)
    {
        var move = BookMove.None with { Each = [.. spots.Zip(book.Spots, static (to, from) => from > 0 ? to.ToDouble() / (double)from : 1)], Seconds = seconds };
        if (!book.Margin(BookMove.None).TryGet(out var before) || !book.Margin(move).TryGet(out var after))
        {
            return null;
        }

        return Wad(after.Maintenance - before.Maintenance) is { } maintenance && Wad(after.Initial - before.Initial) is { } initial && Wad(after.MarkToMarket - before.MarkToMarket) is { } mark
            ? new BookChange(maintenance, initial, mark)
            : null;
    }

    private static Int128? Wad(double figure)
    {
        var scaled = figure * BookNumbers.One;
        return Math.Abs(scaled) < 1e38 ? (Int128)scaled : null;
    }
}
