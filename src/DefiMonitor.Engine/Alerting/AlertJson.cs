using System.Text.Json;
using System.Text.Json.Serialization;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Alerting;

/// <summary>The one serialisation of <see cref="AlertV1"/>: one line, camel case, every key present, everything but plain ASCII escaped.</summary>
public static class AlertJson
{
    /// <summary>The name that stands for a sink in the message ids of <c>GET /v1/events</c>.</summary>
    public const string EventStream = "events";

    /// <summary>For whoever serialises <see cref="AlertV1"/> inside something else.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>What the outbox sends and signs.</summary>
    public static ReadOnlyMemory<byte> Encode(StoredTransition stored, string messageId, Confirmation? confirmation, DateTimeOffset sendingAt) =>
        JsonSerializer.SerializeToUtf8Bytes(AlertMessages.Of(stored, messageId, confirmation, sendingAt), Options);

    /// <summary>As the event stream shows it: the age is the one it had when it was committed, so that it reads the same whenever it is read.</summary>
    public static AlertV1 Of(StoredTransition stored) =>
        AlertMessages.Of(stored, MessageId.Of(stored.Transition.AlertId, stored.Transition.Number, EventStream), null, stored.CommittedAt);

    public static string Write(AlertV1 message) => JsonSerializer.Serialize(message, Options);

    /// <exception cref="JsonException">No alert.v1.</exception>
    public static AlertV1 Read(string json)
    {
        var message = JsonSerializer.Deserialize<AlertV1>(json, Options);
        return message is { SchemaVersion: AlertV1.Version } ? message : throw new JsonException($"this is no message of version {AlertV1.Version}.");
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General)
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
