using System.Globalization;

namespace DefiMonitor.App.Hosting;

/// <summary>Lengths of time as people write them: 30m, 8h, 2d.</summary>
public static class Durations
{
    public const string Rule = "a length of time is a number and m, h or d, as in 30m, 8h or 2d, 365d at most.";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (text is not [.., _, _] || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        TimeSpan? read = text[^1] switch
        {
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => null,
        };
        duration = read ?? default;
        return read is { } some && some > TimeSpan.Zero && some <= Longest;
    }

    /// <summary>As in "3 min" or "2 days"; for people.</summary>
    public static string Text(ulong seconds) => seconds switch
    {
        < 120 => $"{seconds} s",
        < 7_200 => $"{seconds / 60} min",
        < 172_800 => $"{seconds / 3_600} h",
        < 63_072_000 => $"{seconds / 86_400:N0} days",
        _ => $"{seconds / 31_536_000} years",
    };
}
