using System.Globalization;

namespace DefiMonitor.Core.Risk.Derive;

/// <summary>The model against the contract, at the same block.</summary>
public static class BookCheck
{
    private const double Tolerance = 1e-6;

    /// <summary>
    /// Null while all three figures agree to a millionth of the largest of them (one unit of cash at least); else the figures that do not, in one sentence.
    /// </summary>
    public static string? Difference(DeriveBook book, Int128 maintenance, Int128 initial, Int128 markToMarket)
    {
        if (!book.Margin(BookMove.None).TryGet(out var model))
        {
            return "the model refuses what the feeds say, the contract does not";
        }

        (string Name, double Ours, double Theirs)[] figures =
        [
            ("maintenance margin", model.Maintenance, BookNumbers.Of(maintenance)),
            ("initial margin", model.Initial, BookNumbers.Of(initial)),
            ("mark to market", model.MarkToMarket, BookNumbers.Of(markToMarket)),
        ];
        var scale = figures.Max(static figure => Math.Max(1, Math.Abs(figure.Theirs)));
        var off = figures.Where(figure => !(Math.Abs(figure.Ours - figure.Theirs) <= Tolerance * scale)).Select(static figure => string.Create(
            CultureInfo.InvariantCulture, $"{figure.Name} by the model {figure.Ours:R}, by the contract {figure.Theirs:R}")).ToList();
        return off.Count == 0 ? null : $"our model is off ({string.Join(", ", off)}), so no edges are told";
    }
}
