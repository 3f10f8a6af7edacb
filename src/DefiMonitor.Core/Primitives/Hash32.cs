using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace DefiMonitor.Core.Primitives;

/// <summary>32 bytes: a block or transaction hash, a log topic, a market id. Kept in memory as they are written.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly struct Hash32 : IEquatable<Hash32>, IComparable<Hash32>, ISpanParsable<Hash32>
{
    public const int Size = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    public static Hash32 Zero => default;

    public bool IsZero => (_a | _b | _c | _d) == 0;

    /// <summary>The first and the last four digits after 0x, as in 0xab12cd34: for a line on a screen, never as a key.</summary>
    public string Short
    {
        get
        {
            var text = ToString();
            return string.Concat(text.AsSpan(0, 6), text.AsSpan(62));
        }
    }

    public static bool operator ==(in Hash32 a, in Hash32 b) => ((a._a ^ b._a) | (a._b ^ b._b) | (a._c ^ b._c) | (a._d ^ b._d)) == 0;

    public static bool operator !=(in Hash32 a, in Hash32 b) => !(a == b);

    public static bool operator <(in Hash32 a, in Hash32 b) => a.CompareTo(b) < 0;

    public static bool operator >(in Hash32 a, in Hash32 b) => a.CompareTo(b) > 0;

    public static bool operator <=(in Hash32 a, in Hash32 b) => a.CompareTo(b) <= 0;

    public static bool operator >=(in Hash32 a, in Hash32 b) => a.CompareTo(b) >= 0;

    /// <exception cref="ArgumentException">There are not exactly 32 bytes.</exception>
    public static Hash32 FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Size ? MemoryMarshal.Read<Hash32>(bytes) : throw new ArgumentException($"A hash has 32 bytes, not {bytes.Length}.", nameof(bytes));

    public static Hash32 FromUInt256(in UInt256 value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        value.WriteBigEndian(bytes);
        return MemoryMarshal.Read<Hash32>(bytes);
    }

    /// <exception cref="FormatException">The text is not 0x and 64 hex digits.</exception>
    public static Hash32 Parse(string text) => TryParse(text, out var hash, out var error) ? hash : throw new FormatException(error);

    public static Hash32 Parse(string s, IFormatProvider? provider) => Parse(s);

    public static Hash32 Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, out var hash, out var error) ? hash : throw new FormatException(error);

    public static bool TryParse([NotNullWhen(true)] string? text, out Hash32 hash) => TryParse(text.AsSpan(), out hash, out _);

    /// <summary>On failure <paramref name="error"/> is a sentence for a person.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Hash32 hash, [NotNullWhen(false)] out string? error) =>
        TryParse(text.AsSpan(), out hash, out error);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Hash32 result) => TryParse(s.AsSpan(), out result, out _);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Hash32 result) => TryParse(s, out result, out _);

    public void CopyTo(Span<byte> destination) => MemoryMarshal.Write(destination, in this);

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The 32 bytes read as a big-endian number.</summary>
    public UInt256 ToUInt256()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return UInt256.FromBigEndian(bytes);
    }

    public bool Equals(Hash32 other) => this == other;

    public override bool Equals(object? obj) => obj is Hash32 other && this == other;

    public override int GetHashCode() => HashCode.Combine(_a, _b, _c, _d);

    /// <summary>The order of the bytes, which is also the order of the hex texts.</summary>
    public int CompareTo(Hash32 other)
    {
        var order = Compare(_a, other._a);
        order = order != 0 ? order : Compare(_b, other._b);
        order = order != 0 ? order : Compare(_c, other._c);
        return order != 0 ? order : Compare(_d, other._d);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Hex.ToString(bytes);
    }

    private static bool TryParse(ReadOnlySpan<char> text, out Hash32 hash, [NotNullWhen(false)] out string? error)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var read = Hex.TryParseExact(text, bytes, "a 32-byte hash", out error);
        hash = read ? MemoryMarshal.Read<Hash32>(bytes) : Zero;
        return read;
    }

    private static int Compare(ulong a, ulong b) => BitConverter.IsLittleEndian
        ? BinaryPrimitives.ReverseEndianness(a).CompareTo(BinaryPrimitives.ReverseEndianness(b))
        : a.CompareTo(b);
}
