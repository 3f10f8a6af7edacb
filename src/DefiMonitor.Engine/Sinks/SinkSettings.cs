using DefiMonitor.Core.Alerts;

namespace DefiMonitor.Engine.Sinks;

/// <summary>The whole of <c>config/sinks.json</c>.</summary>
public sealed record SinksSettings
{
    /// <summary>Key <c>sinks</c>.</summary>
    public IReadOnlyList<SinkSettings> Sinks { get; init; } = [];

    /// <summary>Key <c>delivery</c>.</summary>
    public DeliverySettings Delivery { get; init; } = new();

    /// <summary>Key <c>escalation</c>; null = nobody is told a second time.</summary>
    public EscalationSettings? Escalation { get; init; }

    /// <summary>Key <c>deadMan</c>; null = no ping.</summary>
    public DeadManSettings? DeadMan { get; init; }

    /// <summary>Everything in here that must never be shown.</summary>
    public IEnumerable<string> Secrets()
    {
        foreach (var sink in Sinks)
        {
            switch (sink)
            {
                case WebhookSinkSettings webhook:
                    yield return webhook.Url;
                    foreach (var key in webhook.Keys)
                    {
                        yield return key;
                    }

                    break;
                case TelegramSinkSettings telegram:
                    yield return telegram.Token;
                    break;
            }
        }

        if (DeadMan is { } deadMan)
        {
            yield return deadMan.Url;
        }
    }
}

/// <summary>What every sink may say of itself. The key <c>kind</c> picks the record: console, json-lines, webhook, telegram.</summary>
public abstract record SinkSettings
{
    /// <summary>Key <c>name</c>, required and unique: part of every message id, so renaming a sink makes it another receiver.</summary>
    public required string Name { get; init; }

    /// <summary>Key <c>minLevel</c> (warning, danger, critical, liquidatable): what never reached it is not told here.</summary>
    public AlertLevel MinLevel { get; init; } = AlertLevel.Warning;

    /// <summary>Key <c>quietHours</c>; null = none beyond those of rules.json.</summary>
    public SinkQuietHours? QuietHours { get; init; }
}

/// <summary><c>"kind": "console"</c>: the program's own output.</summary>
public sealed record ConsoleSinkSettings : SinkSettings;

/// <summary><c>"kind": "json-lines"</c>: one alert.v1 a line, appended to a file. A record: mutes and quiet hours don't count here.</summary>
public sealed record JsonLinesSinkSettings : SinkSettings
{
    /// <summary>Key <c>path</c>, required; its folder is made where missing.</summary>
    public required string Path { get; init; }
}

/// <summary><c>"kind": "webhook"</c>: alert.v1 by POST, signed by Standard Webhooks.</summary>
public sealed record WebhookSinkSettings : SinkSettings
{
    /// <summary>Key <c>url</c>, a secret, required: https, or http to this machine.</summary>
    public required string Url { get; init; }

    /// <summary>Key <c>secrets</c>, one or two of <c>whsec_…</c>: during a rotation the old and the new one, each message carries both signatures.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>Key <c>allowPrivate</c>: true for a receiver in the own network; otherwise only public addresses are connected to.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Key <c>perMinute</c>: messages a minute at the most, 1 to 6000.</summary>
    public int PerMinute { get; init; } = 300;
}

/// <summary><c>"kind": "telegram"</c>: the Bot API.</summary>
public sealed record TelegramSinkSettings : SinkSettings
{
    public const string PublicApi = "https://api.telegram.org";

    /// <summary>Key <c>token</c>, a secret, required: as BotFather gave it.</summary>
    public required string Token { get; init; }

    /// <summary>Key <c>chatId</c>, a text, required: a number (negative for a group) or <c>@channel</c>. Commands are taken from this chat only.</summary>
    public required string ChatId { get; init; }

    /// <summary>Key <c>threadId</c>: topic of a forum group; null = none.</summary>
    public long? ThreadId { get; init; }

    /// <summary>Key <c>silentBelow</c>: lower levels arrive without a sound.</summary>
    public AlertLevel SilentBelow { get; init; } = AlertLevel.Danger;

    /// <summary>Key <c>commands</c>: false = no buttons, and nothing that is written in the chat is read.</summary>
    public bool Commands { get; init; } = true;

    /// <summary>Key <c>apiUrl</c>: a Bot API server of one's own.</summary>
    public string ApiUrl { get; init; } = PublicApi;

    /// <summary>Key <c>allowPrivate</c>: true where <see cref="ApiUrl"/> stands in the own network.</summary>
    public bool AllowPrivate { get; init; }
}

public enum QuietAction
{
    /// <summary>Key value <c>silent</c>: told at once, without a sound where the sink knows sounds.</summary>
    Silent,

    /// <summary>Key value <c>hold</c>: told when the quiet hours end.</summary>
    Hold,
}

/// <summary>Keys <c>from</c>, <c>to</c> (HH:mm), <c>timezone</c> (IANA, as in Europe/Berlin) and <c>action</c>. Never touches what is, or was, critical.</summary>
/// <param name="From">Later than <paramref name="To"/> = over midnight.</param>
public sealed record SinkQuietHours(TimeOnly From, TimeOnly To, TimeZoneInfo Zone, QuietAction Action)
{
    /// <summary>The end of the quiet hours that <paramref name="now"/> lies in; null = it lies in none.</summary>
    public DateTimeOffset? EndIfQuiet(DateTimeOffset now)
    {
        var local = TimeZoneInfo.ConvertTime(now, Zone);
        var clock = TimeOnly.FromTimeSpan(local.TimeOfDay);
        if (!clock.IsBetween(From, To))
        {
            return null;
        }

        var day = DateOnly.FromDateTime(local.DateTime);
        var end = (clock < To ? day : day.AddDays(1)).ToDateTime(To);

        // A wall clock that is skipped when summer time begins ends the night an hour later; better than never.
        return new DateTimeOffset(end, Zone.GetUtcOffset(Zone.IsInvalidTime(end) ? end.AddHours(1) : end));
    }
}

/// <summary>How hard a message is tried.</summary>
public sealed record DeliverySettings
{
    /// <summary>Key <c>attempts</c>, 1 to 100: sendings after which a message that the receiver refuses is a dead letter; a receiver that is down is waited for.</summary>
    public int Attempts { get; init; } = 12;

    /// <summary>Key <c>giveUpAfterHours</c>, 1 to 168: age at which an undelivered message is one in any case.</summary>
    public int GiveUpAfterHours { get; init; } = 24;

    /// <summary>Key <c>confirmSeconds</c>, 0 to 10: how long a message waits for the chain's own view; 0 = it does not.</summary>
    public int ConfirmSeconds { get; init; } = 2;
}

/// <param name="AfterMinutes">Key <c>afterMinutes</c>, 1 to 1440: how long a critical alert may stand without an acknowledgement.</param>
/// <param name="Sink">Key <c>sink</c>: name of the sink that hears of it then. It may be one that gets everything, or one for this alone (<c>"minLevel": "liquidatable"</c>).</param>
public sealed record EscalationSettings(int AfterMinutes, string Sink);

/// <summary>An outside watcher that raises its own alarm when the monitor falls silent.</summary>
/// <param name="Url">Key <c>url</c>, a secret: fetched by GET while the monitor is well.</param>
/// <param name="EverySeconds">Key <c>everySeconds</c>, 10 to 3600.</param>
/// <param name="AllowPrivate">Key <c>allowPrivate</c>: true for a watcher in the own network.</param>
public sealed record DeadManSettings(string Url, int EverySeconds = 60, bool AllowPrivate = false);
