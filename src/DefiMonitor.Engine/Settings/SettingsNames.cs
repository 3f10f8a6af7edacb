namespace DefiMonitor.Engine.Settings;

/// <summary>Names that appear in ids, file names, metrics and URLs: letters, digits, dash, underscore and dot.</summary>
internal static class SettingsNames
{
    public const int MaxLength = 64;

    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && char.IsAsciiLetterOrDigit(text[0]);

    public static string Rule(string text) =>
        $"\"{text}\" can't be a name; use letters, digits, - _ and . ({MaxLength} at most, a letter or digit first).";
}
