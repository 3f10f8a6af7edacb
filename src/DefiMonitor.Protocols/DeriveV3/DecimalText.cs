using System.Globalization;
using System.Numerics;

namespace DefiMonitor.Protocols.DeriveV3;

/// <summary>Decimal numbers in text, such as <c>-12.5</c> or <c>0E-18</c>, as integers of 18 decimals. What is cut off is rounded down: a margin a hair below 0 stays below 0.</summary>
internal static class DecimalText
{
    private const int Decimals = 18;
    private const int Longest = 100;
    private const int MostExponent = 60;

    public static bool TryWad(string text, out Int128 wad)
    {
        wad = 0;
        var cut = text.AsSpan().IndexOfAny('e', 'E');
        var mantissa = cut < 0 ? text.AsSpan() : text.AsSpan(0, cut);
        var exponent = 0;
        if (text.Length is 0 or > Longest || (cut >= 0 && !int.TryParse(text.AsSpan(cut + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)) || exponent is < -MostExponent or > MostExponent)
        {
            return false;
        }

        var isNegative = mantissa.Length > 0 && mantissa[0] == '-';
        mantissa = isNegative ? mantissa[1..] : mantissa;
        var point = mantissa.IndexOf('.');
        var whole = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? [] : mantissa[(point + 1)..];
        if (whole.Length == 0 || (point >= 0 && fraction.Length == 0) || whole.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var digits = BigInteger.Parse(string.Concat(whole, fraction), NumberStyles.None, CultureInfo.InvariantCulture);
        var shift = Decimals + exponent - fraction.Length;
        digits = isNegative ? -digits : digits;
        var scaled = shift >= 0 ? digits * BigInteger.Pow(10, shift) : Floor(digits, BigInteger.Pow(10, -shift));
        if (scaled > (BigInteger)Int128.MaxValue || scaled <= (BigInteger)Int128.MinValue)
        {
            return false;
        }

        wad = (Int128)scaled;
        return true;
    }

    private static BigInteger Floor(BigInteger value, BigInteger by)
    {
        var quotient = BigInteger.DivRem(value, by, out var rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }
}
