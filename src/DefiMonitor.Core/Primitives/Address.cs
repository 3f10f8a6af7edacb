using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace DefiMonitor.Core.Primitives;

/// <summary>20 bytes: an account or a contract. Kept in memory as they are written; shown with the EIP-55 checksum.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly struct Address : IEquatable<Address>, IComparable<Address>, ISpanParsable<Address>
{
    public const int Size = 20;

    private static readonly SearchValues<char> LowerDigits = SearchValues.Create("0123456789abcdef");

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly uint _c;

    public static Address Zero => default;

    public bool IsZero => (_a | _b | _c) == 0;

    public static bool operator ==(in Address a, in Address b) => ((a._a ^ b._a) | (a._b ^ b._b) | (a._c ^ b._c)) == 0;

    public static bool operator !=(in Address a, in Address b) => !(a == b);

    public static bool operator <(in Address a, in Address b) => a.CompareTo(b) < 0;

    public static bool operator >(in Address a, in Address b) => a.CompareTo(b) > 0;

    public static bool operator <=(in Address a, in Address b) => a.CompareTo(b) <= 0;

    public static bool operator >=(in Address a, in Address b) => a.CompareTo(b) >= 0;

    /// <exception cref="ArgumentException">There are not exactly 20 bytes.</exception>
    public static Address FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Size ? MemoryMarshal.Read<Address>(bytes) : throw new ArgumentException($"An address has 20 bytes, not {bytes.Length}.", nameof(bytes));

    /// <summary>Reads an ABI word or an indexed topic: 12 zero bytes, then the address.</summary>
    /// <exception cref="FormatException">The word is not 32 bytes, or its first 12 are not zero, which no compliant contract returns.</exception>
    public static Address FromWord(ReadOnlySpan<byte> word)
    {
        if (word.Length != 32 || word[..12].ContainsAnyExcept((byte)0))
        {
            throw new FormatException($"'{Hex.Quote(Hex.ToString(word))}' is no address word: 12 zero bytes and then 20 were expected.");
        }

        return MemoryMarshal.Read<Address>(word[12..]);
    }

    /// <inheritdoc cref="FromWord(ReadOnlySpan{byte})"/>
    public static Address FromWord(in Hash32 word)
    {
        Span<byte> bytes = stackalloc byte[Hash32.Size];
        word.CopyTo(bytes);
        return FromWord(bytes);
    }

    /// <exception cref="FormatException">See <see cref="TryParse(string?, out Address, out string?)"/>.</exception>
    public static Address Parse(string text) => TryParse(text, out var address, out var error) ? address : throw new FormatException(error);

    public static Address Parse(string s, IFormatProvider? provider) => Parse(s);

    public static Address Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, out var address, out var error) ? address : throw new FormatException(error);

    public static bool TryParse([NotNullWhen(true)] string? text, out Address address) => TryParse(text.AsSpan(), out address, out _);

    /// <summary>
    /// Takes 0x and 40 hex digits, all lower, all upper, or mixed with the right EIP-55 checksum. On failure <paramref name="error"/> is a sentence for a person.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Address address, [NotNullWhen(false)] out string? error) =>
        TryParse(text.AsSpan(), out address, out error);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Address result) => TryParse(s.AsSpan(), out result, out _);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Address result) => TryParse(s, out result, out _);

    /// <summary>Reads what <see cref="ToHex"/> writes and nothing else: no upper case, no checksum.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> text, out Address address)
    {
        address = default;
        if (text.Length != 2 + (2 * Size) || !text.StartsWith("0x") || text[2..].ContainsAnyExcept(LowerDigits))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Size];
        Convert.FromHexString(text[2..], bytes, out _, out _);
        address = MemoryMarshal.Read<Address>(bytes);
        return true;
    }

    public void CopyTo(Span<byte> destination) => MemoryMarshal.Write(destination, in this);

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The ABI word and indexed topic of the address: 12 zero bytes, then the 20.</summary>
    public Hash32 ToWord()
    {
        Span<byte> bytes = stackalloc byte[Hash32.Size];
        bytes.Clear();
        CopyTo(bytes[12..]);
        return Hash32.FromBytes(bytes);
    }

    public bool Equals(Address other) => this == other;

    public override bool Equals(object? obj) => obj is Address other && this == other;

    public override int GetHashCode() => HashCode.Combine(_a, _b, _c);

    /// <summary>The order of the bytes, which is also the order of the lower-case hex texts.</summary>
    public int CompareTo(Address other)
    {
        var order = BigEndian(_a).CompareTo(BigEndian(other._a));
        order = order != 0 ? order : BigEndian(_b).CompareTo(BigEndian(other._b));
        return order != 0 ? order : BigEndian(_c).CompareTo(BigEndian(other._c));
    }

    /// <summary>0x and 40 lower-case digits: the form for keys and comparisons of text.</summary>
    public string ToHex()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Hex.ToString(bytes);
    }

    /// <summary>The EIP-55 checksum form: a letter is upper case where the Keccak hash of the lower-case digits has a nibble of 8 or more.</summary>
    public override string ToString()
    {
        var lower = ToHex();
        Span<byte> hash = stackalloc byte[Hash32.Size];
        Keccak256.HashUtf8(lower[2..]).CopyTo(hash);
        Span<char> text = stackalloc char[42];
        lower.CopyTo(text);
        for (var i = 0; i < 40; i++)
        {
            var nibble = (i & 1) == 0 ? hash[i >> 1] >> 4 : hash[i >> 1] & 15;
            if (nibble >= 8)
            {
                text[i + 2] = char.ToUpperInvariant(text[i + 2]);
            }
        }

        return new string(text);
    }

    private static bool TryParse(ReadOnlySpan<char> text, out Address address, [NotNullWhen(false)] out string? error)
    {
        address = Zero;
        Span<byte> bytes = stackalloc byte[Size];
        if (!Hex.TryParseExact(text, bytes, "an address", out error))
        {
            return false;
        }

        var read = MemoryMarshal.Read<Address>(bytes);
        var digits = text[2..];
        if (digits.ContainsAnyInRange('a', 'f') && digits.ContainsAnyInRange('A', 'F'))
        {
            var right = read.ToString();
            if (!digits.SequenceEqual(right.AsSpan(2)))
            {
                error = $"'{text}' has a wrong checksum, so a digit may be mistyped: the correct form of these digits is {right}; all lower case is taken too.";
                return false;
            }
        }

        address = read;
        return true;
    }

    private static ulong BigEndian(ulong asHeld) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(asHeld) : asHeld;

    private static uint BigEndian(uint asHeld) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(asHeld) : asHeld;
}
