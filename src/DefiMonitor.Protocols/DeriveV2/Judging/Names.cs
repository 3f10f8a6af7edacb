using System.Globalization;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

internal static class Names
{
    public static string Date(ulong seconds) => ExpiryDate.Of(seconds);

    /// <summary>Such as <c>2025-06-27 08:00:00 UTC</c>.</summary>
    public static string Time(ulong seconds) => seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)
        : "never";

    /// <summary>Such as <c>WETH 2,000 call 2025-06-27</c>.</summary>
    public static string Option(string underlying, OptionSubId option) =>
        $"{underlying} {Units.FormatExact(option.Strike, 18)} {(option.IsCall ? "call" : "put")} {Date(option.Expiry)}";
}
