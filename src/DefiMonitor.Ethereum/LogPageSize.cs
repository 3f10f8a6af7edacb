using System.Globalization;
using System.Text.RegularExpressions;

namespace DefiMonitor.Ethereum;

/// <summary>
/// How many blocks to ask for at once. Providers allow 5, 500, 2,000, 10,000 or any number, and say so in words of their own: the words are read where they can be,
/// else the page is halved. It grows again slowly, up to what has failed.
/// </summary>
internal sealed partial class LogPageSize(int first)
{
    private const int WorkedBeforeGrowing = 8;
    private readonly ulong most = (ulong)Math.Max(1, first);
    private ulong ceiling = (ulong)Math.Max(1, first);
    private int worked;

    public ulong Size { get; private set; } = (ulong)Math.Max(1, first);

    public void Worked(ulong asked)
    {
        if (asked < Size || Size >= ceiling || ++worked < WorkedBeforeGrowing)
        {
            return;
        }

        worked = 0;
        Size = Math.Min(ceiling, Size + Math.Max(1, Size / 4));
    }

    /// <summary>A page of <paramref name="asked"/> blocks was too much; <paramref name="words"/> are the node's.</summary>
    public void Failed(ulong asked, string words)
    {
        worked = 0;
        var half = Math.Max(1, asked / 2);
        if (StatedLimit(words) is { } stated && stated < asked)
        {
            // A limit on blocks holds for good, so there is nothing to grow to beyond it.
            Size = ceiling = stated;
            return;
        }

        Size = Suggested(words) is { } suggested && suggested < asked ? suggested : half;

        // What failed by its number of logs may pass elsewhere on the chain, so the ceiling stays.
        ceiling = Math.Min(most, Math.Max(ceiling, Size));
    }

    /// <summary>"limited to a 10,000 range", "maximum block range: 500", "maximum is set to 2048", "up to a 2K block range": the number of blocks.</summary>
    private static ulong? StatedLimit(string words)
    {
        var match = Limit().Match(words);
        if (!match.Success
            || !ulong.TryParse(match.Groups["n"].Value.Replace(",", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        number *= match.Groups["k"].Length > 0 ? 1_000u : 1u;
        return number == 0 ? null : number;
    }

    /// <summary>"this block range should work: [0x10, 0x1f]" or "retry with the range 16-31".</summary>
    private static ulong? Suggested(string words)
    {
        var match = Range().Match(words);
        if (!match.Success || !Number(match.Groups["a"].Value, out var from) || !Number(match.Groups["b"].Value, out var to) || to < from)
        {
            return null;
        }

        return to - from + 1;
    }

    private static bool Number(string text, out ulong number) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    [GeneratedRegex(
        @"(?:limited to(?: a)?(?: 0 -)?|max(?:imum)?(?: allowed)?(?: block| blocks)?(?: range)?(?: is)?(?: set to| limited to)?:?|up to(?: a)?|ranges over|limit(?: is|:)|within(?: a)?) ?(?<n>[0-9][0-9,]{0,14})(?<k>k)?(?= ?(?:-?blocks?|range|\b(?! *(?:logs?|results?|entries))))",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Limit();

    [GeneratedRegex(@"(?:\[\s*|range )(?<a>0x[0-9a-f]{1,16}|[0-9]{1,19})\s*(?:,|-|to)\s*(?<b>0x[0-9a-f]{1,16}|[0-9]{1,19})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Range();
}
