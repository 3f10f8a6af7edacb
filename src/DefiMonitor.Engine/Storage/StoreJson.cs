using System.Text.Json;
using System.Text.Json.Serialization;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Storage;

/// <summary>How records stand in the database: integers beyond 64 bits as decimal text, hashes, addresses and ids as their own text.</summary>
public static class StoreJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <exception cref="StoreException">The text is not what this version writes.</exception>
    public static T Read<T>(string text) => Checked(text, static t => JsonSerializer.Deserialize<T>(t, Options));

    /// <inheritdoc cref="Read{T}(string)"/>
    public static T Read<T>(ReadOnlySpan<byte> text) => Checked(text, static t => JsonSerializer.Deserialize<T>(t, Options));

    private static T Checked<TText, T>(TText text, Func<TText, T?> read)
        where TText : allows ref struct
    {
        try
        {
            return read(text) ?? throw new StoreException($"A stored {typeof(T).Name} is empty; the database was written by another program.");
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            throw new StoreException($"A stored {typeof(T).Name} can't be read ({e.Message}); the database was written by another version.", e);
        }
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            IgnoreReadOnlyProperties = true,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        };
        options.Converters.Add(new JsonStringEnumConverter());
        options.Converters.Add(new TextConverter<UInt256>(UInt256.Parse));
        options.Converters.Add(new TextConverter<Address>(Address.Parse));
        options.Converters.Add(new TextConverter<Hash32>(Hash32.Parse));

        // Alerts of the monitor itself are of no chain: the default value, which is no chain that anybody may write.
        options.Converters.Add(new TextConverter<ChainId>(static t =>
            ChainId.TryParse(t, out var id) ? id : t == default(ChainId).ToString() ? default : throw new FormatException($"'{t}' is no chain id.")));
        options.Converters.Add(new TextConverter<DeploymentId>(static t =>
            DeploymentId.TryParse(t, out var id) ? id! : throw new FormatException($"'{t}' is no deployment.")));
        options.Converters.Add(new TextConverter<MarginAccountId>(static t =>
            MarginAccountId.TryParse(t, out var id) ? id! : throw new FormatException($"'{t}' is no margin account.")));
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class TextConverter<T>(Func<string, T> parse) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            parse(reader.GetString() ?? throw new JsonException($"null is no {typeof(T).Name}"));

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value!.ToString());
    }
}
