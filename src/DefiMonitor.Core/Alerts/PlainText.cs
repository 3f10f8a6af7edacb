using System.Globalization;
using System.Text;

namespace DefiMonitor.Core.Alerts;

/// <summary>
/// Text that came from a chain, a node or a person, made fit for one line: no control characters, no invisible or direction-changing ones,
/// no stacks of accents, bounded. What a terminal, Telegram or HTML takes for markup stays: each sink escapes for itself.
/// </summary>
public static class PlainText
{
    public const int MaxSymbol = 24;

    public const int MaxName = 40;

    public const int MaxSentence = 300;

    /// <param name="max">Length in UTF-16 units; what is cut off is shown by "…".</param>
    public static string Clean(string? text, int max)
    {
        var clean = new StringBuilder();
        var accents = 0;
        var gap = false;
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                gap = clean.Length > 0;
                continue;
            }

            var category = Rune.GetUnicodeCategory(rune);
            accents = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? accents + 1 : 0;
            if (accents > 1 || category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
            {
                continue;
            }

            if (gap)
            {
                clean.Append(' ');
                gap = false;
            }

            clean.Append(rune.ToString());
            if (clean.Length > max)
            {
                return Cut(clean, max);
            }
        }

        return clean.ToString();
    }

    private static string Cut(StringBuilder clean, int max)
    {
        var length = max - 1;
        if (length > 0 && char.IsHighSurrogate(clean[length - 1]))
        {
            length--;
        }

        return clean.ToString(0, length) + "…";
    }
}
