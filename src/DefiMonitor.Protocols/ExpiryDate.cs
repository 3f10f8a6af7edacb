using System.Globalization;

namespace DefiMonitor.Protocols;

/// <summary>The day of an expiry, as options are named by it.</summary>
internal static class ExpiryDate
{
    private static readonly ulong Last = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>Such as <c>2021-06-25</c>, by UTC; <c>never</c> where no calendar has it.</summary>
    public static string Of(ulong seconds) =>
        seconds <= Last ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "never";
}
