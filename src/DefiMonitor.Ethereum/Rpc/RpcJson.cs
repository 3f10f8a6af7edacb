using System.Buffers;
using System.Text;
using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>Reads a node's JSON strictly: what is missing, of another type, too long or absurd is <see cref="RpcFailure.Malformed"/>, never a crash.</summary>
/// <remarks>One is made per reply, with the words for its sentences.</remarks>
internal readonly struct RpcJson(string endpoint, string method)
{
    /// <summary>Contracts may be 24 kB and logs some kB; the largest honest value here is a multicall's answer.</summary>
    public const int MaxDataBytes = 32 * 1024 * 1024;

    // 2^48 blocks is four million years at two blocks a second; a timestamp beyond 2^40 is in the year 36812.
    private const ulong MaxNumber = 1UL << 48;
    private const ulong MaxTimestamp = 1UL << 40;

    public RpcException Malformed(string what) => new(RpcFailure.Malformed, $"{endpoint} answers {method} with {what}.");

    public BlockHeader Header(JsonElement block)
    {
        Object(block);
        return new BlockHeader(
            Number: Bounded(block, "number", MaxNumber),
            Hash: Hash(block, "hash"),
            ParentHash: Hash(block, "parentHash"),
            Timestamp: Bounded(block, "timestamp", MaxTimestamp),
            L1BlockNumber: Has(block, "l1BlockNumber") ? Bounded(block, "l1BlockNumber", MaxNumber) : null);
    }

    public Hash32 Hash(JsonElement parent, string name) => Hash32.FromBytes(Exact(Property(parent, name, JsonValueKind.String), 32, $"'{name}'"));

    /// <summary>A quantity of at most 256 bits.</summary>
    public UInt256 BigQuantity(JsonElement value, string what)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        const int MostDigits = 2 + (2 * Hash32.Size);
        return text.Length is > 2 and <= MostDigits && text.StartsWith("0x", StringComparison.Ordinal) && Hash32.TryParse($"0x{text[2..].PadLeft(2 * Hash32.Size, '0')}", out var word, out _)
            ? word.ToUInt256()
            : throw Malformed($"{what} that is no quantity");
    }

    public ulong Quantity(JsonElement value, string what)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Malformed($"{what} that is no text");
        Span<byte> bytes = stackalloc byte[18];
        return text.Length <= bytes.Length && Ascii.FromUtf16(text, bytes, out var written) == OperationStatus.Done
            ? Quantity(bytes[..written], what)
            : throw Malformed($"{what} '{RpcText.Clean(text)}', which is no hex number of 64 bits");
    }

    public ulong Quantity(ReadOnlySpan<byte> text, string what)
    {
        if (text.Length is < 3 or > 18 || !text.StartsWith("0x"u8))
        {
            throw Malformed($"{what} '{RpcText.Clean(Encoding.UTF8.GetString(text))}', which is no hex number of 64 bits");
        }

        var number = 0UL;
        foreach (var c in text[2..])
        {
            if (!char.IsAsciiHexDigit((char)c))
            {
                throw Malformed($"{what} '{RpcText.Clean(Encoding.UTF8.GetString(text))}', which is no hex number");
            }

            number = (number << 4) | (uint)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }

        return number;
    }

    /// <summary>A quantity that an honest chain keeps within bounds: a block's number unless <paramref name="most"/> says another.</summary>
    public ulong BoundedNumber(ReadOnlySpan<byte> text, string name, ulong most = MaxNumber)
    {
        var value = Quantity(text, $"'{name}'");
        return value <= most ? value : throw Malformed($"the absurd '{name}' {value}");
    }

    public byte[] Data(JsonElement value, string what)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Malformed($"{what} that is no text");
        if (!text.StartsWith("0x", StringComparison.Ordinal) || text.Length % 2 != 0)
        {
            throw Malformed($"{what} that is not 0x and pairs of hex digits");
        }

        if (text.Length / 2 > MaxDataBytes)
        {
            throw Malformed($"{what} of {text.Length / 2:N0} bytes, more than is read here");
        }

        var bytes = new byte[(text.Length - 2) / 2];
        return Convert.FromHexString(text.AsSpan(2), bytes, out _, out _) == OperationStatus.Done ? bytes : throw Malformed($"{what} with a character that is no hex digit");
    }

    public JsonElement Array(JsonElement value, int most)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Malformed($"a {Kind(value)} where a list was expected");
        }

        return value.GetArrayLength() <= most ? value : throw Malformed($"a list of {value.GetArrayLength():N0}, more than the {most:N0} that are read here");
    }

    private static bool Has(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    private static string Kind(JsonElement value) => value.ValueKind.ToString().ToLowerInvariant();

    private void Object(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Malformed($"a {Kind(value)} where an object was expected");
        }
    }

    private ulong Bounded(JsonElement parent, string name, ulong most)
    {
        var value = Quantity(Property(parent, name, JsonValueKind.String), $"'{name}'");
        return value <= most ? value : throw Malformed($"the absurd '{name}' {value}");
    }

    private byte[] Exact(JsonElement value, int size, string what)
    {
        var bytes = Data(value, what);
        return bytes.Length == size ? bytes : throw Malformed($"{what} of {bytes.Length} bytes instead of {size}");
    }

    private JsonElement Property(JsonElement parent, string name, JsonValueKind kind)
    {
        if (!parent.TryGetProperty(name, out var value))
        {
            throw Malformed($"an object without '{name}'");
        }

        return value.ValueKind == kind ? value : throw Malformed($"'{name}' as {Kind(value)} instead of {kind.ToString().ToLowerInvariant()}");
    }
}
