using System.Text.Json;
using System.Text.Json.Serialization;

namespace DefiMonitor.Engine.Alerting;

/// <summary>The one serialisation of <see cref="AlertV1"/>: one line, camel case, every key present, everything but plain ASCII escaped.</summary>
public static class AlertJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    public static string Write(AlertV1 message) => JsonSerializer.Serialize(message, Options);

    /// <summary>UTF-8, the bytes that are signed and sent.</summary>
    public static byte[] WriteBytes(AlertV1 message) => JsonSerializer.SerializeToUtf8Bytes(message, Options);

    /// <exception cref="JsonException">No alert.v1.</exception>
    public static AlertV1 Read(string json)
    {
        var message = JsonSerializer.Deserialize<AlertV1>(json, Options);
        return message is { SchemaVersion: AlertV1.Version } ? message : throw new JsonException($"this is no message of version {AlertV1.Version}.");
    }
}
