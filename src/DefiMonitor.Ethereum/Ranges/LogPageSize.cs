using System.Globalization;
using System.Text.RegularExpressions;

namespace DefiMonitor.Ethereum.Ranges;

/// <summary>
/// How many blocks to ask one endpoint for at once. Providers allow 5, 500, 2,000, 10,000 or any number, and say so in words of their own: the words are read where they
/// can be, else the page is halved. Where logs lie dense the page shrinks to the number of logs wanted, where they are rare it grows fast until something has failed.
/// </summary>
internal sealed partial class LogPageSize(LogRangeOptions options)
{
    private const int WorkedBeforeGrowing = 8;
    private const ulong FastGrowth = 4;
    private readonly Lock gate = new();
    private readonly ulong most = Math.Max(1, options.MostBlocks);
    private readonly ulong wanted = (ulong)Math.Max(1, options.LogsPerPage);
    private ulong ceiling = Math.Max(1, options.MostBlocks);
    private ulong size = Math.Clamp(options.FirstBlocks, 1, Math.Max(1, options.MostBlocks));
    private bool failed;
    private int worked;

    public ulong Size
    {
        get
        {
            lock (gate)
            {
                return size;
            }
        }
    }

    /// <summary>A page of <paramref name="asked"/> blocks brought <paramref name="logs"/> logs.</summary>
    public void Worked(ulong asked, int logs)
    {
        lock (gate)
        {
            var fitting = Math.Max(1, (ulong)(asked * (UInt128)wanted / (uint)Math.Max(1, logs)));
            if ((ulong)logs > wanted)
            {
                size = Math.Min(size, fitting);
                worked = 0;
            }
            else if (asked >= size && size < ceiling && (ulong)logs <= wanted / 2)
            {
                if (!failed)
                {
                    size = Math.Min(ceiling, Math.Min(fitting, size * FastGrowth));
                }
                else if (++worked >= WorkedBeforeGrowing)
                {
                    worked = 0;
                    size = Math.Min(ceiling, size + Math.Max(1, size / 4));
                }
            }
        }
    }

    /// <summary>A page of <paramref name="asked"/> blocks was too much; <paramref name="words"/> are the node's.</summary>
    public void Failed(ulong asked, string words)
    {
        lock (gate)
        {
            worked = 0;
            failed = true;
            if (StatedLimit(words) is { } stated && stated < asked)
            {
                // A limit on blocks holds for good, so there is nothing to grow to beyond it.
                size = ceiling = stated;
                return;
            }

            // What failed by its number of logs may pass elsewhere on the chain, so the ceiling stays. Pages asked for at once fail at once: the smallest counts.
            var half = Math.Max(1, asked / 2);
            size = Math.Min(size, Suggested(words) is { } suggested && suggested < asked ? suggested : half);
            ceiling = Math.Min(most, Math.Max(ceiling, size));
        }
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
