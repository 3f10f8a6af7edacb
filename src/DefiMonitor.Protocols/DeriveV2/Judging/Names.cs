using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

internal static class Names
{
    public static string Date(ulong seconds) => ExpiryDate.Of(seconds);

    /// <summary>Such as <c>WETH 2,000 call 2025-06-27</c>.</summary>
    public static string Option(string underlying, OptionSubId option) =>
        $"{underlying} {Units.FormatExact(option.Strike, 18)} {(option.IsCall ? "call" : "put")} {Date(option.Expiry)}";
}
