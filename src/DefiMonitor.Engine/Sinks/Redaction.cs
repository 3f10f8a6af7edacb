using System.Text.RegularExpressions;

namespace DefiMonitor.Engine.Sinks;

/// <summary>
/// Keeps secrets out of whatever is shown: of a URL only scheme and host are left, of a bot token or a signing key nothing. Every line of the log
/// and every error that is stored passes through it.
/// </summary>
public sealed partial class Redaction
{
    private const string Hidden = "<hidden>";

    // A shorter value would be found inside ordinary words.
    private const int ShortestSecret = 6;

    private readonly string[] secrets;

    /// <param name="secrets">Values from the configuration that must never be shown, URLs included; longest first is not required.</param>
    public Redaction(IEnumerable<string> secrets) =>
        this.secrets = [.. secrets.Where(s => s.Length >= ShortestSecret).Distinct(StringComparer.Ordinal).OrderByDescending(s => s.Length)];

    /// <summary>Knows the shapes of secrets, but none by value.</summary>
    public static Redaction ByShape { get; } = new([]);

    /// <summary>Scheme and host, as in <c>https://hooks.example.org</c>; what is no absolute URL is hidden whole.</summary>
    public static string Origin(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? Origin(uri) : "<url>";

    public static string Origin(Uri url) => url.IsAbsoluteUri && url.Host.Length > 0 ? $"{url.Scheme}://{url.Host}" : "<url>";

    public string Text(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var shown = Url().Replace(text, static match => Origin(match.Value));
        shown = BotToken().Replace(shown, Hidden);
        shown = SigningKey().Replace(shown, Hidden);
        foreach (var secret in secrets)
        {
            shown = shown.Replace(secret, Uri.TryCreate(secret, UriKind.Absolute, out var uri) ? Origin(uri) : Hidden, StringComparison.Ordinal);
        }

        return shown;
    }

    /// <summary>An error as it may be shown and stored: one line, bounded.</summary>
    public string Error(string? text) => HostileText.OneLine(Text(text), 300);

    [GeneratedRegex(@"\b[A-Za-z][A-Za-z0-9+.-]{1,10}://[^\s""'<>]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Url();

    // Telegram: digits, a colon, 35 characters.
    [GeneratedRegex(@"\b(?:bot)?[0-9]{5,}:[A-Za-z0-9_-]{20,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BotToken();

    [GeneratedRegex(@"whsec_[A-Za-z0-9+/=_-]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SigningKey();
}
