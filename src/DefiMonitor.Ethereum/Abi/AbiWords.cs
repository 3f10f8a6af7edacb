using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Abi;

/// <summary>Reads a value of some type at a place in a frame.</summary>
public delegate T AbiRead<out T>(AbiReader frame, int at);

/// <summary>What compiled readers are made of: each method reads one kind of value and checks that it is in the range of its type.</summary>
internal static class AbiWords
{
    // Honest data hold every element once, so what is taken out is no more than what came in. Offsets that all point to the same place could ask for gigabytes.
    private const long Slack = 64 * 1024;
    private static readonly BigInteger TwoTo256 = BigInteger.One << 256;

    [ThreadStatic]
    private static long allowance;

    /// <summary>Called before a decoding, which stays on its thread.</summary>
    public static void Begin(int bytes) => allowance = bytes + Slack;

    public static UInt256 UInt(AbiReader frame, int at, int bits)
    {
        var value = frame.UInt256(at);
        return bits == 256 || value.BitLength <= bits ? value : throw TooLarge(at, "uint", bits);
    }

    public static UInt128 UInt128(AbiReader frame, int at, int bits) => (UInt128)UInt(frame, at, bits);

    public static ulong ULong(AbiReader frame, int at, int bits)
    {
        var value = frame.ULong(at);
        return bits == 64 || value >> bits == 0 ? value : throw TooLarge(at, "uint", bits);
    }

    public static uint UInt32(AbiReader frame, int at, int bits) => (uint)ULong(frame, at, bits);

    public static int Int32OfUInt(AbiReader frame, int at, int bits) => (int)ULong(frame, at, bits);

    public static ushort UInt16(AbiReader frame, int at, int bits) => (ushort)ULong(frame, at, bits);

    public static byte UInt8(AbiReader frame, int at, int bits) => (byte)ULong(frame, at, bits);

    public static Int128 SInt128(AbiReader frame, int at, int bits)
    {
        var value = frame.Int128(at);
        return bits >= 128 || (value >= -(System.Int128.One << (bits - 1)) && value < System.Int128.One << (bits - 1)) ? value : throw TooLarge(at, "int", bits);
    }

    public static long SInt64(AbiReader frame, int at, int bits) => (long)SInt128(frame, at, bits);

    public static int SInt32(AbiReader frame, int at, int bits) => (int)SInt128(frame, at, bits);

    public static BigInteger SIntBig(AbiReader frame, int at, int bits)
    {
        var word = (BigInteger)frame.UInt256(at);
        var value = word >= TwoTo256 >> 1 ? word - TwoTo256 : word;
        var limit = BigInteger.One << (bits - 1);
        return value >= -limit && value < limit ? value : throw TooLarge(at, "int", bits);
    }

    public static Hash32 FixedBytes(AbiReader frame, int at, int size) =>
        frame.Word(at)[size..].ContainsAnyExcept((byte)0) ? throw new AbiException($"The word at {at} is longer than bytes{size}.") : frame.Hash32(at);

    public static byte[] ByteArray(AbiReader frame, int at)
    {
        var bytes = frame.Bytes(at);
        Take(bytes.Length);
        return bytes.ToArray();
    }

    public static string Text(AbiReader frame, int at)
    {
        Take(frame.Bytes(at).Length);
        return frame.String(at);
    }

    public static T[] Array<T>(AbiReader frame, int at, int headSize, AbiRead<T> read)
    {
        var elements = frame.Array(at, AbiReader.MaxCount, out var count);
        return Elements(elements, 0, count, headSize, read);
    }

    public static T[] FixedArray<T>(AbiReader frame, int at, int count, int headSize, bool dynamic, AbiRead<T> read) =>
        dynamic ? Elements(frame.Tail(at), 0, count, headSize, read) : Elements(frame, at, count, headSize, read);

    public static Address TopicAddress(Hash32 topic)
    {
        try
        {
            return Address.FromWord(topic);
        }
        catch (FormatException e)
        {
            throw new AbiException(e.Message, e);
        }
    }

    public static UInt256 TopicUInt(Hash32 topic, int bits)
    {
        var value = topic.ToUInt256();
        return bits == 256 || value.BitLength <= bits ? value : throw new AbiException($"The topic {topic.Short} does not fit in uint{bits}.");
    }

    public static AbiReader TopicFrame(Hash32 topic) => new(topic.ToArray());

    private static T[] Elements<T>(AbiReader elements, int at, int count, int headSize, AbiRead<T> read)
    {
        // Not allocated before its bytes are known to be there: a length is only a claim.
        if (at + ((long)count * headSize) > elements.Frame.Length)
        {
            throw new AbiException($"An array of {count} elements is said to be where the answer ends after {elements.Frame.Length} bytes.");
        }

        Take((long)count * headSize);
        var result = new T[count];
        for (var i = 0; i < count; i++)
        {
            result[i] = read(elements, at + (i * headSize));
        }

        return result;
    }

    private static void Take(long bytes)
    {
        allowance -= bytes;
        if (allowance < 0)
        {
            throw new AbiException("The answer names the same bytes over and over: more would come out of it than it holds.");
        }
    }

    private static AbiException TooLarge(int at, string type, int bits) => new($"The word at {at} does not fit in {type}{bits}.");
}
