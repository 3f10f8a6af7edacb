using System.Buffers;
using System.Text;

namespace DefiMonitor.Engine.Sinks.Telegram;

/// <summary>A message in Telegram's two ways: MarkdownV2 with everything escaped, and the same as plain text.</summary>
/// <param name="Markdown">The title in bold; whatever else looks like markup is text.</param>
/// <param name="Plain">What stands on the screen; at most <see cref="MaxLength"/> UTF-16 units.</param>
public sealed record TelegramText(string Markdown, string Plain)
{
    /// <summary>UTF-16 units "after entities parsing" (core.telegram.org/bots/api#sendmessage).</summary>
    public const int MaxLength = 4096;

    private const string Left = "(shortened)";

    // core.telegram.org/bots/api#markdownv2-style: these must be escaped, and the escape itself.
    private static readonly SearchValues<char> Special = SearchValues.Create(@"_*[]()~`>#+-=|{}.!\");

    public static TelegramText Of(MessageText text)
    {
        var markdown = new StringBuilder();
        var plain = new StringBuilder();
        plain.Append(text.Title);
        markdown.Append('*').Append(Escape(text.Title)).Append('*');
        var room = MaxLength - text.Title.Length - text.Footer.Length - Left.Length - 4;
        for (var i = 0; i < text.Lines.Count; i++)
        {
            var line = text.Lines[i];
            room -= line.Length + 1;
            if (room < 0)
            {
                Line(Left);
                break;
            }

            Line(line);
        }

        Line("");
        Line(text.Footer);
        return new TelegramText(markdown.ToString(), plain.ToString());

        void Line(string line)
        {
            plain.Append('\n').Append(line);
            markdown.Append('\n').Append(Escape(line));
        }
    }

    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAny(Special))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (Special.Contains(c))
            {
                escaped.Append('\\');
            }

            escaped.Append(c);
        }

        return escaped.ToString();
    }
}
