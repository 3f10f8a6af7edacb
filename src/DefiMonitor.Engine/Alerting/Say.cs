using System.Globalization;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Engine.Alerting;

/// <summary>Figures as a person reads them at night. Amounts, prices and health factors are cut off, never rounded up.</summary>
internal static class Say
{
    public const int MaxSymbol = 24;
    public const int MaxName = 40;
    public const int MaxSentence = 300;

    private const int WadDecimals = 18;

    /// <summary>No debt: "infinite".</summary>
    public static string Health(UInt256? wad) => wad is { } w ? Units.Format(w, WadDecimals, 4) : "infinite";

    /// <inheritdoc cref="Health(UInt256?)"/>
    public static string? Health(string? wad) => UInt256.TryParse(wad, out var value) ? Health(value) : null;

    public static string Money(MarginReport report, in UInt256 value) => $"{Units.Format(value, report.UnitDecimals, Math.Min(2, report.UnitDecimals))} {Unit(report)}";

    public static string Debt(MarginReport report) => (report.IsDebtPartial ? "at least " : "") + Money(report, report.DebtValue);

    /// <summary>More digits the smaller it is: 2,011.40 and 1.0002 and 0.00001234.</summary>
    public static string Price(MarginReport report, in UInt256 price)
    {
        var one = UInt256.Pow10(report.UnitDecimals);
        var shown = price >= one * 100u ? 2 : price >= one ? 4 : 8;
        return Units.Format(price, report.UnitDecimals, Math.Min(shown, report.UnitDecimals));
    }

    /// <summary>An amount to look at, at most six digits after the point. Amounts to act on are written out by <see cref="Units.FormatExact"/>.</summary>
    public static string Amount(in UInt256 amount, int decimals)
    {
        var text = Units.Format(amount, decimals, Math.Min(6, decimals));
        return text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    /// <summary>450000 ppm: "45.00 %", cut off.</summary>
    public static string Ppm(ulong ppm) => $"{Units.Format(ppm, 4, 2)} %";

    /// <summary>A share as signed per cent: "-6.8 %", "+0.41 %".</summary>
    public static string Change(double share)
    {
        var percent = share * 100;
        var format = Math.Abs(percent) >= 1 ? "+0.0;-0.0;0" : "+0.00;-0.00;0";
        return percent.ToString(format, CultureInfo.InvariantCulture) + " %";
    }

    public static string Sigmas(double sigmas) =>
        sigmas >= 99.95 ? "more than 99" : (Math.Floor(sigmas * 10) / 10).ToString("0.0", CultureInfo.InvariantCulture);

    public static string Span(ulong seconds) => seconds switch
    {
        1 => "1 second",
        < 120 => $"{seconds} seconds",
        < 7_200 => $"{seconds / 60} minutes",
        < 172_800 => $"{seconds / 3_600} hours",
        < 63_072_000 => $"{seconds / 86_400} days",
        _ => $"{seconds / 31_536_000} years",
    };

    public static string Time(ulong second) =>
        second > 253_402_300_799 ? "never" : DateTimeOffset.FromUnixTimeSeconds((long)second).ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public static string Symbol(string symbol)
    {
        var clean = HostileText.OneLine(symbol, MaxSymbol).Trim();
        return clean.Length == 0 ? "(no symbol)" : clean;
    }

    public static string Unit(MarginReport report) => HostileText.OneLine(report.Unit, MaxSymbol);

    /// <summary>"alice (0x1234…abcd)", or the short key alone.</summary>
    public static string Who(MarginAccountId account, string? ownerName)
    {
        var key = HostileText.OneLine(account.Key, 80);
        var shortKey = key.Length > 16 ? $"{key[..6]}…{key[^4..]}" : key;
        var name = HostileText.OneLine(ownerName, MaxName).Trim();
        return name.Length == 0 ? shortKey : $"{name} ({shortKey})";
    }
}
