using System.Text.Json;

namespace DefiMonitor.Engine.Sinks.Telegram;

/// <summary>What we read of an update; whatever else it holds does not concern us.</summary>
/// <param name="Text">The message's text, or null.</param>
/// <param name="Pressed">The data of a pressed button, or null.</param>
/// <param name="CallbackId">To answer the press with.</param>
/// <param name="MessageId">The message that was written, or under which the button is.</param>
internal sealed record TelegramUpdate(
    long UpdateId, long ChatId, string? ChatUsername, string From, string? Text, string? Pressed, string? CallbackId, long? MessageId)
{
    /// <summary>Null for an update that has no id at all.</summary>
    public static TelegramUpdate? Read(JsonElement update)
    {
        if (update.ValueKind != JsonValueKind.Object || Number(update, "update_id") is not { } id)
        {
            return null;
        }

        var callback = Object(update, "callback_query");
        var message = Object(update, "message") ?? (callback is { } c ? Object(c, "message") : null);
        var chat = message is { } m ? Object(m, "chat") : null;
        var from = callback is { } pressed ? Object(pressed, "from") : message is { } written ? Object(written, "from") : null;
        return new TelegramUpdate(
            id,
            chat is { } where ? Number(where, "id") ?? 0 : 0,
            chat is { } named ? String(named, "username") : null,
            NameOf(from),
            callback is null && message is { } text ? String(text, "text") : null,
            callback is { } query ? String(query, "data") : null,
            callback is { } asked ? String(asked, "id") : null,
            message is { } target ? Number(target, "message_id") : null);
    }

    private static string NameOf(JsonElement? from) =>
        from is { } person ? HostileText.OneLine(String(person, "username") ?? String(person, "first_name") ?? "somebody", 40) : "somebody";

    private static JsonElement? Object(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static long? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static string? String(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
