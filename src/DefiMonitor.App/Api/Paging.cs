using System.Globalization;

namespace DefiMonitor.App.Api;

/// <summary>Reads <c>limit</c> and <c>cursor</c>.</summary>
internal static class Paging
{
    public const int MaxLimit = 500;

    private const int UsualLimit = 100;

    /// <summary>False with a sentence when the limit is none.</summary>
    public static bool TryLimit(HttpRequest request, out int limit, out string? error)
    {
        limit = UsualLimit;
        error = null;
        if (request.Query["limit"] is not [{ } text, ..])
        {
            return true;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit)
        {
            return true;
        }

        error = $"limit: write a number from 1 to {MaxLimit}.";
        return false;
    }

    public static string? Cursor(HttpRequest request) => request.Query["cursor"] is [{ Length: > 0 } text, ..] ? text : null;
}
