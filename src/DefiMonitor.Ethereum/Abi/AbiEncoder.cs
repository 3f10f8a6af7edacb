using System.Collections;
using System.Numerics;
using System.Text;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Abi;

/// <summary>Encodes arguments by their ABI types. What does not fit is refused with a sentence: calldata is never silently wrong.</summary>
internal static class AbiEncoder
{
    private const int WordSize = AbiReader.WordSize;
    private static readonly BigInteger TwoTo256 = BigInteger.One << 256;

    public static byte[] Encode(ReadOnlySpan<byte> selector, IReadOnlyList<AbiParameter> parameters, IReadOnlyList<object> values, string signature)
    {
        if (values.Count != parameters.Count)
        {
            throw new AbiException($"{signature} takes {parameters.Count} arguments, not {values.Count}.");
        }

        var body = Frame([.. parameters.Select(p => p.Type)], values, signature);
        var bytes = new byte[selector.Length + body.Length];
        selector.CopyTo(bytes);
        body.CopyTo(bytes, selector.Length);
        return bytes;
    }

    /// <summary>Heads, then tails; offsets count from the first head.</summary>
    private static byte[] Frame(IReadOnlyList<AbiType> types, IReadOnlyList<object> values, string where)
    {
        var heads = types.Sum(t => t.HeadSize);
        var tails = new List<byte[]>();
        var bytes = new byte[heads];
        var at = 0;
        var tail = heads;
        for (var i = 0; i < types.Count; i++)
        {
            var encoded = Value(types[i], values[i], where);
            if (types[i].IsDynamic)
            {
                ((UInt256)(ulong)tail).WriteBigEndian(bytes.AsSpan(at, WordSize));
                tails.Add(encoded);
                tail += encoded.Length;
            }
            else
            {
                encoded.CopyTo(bytes, at);
            }

            at += types[i].HeadSize;
        }

        return tails.Count == 0 ? bytes : [.. bytes, .. tails.SelectMany(t => t)];
    }

    private static byte[] Value(AbiType type, object value, string where) => (type.Kind, value) switch
    {
        (AbiKind.Address, Address address) => address.ToWord().ToArray(),
        (AbiKind.Bool, bool flag) => Word(flag ? UInt256.One : UInt256.Zero),
        (AbiKind.UInt, _) when Unsigned(value) is { } number => number.BitLength <= type.Size
            ? Word(number)
            : throw new AbiException($"{where}: {number} does not fit in {type}."),
        (AbiKind.Int, _) when Signed(value) is { } number => Word(TwosComplement(number, type, where)),
        (AbiKind.FixedBytes, Hash32 hash) => Left(hash.ToArray(), type, where),
        (AbiKind.FixedBytes, byte[] bytes) when bytes.Length == type.Size => Left([.. bytes, .. new byte[WordSize - bytes.Length]], type, where),
        (AbiKind.Bytes, byte[] bytes) => Counted(bytes),
        (AbiKind.Bytes, ReadOnlyMemory<byte> bytes) => Counted(bytes.Span),
        (AbiKind.String, string text) => Counted(Encoding.UTF8.GetBytes(text)),
        (AbiKind.Tuple, object[] items) when items.Length == type.Components.Count => Frame([.. type.Components.Select(c => c.Type)], items, where),
        (AbiKind.Array, IEnumerable items) => Array(type, [.. items.Cast<object>()], where),
        _ => throw new AbiException($"{where}: a {value?.GetType().Name ?? "null"} is no {type}."),
    };

    private static byte[] Array(AbiType type, IReadOnlyList<object> items, string where)
    {
        if (type.Size >= 0 && items.Count != type.Size)
        {
            throw new AbiException($"{where}: {items.Count} elements are no {type}.");
        }

        var frame = Frame([.. Enumerable.Repeat(type.Element!, items.Count)], items, where);
        return type.Size >= 0 ? frame : [.. Word((ulong)items.Count), .. frame];
    }

    private static byte[] Counted(ReadOnlySpan<byte> bytes)
    {
        var padded = (bytes.Length + WordSize - 1) / WordSize * WordSize;
        var result = new byte[WordSize + padded];
        ((UInt256)(ulong)bytes.Length).WriteBigEndian(result.AsSpan(0, WordSize));
        bytes.CopyTo(result.AsSpan(WordSize));
        return result;
    }

    private static byte[] Left(byte[] word, AbiType type, string where) => word.AsSpan(type.Size).ContainsAnyExcept((byte)0)
        ? throw new AbiException($"{where}: the value is longer than {type}.")
        : word;

    private static byte[] Word(UInt256 value)
    {
        var bytes = new byte[WordSize];
        value.WriteBigEndian(bytes);
        return bytes;
    }

    private static UInt256? Unsigned(object value) => value switch
    {
        UInt256 number => number,
        ulong number => number,
        uint number => number,
        ushort number => (uint)number,
        byte number => (uint)number,
        UInt128 number => number,
        int number and >= 0 => (UInt256)(uint)number,
        long number and >= 0 => (UInt256)(ulong)number,
        BigInteger number when number.Sign >= 0 && number < TwoTo256 => (UInt256)number,
        _ => null,
    };

    private static BigInteger? Signed(object value) => value switch
    {
        BigInteger number => number,
        Int128 number => number,
        long number => number,
        int number => number,
        short number => number,
        sbyte number => number,
        _ => null,
    };

    private static UInt256 TwosComplement(BigInteger number, AbiType type, string where)
    {
        var limit = BigInteger.One << (type.Size - 1);
        return number >= -limit && number < limit
            ? (UInt256)(number.Sign < 0 ? number + TwoTo256 : number)
            : throw new AbiException($"{where}: {number} does not fit in {type}.");
    }
}
