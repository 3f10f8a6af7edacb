using System.Buffers.Binary;
using System.Text;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Abi;

/// <summary>
/// Reads ABI-encoded bytes. Positions are in bytes from the start of the current frame (the arguments, a tuple, the elements of an array), so that offsets
/// stored in the data are taken from the same place. Nothing is read beyond the end, no length is believed before it is checked, and a word with
/// dirty high bytes is refused: no compliant contract returns one.
/// </summary>
/// <exception cref="AbiException">Thrown by every member when the bytes are not as the ABI says.</exception>
public readonly struct AbiReader(ReadOnlyMemory<byte> frame)
{
    public const int WordSize = 32;

    /// <summary>Longest text or byte string that is taken out of a contract's answer.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Longest array, unless the caller knows better.</summary>
    public const int MaxCount = 1_000_000;

    public ReadOnlyMemory<byte> Frame => frame;

    public ReadOnlySpan<byte> Word(int at) =>
        at >= 0 && at <= frame.Length - WordSize
            ? frame.Span.Slice(at, WordSize)
            : throw new AbiException($"The answer ends after {frame.Length} bytes where a word at {at} was expected.");

    public UInt256 UInt256(int at) => Core.Primitives.UInt256.FromBigEndian(Word(at));

    public Hash32 Hash32(int at) => Core.Primitives.Hash32.FromBytes(Word(at));

    public Address Address(int at)
    {
        var word = Word(at);
        return word[..12].ContainsAnyExcept((byte)0)
            ? throw new AbiException($"The word at {at} is no address: its first 12 bytes are not zero.")
            : Core.Primitives.Address.FromBytes(word[12..]);
    }

    public bool Bool(int at) => ULong(at) switch
    {
        0 => false,
        1 => true,
        var other => throw new AbiException($"The word at {at} is {other}, which is no bool."),
    };

    public ulong ULong(int at)
    {
        var word = Word(at);
        return word[..24].ContainsAnyExcept((byte)0)
            ? throw new AbiException($"The word at {at} does not fit in 64 bits.")
            : BinaryPrimitives.ReadUInt64BigEndian(word[24..]);
    }

    /// <summary>A signed word of at most 128 bits.</summary>
    public Int128 Int128(int at)
    {
        var word = Word(at);
        var value = new Int128(BinaryPrimitives.ReadUInt64BigEndian(word[16..]), BinaryPrimitives.ReadUInt64BigEndian(word[24..]));
        return word[..16].ContainsAnyExcept(value < 0 ? (byte)0xff : (byte)0)
            ? throw new AbiException($"The word at {at} does not fit in 128 signed bits.")
            : value;
    }

    /// <summary>The <c>bytes</c> whose offset stands at <paramref name="at"/>: a view, not a copy.</summary>
    public ReadOnlyMemory<byte> Bytes(int at)
    {
        var start = Offset(at);
        var length = Length(start, MaxBytes);
        return start + WordSize + length <= frame.Length
            ? frame.Slice(start + WordSize, length)
            : throw new AbiException($"The bytes at {start} are said to be {length} long, but the answer ends after {frame.Length}.");
    }

    /// <summary>The <c>string</c> whose offset stands at <paramref name="at"/>. Hostile: bytes that are no UTF-8 become U+FFFD, and the rest is for the sink to escape.</summary>
    public string String(int at, int maxBytes = 4_096)
    {
        var bytes = Bytes(at);
        return bytes.Length <= maxBytes
            ? Encoding.UTF8.GetString(bytes.Span)
            : throw new AbiException($"The text at {at} is {bytes.Length} bytes long, more than the {maxBytes} that are read here.");
    }

    /// <summary>The frame of the dynamic tuple or fixed array whose offset stands at <paramref name="at"/>.</summary>
    public AbiReader Tail(int at) => new(frame[Offset(at)..]);

    /// <summary>The frame of the elements of the array whose offset stands at <paramref name="at"/>, and how many there are.</summary>
    public AbiReader Array(int at, int maxCount, out int count)
    {
        var start = Offset(at);
        count = Length(start, maxCount);

        // Every element has at least one word, or no length could be believed. (Arrays of empty tuples do not exist in Solidity.)
        return (long)start + WordSize + ((long)count * WordSize) <= frame.Length
            ? new AbiReader(frame[(start + WordSize)..])
            : throw new AbiException($"The array at {start} is said to have {count} elements, but the answer ends after {frame.Length} bytes.");
    }

    private int Offset(int at)
    {
        var word = Word(at);
        return word[..28].ContainsAnyExcept((byte)0) || BinaryPrimitives.ReadUInt32BigEndian(word[28..]) is var offset && offset > (uint)frame.Length
            ? throw new AbiException($"The offset at {at} points beyond the end of the answer.")
            : (int)BinaryPrimitives.ReadUInt32BigEndian(word[28..]);
    }

    private int Length(int at, int most)
    {
        var word = Word(at);
        return word[..28].ContainsAnyExcept((byte)0) || BinaryPrimitives.ReadUInt32BigEndian(word[28..]) is var length && length > (uint)most
            ? throw new AbiException($"The length at {at} is more than the {most} that are read here.")
            : (int)BinaryPrimitives.ReadUInt32BigEndian(word[28..]);
    }
}
