using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>Reads the answer to eth_getLogs straight from the bytes that came, as strictly as <see cref="RpcJson"/>; each log comes with the block that it says it is of.</summary>
internal static class LogJson
{
    private const int MaxTopics = 4;

    public static List<LocatedLog> Read(RpcJson json, JsonElement value, int most)
    {
        var list = new List<LocatedLog>(json.Array(value, most).GetArrayLength());
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(value));
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw json.Malformed($"a {Kind(reader.TokenType)} where an object was expected");
            }

            list.Add(One(json, ref reader));
        }

        return list;
    }

    private static LocatedLog One(RpcJson json, ref Utf8JsonReader reader)
    {
        Address? address = null;
        Hash32[]? topics = null;
        byte[]? data = null;
        Hash32? transaction = null, block = null;
        ulong? index = null, number = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("address"u8))
            {
                address = AddressOf(json, Text(json, ref reader, "'address'"));
            }
            else if (reader.ValueTextEquals("topics"u8))
            {
                topics = Topics(json, ref reader);
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                data = Data(json, ref reader);
            }
            else if (reader.ValueTextEquals("blockNumber"u8))
            {
                number = json.BoundedNumber(Text(json, ref reader, "'blockNumber'"), "blockNumber");
            }
            else if (reader.ValueTextEquals("blockHash"u8))
            {
                block = Hash(json, Text(json, ref reader, "'blockHash'"), "'blockHash'");
            }
            else if (reader.ValueTextEquals("transactionHash"u8))
            {
                transaction = Hash(json, Text(json, ref reader, "'transactionHash'"), "'transactionHash'");
            }
            else if (reader.ValueTextEquals("logIndex"u8))
            {
                index = json.BoundedNumber(Text(json, ref reader, "'logIndex'"), "logIndex", int.MaxValue);
            }
            else if (reader.ValueTextEquals("removed"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.True)
                {
                    throw json.Malformed("a log marked as removed, which belongs to no block");
                }

                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        var log = new Log(
            address ?? throw Missing(json, "address"), topics ?? throw Missing(json, "topics"), data ?? throw Missing(json, "data"),
            transaction ?? throw Missing(json, "transactionHash"), (uint)(index ?? throw Missing(json, "logIndex")));
        return new LocatedLog(new BlockRef(number ?? throw Missing(json, "blockNumber"), block ?? throw Missing(json, "blockHash")), log);
    }

    private static Hash32[] Topics(RpcJson json, ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw json.Malformed($"'topics' as {Kind(reader.TokenType)} instead of array");
        }

        Span<Hash32> found = stackalloc Hash32[MaxTopics];
        var count = 0;
        while (true)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                return found[..count].ToArray();
            }

            if (count == MaxTopics)
            {
                throw json.Malformed($"a log of more than {MaxTopics} topics, more than the EVM can write");
            }

            found[count++] = Hash(json, Here(json, ref reader, "a topic"), "a topic");
        }
    }

    private static byte[] Data(RpcJson json, ref Utf8JsonReader reader)
    {
        var text = Text(json, ref reader, "'data'");
        if (text.Length / 2 > RpcJson.MaxDataBytes)
        {
            throw json.Malformed($"'data' of {text.Length / 2:N0} bytes, more than is read here");
        }

        var digits = Digits(json, text, "'data'");
        if (digits.IsEmpty)
        {
            return [];
        }

        var bytes = new byte[digits.Length / 2];
        Hexed(json, digits, bytes, "'data'");
        return bytes;
    }

    private static Address AddressOf(RpcJson json, ReadOnlySpan<byte> text)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        Decode(json, text, bytes, "'address'");
        return Address.FromBytes(bytes);
    }

    private static Hash32 Hash(RpcJson json, ReadOnlySpan<byte> text, string what)
    {
        Span<byte> bytes = stackalloc byte[Hash32.Size];
        Decode(json, text, bytes, what);
        return Hash32.FromBytes(bytes);
    }

    private static void Decode(RpcJson json, ReadOnlySpan<byte> text, Span<byte> bytes, string what)
    {
        var digits = Digits(json, text, what);
        if (digits.Length != 2 * bytes.Length)
        {
            throw json.Malformed($"{what} of {digits.Length / 2} bytes instead of {bytes.Length}");
        }

        Hexed(json, digits, bytes, what);
    }

    private static ReadOnlySpan<byte> Digits(RpcJson json, ReadOnlySpan<byte> text, string what) => text.StartsWith("0x"u8) && text.Length % 2 == 0
        ? text[2..]
        : throw json.Malformed($"{what} that is not 0x and pairs of hex digits");

    private static void Hexed(RpcJson json, ReadOnlySpan<byte> digits, Span<byte> bytes, string what)
    {
        if (Convert.FromHexString(digits, bytes, out _, out _) != OperationStatus.Done)
        {
            throw json.Malformed($"{what} with a character that is no hex digit");
        }
    }

    /// <summary>The text that the property holds.</summary>
    private static ReadOnlySpan<byte> Text(RpcJson json, ref Utf8JsonReader reader, string what)
    {
        reader.Read();
        return Here(json, ref reader, what);
    }

    private static ReadOnlySpan<byte> Here(RpcJson json, ref Utf8JsonReader reader, string what)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw json.Malformed($"{what} as {Kind(reader.TokenType)} instead of string");
        }

        // No node escapes hex digits; one that does is read all the same.
        return reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
    }

    private static RpcException Missing(RpcJson json, string name) => json.Malformed($"an object without '{name}'");

    private static string Kind(JsonTokenType token) => token switch
    {
        JsonTokenType.StartArray => "array",
        JsonTokenType.StartObject => "object",
        _ => token.ToString().ToLowerInvariant(),
    };
}
