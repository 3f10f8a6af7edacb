using System.Buffers;
using System.Text.Json;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>JSON-RPC 2.0 as it stands on the wire. What a node sends is taken apart strictly; order and company of the replies are not believed, only their ids.</summary>
internal static class JsonRpcWire
{
    private const int MaxErrorData = 1024 * 1024;

    /// <summary>One request as an object, several as an array, with ids from <paramref name="firstId"/> on.</summary>
    public static byte[] Write(ReadOnlySpan<RpcRequest> batch, long firstId)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            if (batch.Length != 1)
            {
                json.WriteStartArray();
            }

            foreach (var request in batch)
            {
                json.WriteStartObject();
                json.WriteString("jsonrpc", "2.0");
                json.WriteNumber("id", firstId++);
                json.WriteString("method", request.Method);
                json.WritePropertyName("params");
                request.Params.WriteTo(json);
                json.WriteEndObject();
            }

            if (batch.Length != 1)
            {
                json.WriteEndArray();
            }
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Null when the bytes are no JSON.</summary>
    public static JsonElement? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            // Not disposed: the replies go on living in it.
            return JsonDocument.Parse(body).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The error when the node answers a batch with one error for all of it.</summary>
    public static RpcError? WholeError(JsonElement root, int asked) =>
        root.ValueKind == JsonValueKind.Object && (asked > 1 || !HasId(root)) && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            ? ReadError(error)
            : null;

    /// <summary>The replies in the order of the requests.</summary>
    public static RpcReply[] Read(JsonElement root, string endpoint, int asked, long firstId)
    {
        var replies = new RpcReply?[asked];
        var found = 0;
        if (root.ValueKind == JsonValueKind.Object)
        {
            Place(root);
        }
        else if (root.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in root.EnumerateArray())
            {
                Place(entry);
            }
        }

        return found == asked ? replies.OfType<RpcReply>().ToArray() : throw Malformed(endpoint, $"gives {found} fitting replies to {asked} requests");

        void Place(JsonElement entry)
        {
            if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number
                || !id.TryGetInt64(out var number) || number < firstId || number >= firstId + asked)
            {
                throw Malformed(endpoint, "gives a reply whose id is none of the requests'");
            }

            if (replies[number - firstId] is not null)
            {
                throw Malformed(endpoint, "gives two replies to one request");
            }

            replies[number - firstId] = ReadReply(entry, endpoint);
            found++;
        }
    }

    public static RpcReply ReadReply(JsonElement entry, string endpoint)
    {
        if (entry.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null)
        {
            var read = error.ValueKind == JsonValueKind.Object ? ReadError(error) : new RpcError(0, Text(error) ?? "", null);
            return RpcReply.Failed(read.Code, read.Message, read.Data);
        }

        return entry.TryGetProperty("result", out var result) ? RpcReply.Of(result) : throw Malformed(endpoint, "gives a reply with neither result nor error");
    }

    private static bool HasId(JsonElement root) => root.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number;

    private static RpcError ReadError(JsonElement error)
    {
        var code = error.TryGetProperty("code", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var read) ? read : 0;
        var message = error.TryGetProperty("message", out var words) ? Text(words) ?? "" : "";
        string? data = null;
        if (error.TryGetProperty("data", out var extra))
        {
            // geth, reth, anvil and nethermind give the hex itself; some wrap it once more.
            data = Text(extra.ValueKind == JsonValueKind.Object && extra.TryGetProperty("data", out var inner) ? inner : extra);
            data = data is { Length: > MaxErrorData } ? null : data;
        }

        return new RpcError(code, message.Length > 4_000 ? message[..4_000] : message, data);
    }

    private static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: no text.
            return null;
        }
    }

    private static RpcException Malformed(string endpoint, string what) => new(RpcFailure.Malformed, $"{endpoint} {what}.");
}
