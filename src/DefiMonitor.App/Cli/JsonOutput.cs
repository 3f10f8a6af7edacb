using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.App.Cli;

/// <summary>
/// How our types look in JSON, on the command line and in the API: amounts, prices, values and health factors are integers in decimal text,
/// ids, addresses and hashes are text, block numbers and seconds are numbers, words of an enumeration begin in lower case.
/// </summary>
public static class JsonOutput
{
    /// <summary>One line.</summary>
    public static JsonSerializerOptions Line { get; } = Create(false);

    public static JsonSerializerOptions Indented { get; } = Create(true);

    public static void Write<T>(Terminal terminal, T value) => terminal.Out.WriteLine(JsonSerializer.Serialize(value, Indented));

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = indented,
            NumberHandling = JsonNumberHandling.Strict,

            // Still escapes quotes, control characters and < > &; keeps letters of other scripts readable.
            Encoder = JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.All),
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.Converters.Add(new AsText<UInt256>());
        options.Converters.Add(new AsText<Address>());
        options.Converters.Add(new AsText<Hash32>());
        options.Converters.Add(new AsText<ChainId>());
        options.Converters.Add(new AsText<DeploymentId>());
        options.Converters.Add(new AsText<MarginAccountId>());
        options.Converters.Add(new AsText<AlertSubject>());
        options.Converters.Add(new InstantAsSeconds());
        return options;
    }

    private sealed class AsText<T> : JsonConverter<T>
        where T : notnull
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException($"{typeToConvert.Name} is written here, never read.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WritePropertyName(value.ToString()!);
    }

    private sealed class InstantAsSeconds : JsonConverter<Instant>
    {
        public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetUInt64());

        public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Seconds);
    }
}
