using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.App.Reading;

/// <summary>A cap between a feed and a price: in plain text for a person, and as JSON.</summary>
public static class CapText
{
    /// <param name="second">Of the block at which it was read.</param>
    public static string Line(PriceCap cap, ulong second)
    {
        var what = cap.Kind == CapKind.Ratio ? "ratio" : "price";
        if (Unknown(cap, second) is { } why)
        {
            return $"cap of {cap.Adapter} UNKNOWN: {why}";
        }

        var room = cap.IsCapped(second)
            ? $"CAPPED{(cap.SecondsUntilFree(second) is { } seconds ? $", free in {Durations.Text(seconds)} if the {what} stands still" : "")}"
            : $"{Percent(cap.HeadroomPpm(second))} below it";
        var growth = cap.Kind == CapKind.Ratio ? $"; the cap rises {Percent(cap.GrowthPerYearPpm)} a year" : "";
        return $"{what} {Amount(cap.Value, cap)} of at most {Amount(cap.Line.At(second), cap)} ({cap.Adapter}): {room}{growth}";
    }

    public static object Json(PriceCap cap, ulong second)
    {
        var unknown = Unknown(cap, second);
        return new
        {
            cap.Kind,
            cap.Adapter,
            cap.Value,
            Cap = unknown is null ? cap.Line.At(second) : (UInt256?)null,
            cap.Decimals,
            IsCapped = unknown is null ? cap.IsCapped(second) : (bool?)null,
            HeadroomPpm = unknown is null ? cap.HeadroomPpm(second) : (UInt256?)null,
            GrowthPerYearPpm = unknown is null && cap.Kind == CapKind.Ratio ? cap.GrowthPerYearPpm : (UInt256?)null,
            Unknown = unknown,
        };
    }

    // Ours is the adapter's own formula; where it says otherwise, it is not the adapter that we know.
    private static string? Unknown(PriceCap cap, ulong second) =>
        second < cap.Line.Since ? "it was set after the block"
        : cap.SaysCapped is { } says && says != cap.IsCapped(second) ? $"by the formula that we know it is {(says ? "not " : "")}capped, the contract says otherwise"
        : null;

    private static string Amount(UInt256 value, PriceCap cap) => cap.Decimals is { } decimals ? Units.Format(value, decimals, Math.Min(decimals, 6)) : value.ToString();

    private static string Percent(UInt256 ppm) => $"{Units.Format(ppm, 4, 2)} %";
}
