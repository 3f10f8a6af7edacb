using System.Text.Json;
using DefiMonitor.Engine.Loops;

namespace DefiMonitor.Engine.Storage;

/// <summary>
/// What a person may ask of an alert, as rows of the command table: written by CLI, API and Telegram, read by the loop that owns the matter.
/// <c>ack</c> belongs to the loop that owns the alert, <c>mute</c> and <c>unmute</c> to the outbox.
/// </summary>
public static class AlertCommands
{
    public const string Acknowledge = "ack";

    public const string Mute = "mute";

    public const string Unmute = "unmute";

    /// <param name="by">Who, for the record: "cli", "api", or a name in a chat.</param>
    public static NewCommand ForAcknowledge(AlertRow alert, string by, DateTimeOffset now) =>
        Create(alert.Loop, Acknowledge, new AlertCommand { AlertId = alert.State.AlertId, By = by }, now);

    /// <param name="key">As in <see cref="Storage.Mute"/>: a subject's text, an owner's address, or <c>*</c>.</param>
    public static NewCommand ForMute(string key, DateTimeOffset until, string by, DateTimeOffset now) =>
        Create(LoopNames.Outbox, Mute, new AlertCommand { Key = key, Until = until, By = by }, now);

    public static NewCommand ForUnmute(string key, string by, DateTimeOffset now) =>
        Create(LoopNames.Outbox, Unmute, new AlertCommand { Key = key, By = by }, now);

    /// <summary>What the command says; null when its arguments are not as written here.</summary>
    public static AlertCommand? Read(StoredCommand command)
    {
        try
        {
            var read = JsonSerializer.Deserialize<AlertCommand>(command.Args, JsonSerializerOptions.Web);
            var whole = command.Verb switch
            {
                Acknowledge => read?.AlertId is not null,
                Mute => read is { Key.Length: > 0, Until: not null },
                Unmute => read is { Key.Length: > 0 },
                _ => false,
            };
            return whole ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static NewCommand Create(string loop, string verb, AlertCommand command, DateTimeOffset now) =>
        new(loop, verb, JsonSerializer.Serialize(command, JsonSerializerOptions.Web), now);
}

public sealed record AlertCommand
{
    public string? AlertId { get; init; }

    public string? Key { get; init; }

    public DateTimeOffset? Until { get; init; }

    public string By { get; init; } = "";
}
