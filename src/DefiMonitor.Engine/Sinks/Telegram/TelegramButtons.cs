using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace DefiMonitor.Engine.Sinks.Telegram;

public enum ButtonVerb
{
    Acknowledge,
    Mute,
}

/// <summary>The two buttons under an alert, and what they send back (at most 64 bytes, so a long alert id is cut to its beginning).</summary>
public static class TelegramButtons
{
    public static readonly TimeSpan MuteFor = TimeSpan.FromHours(1);

    private const string Ack = "ack:";
    private const string Mute = "mute:";
    private const int MaxIdLength = 48;

    public static JsonObject Of(string alertId) => Keyboard(Button("Acknowledge", Ack + Cut(alertId)), Button("Mute 1 h", Mute + Cut(alertId)));

    /// <summary>What is left when the alert is acknowledged.</summary>
    public static JsonObject WithoutAcknowledge(string alertId) => Keyboard(Button("Mute 1 h", Mute + Cut(alertId)));

    public static bool TryRead(string? data, out ButtonVerb verb, [NotNullWhen(true)] out string? alertId)
    {
        verb = data?.StartsWith(Mute, StringComparison.Ordinal) == true ? ButtonVerb.Mute : ButtonVerb.Acknowledge;
        var prefix = verb == ButtonVerb.Mute ? Mute : Ack;
        alertId = data is not null && data.StartsWith(prefix, StringComparison.Ordinal) && data.Length > prefix.Length ? data[prefix.Length..] : null;
        return alertId is not null;
    }

    private static string Cut(string id) => id.Length <= MaxIdLength ? id : id[..MaxIdLength];

    private static JsonObject Button(string text, string data) => new() { ["text"] = text, ["callback_data"] = data };

    private static JsonObject Keyboard(params ReadOnlySpan<JsonObject> buttons)
    {
        var row = new JsonArray();
        foreach (var button in buttons)
        {
            row.Add(button);
        }

        return new JsonObject { ["inline_keyboard"] = new JsonArray(row) };
    }
}
