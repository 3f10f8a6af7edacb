using System.Text.RegularExpressions;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>Text of a node on its way into our sentences. Hostile: bounded, without control characters, without anything that looks like a key.</summary>
public static partial class RpcText
{
    private const int MaxShown = 400;

    // The input is cut before the patterns run.
    private const int MaxRead = 2_000;

    public static string Clean(string? text)
    {
        var cut = (text ?? "").Length > MaxRead ? text![..MaxRead] : text ?? "";
        cut = Url().Replace(cut, "<url>");
        cut = Token().Replace(cut, "<hidden>");
        var clean = string.Create(Math.Min(cut.Length, MaxShown), cut, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
            {
                to[i] = from[i] is >= ' ' and <= '~' ? from[i] : '?';
            }
        });
        return cut.Length > MaxShown ? clean + "..." : clean;
    }

    [GeneratedRegex(@"\b[a-z]{2,6}://\S+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Url();

    // Keys are long runs of letters and digits; hashes and calldata, which begin with 0x, are no secrets.
    [GeneratedRegex(@"(?<![A-Za-z0-9_-])(?!0x)[A-Za-z0-9_-]{24,}", RegexOptions.CultureInvariant)]
    private static partial Regex Token();
}
