using System.Globalization;
using System.Text;

namespace DefiMonitor.Engine.Sinks;

/// <summary>
/// Text from a chain, a node or an API on its way to a person: one line, bounded, and without anything that is not seen but acts
/// (terminal controls, direction overrides, zero-width and tag characters). Each sink still escapes its own markup.
/// </summary>
public static class HostileText
{
    private const string Ellipsis = "…";

    /// <summary>At most <paramref name="max"/> UTF-16 units; a longer text ends in an ellipsis and never in half a character.</summary>
    public static string OneLine(string? text, int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 2);
        var clean = new StringBuilder(Math.Min(max, text?.Length ?? 0));
        Span<char> units = stackalloc char[2];
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            var shown = Shown(rune);
            if (shown is not { } visible)
            {
                continue;
            }

            if (clean.Length + visible.Utf16SequenceLength > max)
            {
                return Cut(clean, max - Ellipsis.Length) + Ellipsis;
            }

            clean.Append(units[..visible.EncodeToUtf16(units)]);
        }

        return clean.ToString();
    }

    private static Rune? Shown(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => new Rune(' '),
        UnicodeCategory.Control => rune.Value is '\t' or '\n' or '\r' ? new Rune(' ') : null,
        UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => null,
        _ => rune,
    };

    private static string Cut(StringBuilder text, int length)
    {
        if (length > 0 && char.IsHighSurrogate(text[length - 1]))
        {
            length--;
        }

        return text.ToString(0, length);
    }
}
