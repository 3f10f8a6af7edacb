using System.Globalization;

namespace DefiMonitor.Ethereum.Abi;

public enum AbiKind
{
    UInt,
    Int,
    Address,
    Bool,

    /// <summary>bytes1 to bytes32, left-aligned in its word.</summary>
    FixedBytes,
    Bytes,
    String,
    Tuple,
    Array,
}

/// <summary>A Solidity type as it stands in a standard ABI.</summary>
public sealed class AbiType
{
    // Deeper or longer is no contract's ABI.
    private const int MaxDepth = 16;
    private const int MaxFixedLength = 4_096;

    private AbiType(AbiKind kind, int size, AbiType? element, IReadOnlyList<AbiParameter> components, string signature)
    {
        Kind = kind;
        Size = size;
        Element = element;
        Components = components;
        Signature = signature;
        IsDynamic = kind switch
        {
            AbiKind.Bytes or AbiKind.String => true,
            AbiKind.Array => size < 0 || element!.IsDynamic,
            AbiKind.Tuple => components.Any(c => c.Type.IsDynamic),
            _ => false,
        };
        HeadSize = IsDynamic ? AbiReader.WordSize : kind switch
        {
            AbiKind.Tuple => components.Sum(c => c.Type.HeadSize),
            AbiKind.Array => size * element!.HeadSize,
            _ => AbiReader.WordSize,
        };
    }

    public AbiKind Kind { get; }

    /// <summary>Bits of an integer, bytes of fixed bytes, elements of an array (-1: any number).</summary>
    public int Size { get; }

    /// <summary>Of an array.</summary>
    public AbiType? Element { get; }

    /// <summary>Of a tuple.</summary>
    public IReadOnlyList<AbiParameter> Components { get; }

    /// <summary>As it stands in a full signature: tuples written out.</summary>
    public string Signature { get; }

    public bool IsDynamic { get; }

    /// <summary>Bytes in the head of its frame: an offset where dynamic.</summary>
    public int HeadSize { get; }

    /// <param name="type">As in the ABI: <c>uint256</c>, <c>tuple[]</c>, <c>bytes32[2]</c>.</param>
    /// <exception cref="AbiException">It is no type.</exception>
    public static AbiType Parse(string type, IReadOnlyList<AbiParameter> components, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw new AbiException($"The type '{Shown(type)}' is nested deeper than {MaxDepth}.");
        }

        if (type.EndsWith(']'))
        {
            var open = type.LastIndexOf('[');
            var length = open < 0 ? "" : type[(open + 1)..^1];
            var size = -1;
            if (open <= 0 || (length.Length > 0 && (!int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is 0 or > MaxFixedLength)))
            {
                throw Unknown(type);
            }

            var element = Parse(type[..open], components, depth + 1);
            return new AbiType(AbiKind.Array, length.Length == 0 ? -1 : size, element, [], element.Signature + type[open..]);
        }

        return type switch
        {
            "address" => new AbiType(AbiKind.Address, 160, null, [], type),
            "bool" => new AbiType(AbiKind.Bool, 8, null, [], type),
            "bytes" => new AbiType(AbiKind.Bytes, 0, null, [], type),
            "string" => new AbiType(AbiKind.String, 0, null, [], type),
            "tuple" when components.Count > 0 => new AbiType(AbiKind.Tuple, 0, null, components, $"({string.Join(',', components.Select(c => c.Type.Signature))})"),
            "uint" or "int" => throw new AbiException($"The type '{type}' is written without its bits: an ABI has {type}256."),
            _ when Sized(type, "uint", 8, 256, 8) is { } bits => new AbiType(AbiKind.UInt, bits, null, [], type),
            _ when Sized(type, "int", 8, 256, 8) is { } bits => new AbiType(AbiKind.Int, bits, null, [], type),
            _ when Sized(type, "bytes", 1, 32, 1) is { } bytes => new AbiType(AbiKind.FixedBytes, bytes, null, [], type),
            _ => throw Unknown(type),
        };
    }

    public override string ToString() => Signature;

    private static int? Sized(string type, string prefix, int least, int most, int step) =>
        type.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(type.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
        && size >= least && size <= most && size % step == 0 && type.Length > prefix.Length && type[prefix.Length] != '0'
            ? size
            : null;

    private static AbiException Unknown(string type) => new($"'{Shown(type)}' is no ABI type.");

    private static string Shown(string type) => Rpc.RpcText.Clean(type);
}

/// <summary>An input, output or tuple component. Outputs often have no name.</summary>
public sealed record AbiParameter(string Name, AbiType Type, bool Indexed = false);
