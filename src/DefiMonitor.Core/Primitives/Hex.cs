using System.Diagnostics.CodeAnalysis;

namespace DefiMonitor.Core.Primitives;

/// <summary>Bytes as Ethereum writes them: 0x, then two lower-case digits a byte. Reading takes either case, and insists on 0x.</summary>
public static class Hex
{
    private const int MaxQuoted = 80;

    /// <exception cref="FormatException">The text is not 0x and pairs of hex digits.</exception>
    public static byte[] Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var bytes, out var error) ? bytes : throw new FormatException(error);
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out byte[]? bytes) => TryParse(text, out bytes, out _);

    /// <summary>On failure <paramref name="error"/> is a sentence for a person.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out string? error)
    {
        bytes = null;
        error = Check(text, out var digits);
        if (error is not null)
        {
            return false;
        }

        bytes = new byte[digits.Length / 2];
        Decode(digits, bytes);
        return true;
    }

    public static string ToString(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    /// <summary>Reads exactly as many bytes as <paramref name="destination"/> holds.</summary>
    internal static bool TryParseExact(ReadOnlySpan<char> text, Span<byte> destination, string what, [NotNullWhen(false)] out string? error)
    {
        error = Check(text, out var digits);
        if (error is null && digits.Length != destination.Length * 2)
        {
            error = $"'{Quote(text)}' has {digits.Length} hex digits after 0x: {what} has {destination.Length * 2}.";
        }

        if (error is not null)
        {
            return false;
        }

        Decode(digits, destination);
        return true;
    }

    /// <summary>The value of a digit that is known to be one.</summary>
    internal static int Digit(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

    /// <summary>Foreign text for an error message: bounded, and without control characters.</summary>
    internal static string Quote(ReadOnlySpan<char> text)
    {
        var shown = text.Length > MaxQuoted ? text[..MaxQuoted] : text;
        var clean = string.Create(shown.Length, shown, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                to[i] = from[i] is >= ' ' and <= '~' ? from[i] : '?';
            }
        });
        return text.Length > MaxQuoted ? clean + "..." : clean;
    }

    private static string? Check(ReadOnlySpan<char> text, out ReadOnlySpan<char> digits)
    {
        digits = default;
        if (!text.StartsWith("0x"))
        {
            return $"'{Quote(text)}' does not begin with 0x: write 0x and then hex digits.";
        }

        for (var i = 2; i < text.Length; i++)
        {
            if (!char.IsAsciiHexDigit(text[i]))
            {
                return $"'{Quote(text)}' has '{Quote(text.Slice(i, 1))}' at position {i + 1}, which is no hex digit: use 0-9 and a-f.";
            }
        }

        if (text.Length % 2 != 0)
        {
            return $"'{Quote(text)}' has an odd number of hex digits: write two for every byte.";
        }

        digits = text[2..];
        return null;
    }

    private static void Decode(ReadOnlySpan<char> digits, Span<byte> destination)
    {
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = (byte)((Digit(digits[2 * i]) << 4) | Digit(digits[(2 * i) + 1]));
        }
    }
}
