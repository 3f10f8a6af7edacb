using System.Diagnostics.CodeAnalysis;

namespace DefiMonitor.Core.Primitives;

/// <summary>
/// A token amount or fixed-point number as a person reads it: "1,043.2172". Always invariant, always truncated: a health factor is never shown higher than it is.
/// </summary>
public static class Units
{
    private const int MaxDecimals = 77;

    /// <summary>value / 10^<paramref name="decimals"/> with exactly <paramref name="shown"/> digits after the point, the rest cut off.</summary>
    public static string Format(in UInt256 value, int decimals, int shown)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shown);
        var (whole, fraction) = Split(value, decimals);
        var digits = fraction.Length >= shown ? fraction[..shown] : fraction.PadRight(shown, '0');
        return shown == 0 ? Group(whole) : $"{Group(whole)}.{digits}";
    }

    /// <summary>value / 10^<paramref name="decimals"/> with every digit that counts and no trailing zeros: nothing is lost, <see cref="Parse"/> reads it back.</summary>
    public static string FormatExact(in UInt256 value, int decimals)
    {
        var (whole, fraction) = Split(value, decimals);
        fraction = fraction.TrimEnd('0');
        return fraction.Length == 0 ? Group(whole) : $"{Group(whole)}.{fraction}";
    }

    /// <exception cref="FormatException">See <see cref="TryParse"/>.</exception>
    public static UInt256 Parse(string text, int decimals) =>
        TryParse(text, decimals, out var value, out var error) ? value : throw new FormatException(error);

    /// <summary>
    /// Reads "1043.2172" or "1,043.2172" into units of 10^-<paramref name="decimals"/>. More digits after the point than the token has are refused, not rounded;
    /// commas must stand before groups of three, so that a European decimal comma is not taken for one of them.
    /// </summary>
    public static bool TryParse(string? text, int decimals, out UInt256 value, [NotNullWhen(false)] out string? error)
    {
        CheckDecimals(decimals);
        value = UInt256.Zero;
        var quoted = Hex.Quote(text);
        var parts = (text ?? "").Split('.');
        var whole = parts[0];
        var fraction = parts.Length == 2 ? parts[1] : "";
        if (parts.Length > 2 || (parts.Length == 2 && !IsDigits(fraction)) || !TryUngroup(whole, out var digits))
        {
            error = $"'{quoted}' is no amount: write digits with a point, such as 1043.2172 or 1,043.2172.";
            return false;
        }

        fraction = fraction.TrimEnd('0');
        if (fraction.Length > decimals)
        {
            error = $"'{quoted}' has {fraction.Length} digits after the point: there are only {decimals}.";
            return false;
        }

        if (!UInt256.TryParse(digits + fraction.PadRight(decimals, '0'), out value))
        {
            error = $"'{quoted}' is too large: with {decimals} decimals it does not fit 256 bits.";
            return false;
        }

        error = null;
        return true;
    }

    private static (string Whole, string Fraction) Split(in UInt256 value, int decimals)
    {
        CheckDecimals(decimals);
        var (whole, fraction) = UInt256.DivRem(value, UInt256.Pow10(decimals));
        return (whole.ToString(), decimals == 0 ? "" : fraction.ToString().PadLeft(decimals, '0'));
    }

    private static void CheckDecimals(int decimals)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decimals);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decimals, MaxDecimals);
    }

    private static string Group(string digits)
    {
        for (var at = digits.Length - 3; at > 0; at -= 3)
        {
            digits = digits.Insert(at, ",");
        }

        return digits;
    }

    private static bool TryUngroup(string text, out string digits)
    {
        digits = text.Replace(",", "");
        return IsDigits(digits) && (digits.Length == text.Length || text == Group(digits));
    }

    private static bool IsDigits(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9');
}
