using System.Globalization;

namespace DefiMonitor.Core.Primitives;

public readonly partial struct UInt256
{
    private const int MaxDecimalDigits = 78;
    private const ulong TenToNineteen = 10_000_000_000_000_000_000;

    /// <summary>Reads decimal digits, or hex digits after 0x. No sign, no spaces, no separators.</summary>
    /// <exception cref="FormatException">The text is not such a number.</exception>
    /// <exception cref="OverflowException">The number needs more than 256 bits.</exception>
    public static UInt256 Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text.AsSpan());
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static UInt256 Parse(ReadOnlySpan<char> text) => Read(text, out var value) switch
    {
        Outcome.Read => value,
        Outcome.TooLarge => throw new OverflowException($"'{Hex.Quote(text)}' does not fit 256 bits."),
        _ => throw new FormatException($"'{Hex.Quote(text)}' is no unsigned integer: write decimal digits, or 0x and hex digits."),
    };

    public static UInt256 Parse(string s, IFormatProvider? provider) => Parse(s);

    public static UInt256 Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse(string? text, out UInt256 value) => TryParse(text.AsSpan(), out value);

    public static bool TryParse(ReadOnlySpan<char> text, out UInt256 value) => Read(text, out value) == Outcome.Read;

    public static bool TryParse(string? s, IFormatProvider? provider, out UInt256 result) => TryParse(s.AsSpan(), out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out UInt256 result) => TryParse(s, out result);

    /// <summary>Decimal digits without separators.</summary>
    public override string ToString() => ToString(null, null);

    /// <summary>0x and the fewest lower-case hex digits ("0x0" for zero): a JSON-RPC quantity.</summary>
    public string ToHex() => ToString("x", null);

    /// <summary>Format "x" is <see cref="ToHex"/>; none, "D" or "G" is decimal.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        Span<char> buffer = stackalloc char[MaxDecimalDigits];
        TryFormat(buffer, out var written, format, formatProvider);
        return new string(buffer[..written]);
    }

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        Span<char> buffer = stackalloc char[MaxDecimalDigits];
        var start = format switch
        {
            "" or "D" or "d" or "G" or "g" => WriteDecimal(buffer),
            "x" => WriteHex(buffer),
            _ => throw new FormatException($"'{format}' is no format of a UInt256: use none for decimal or x for hex."),
        };
        var text = buffer[start..];
        charsWritten = text.TryCopyTo(destination) ? text.Length : 0;
        return charsWritten != 0;
    }

    private int WriteDecimal(Span<char> buffer)
    {
        var at = buffer.Length;
        var value = this;
        while (true)
        {
            ulong part;
            if (value.IsOneWord)
            {
                part = value._u0;
                value = Zero;
            }
            else
            {
                value = DivideByWord(value, TenToNineteen, out part);
            }

            var digits = value.IsZero ? 1 : 19;
            for (; digits > 0 || part != 0; digits--)
            {
                buffer[--at] = (char)('0' + (part % 10));
                part /= 10;
            }

            if (value.IsZero)
            {
                return at;
            }
        }
    }

    private int WriteHex(Span<char> buffer)
    {
        var at = buffer.Length;
        var value = this;
        do
        {
            buffer[--at] = "0123456789abcdef"[(int)(value._u0 & 15)];
            value >>= 4;
        }
        while (!value.IsZero);
        buffer[--at] = 'x';
        buffer[--at] = '0';
        return at;
    }

    private static Outcome Read(ReadOnlySpan<char> text, out UInt256 value)
    {
        value = Zero;
        if (text.StartsWith("0x"))
        {
            return ReadHex(text[2..], out value);
        }

        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9'))
        {
            return Outcome.Malformed;
        }

        text = text.TrimStart('0');
        while (!text.IsEmpty)
        {
            var length = Math.Min(19, text.Length);
            var part = ulong.Parse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture);
            text = text[length..];
            if (!TryMultiply(value, Pow10(length), out value) || !TryAdd(value, part, out value))
            {
                value = Zero;
                return Outcome.TooLarge;
            }
        }

        return Outcome.Read;
    }

    private static Outcome ReadHex(ReadOnlySpan<char> digits, out UInt256 value)
    {
        value = Zero;
        if (digits.IsEmpty)
        {
            return Outcome.Malformed;
        }

        foreach (var c in digits)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return Outcome.Malformed;
            }
        }

        digits = digits.TrimStart('0');
        if (digits.Length > 64)
        {
            return Outcome.TooLarge;
        }

        foreach (var c in digits)
        {
            value = (value << 4) | (uint)Hex.Digit(c);
        }

        return Outcome.Read;
    }

    private enum Outcome
    {
        Read,
        Malformed,
        TooLarge,
    }
}
