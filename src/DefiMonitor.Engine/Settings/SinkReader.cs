using System.Globalization;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Settings.Json;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Sinks.Http;
using DefiMonitor.Engine.Sinks.Telegram;

namespace DefiMonitor.Engine.Settings;

/// <summary>Reads <c>sinks.json</c>: who is told, by which way.</summary>
internal static class SinkReader
{
    private static readonly string[] Kinds = ["console", "json-lines", "webhook", "telegram"];
    private static readonly string[] Levels = ["warning", "danger", "critical", "liquidatable"];

    public static SinksSettings Read(SettingsObject file)
    {
        var sinks = new List<SinkSettings>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (!file.Has("sinks"))
        {
            file.Complain("sinks", "this key is missing; write \"sinks\": [ { \"kind\": \"console\", \"name\": \"console\" } ].");
        }

        foreach (var entry in file.Objects("sinks"))
        {
            if (One(entry) is not { } sink)
            {
                continue;
            }

            if (sink.Name.Length > 0 && !SettingsNames.IsName(sink.Name))
            {
                entry.Complain("name", SettingsNames.Rule(sink.Name));
            }
            else if (!names.Add(sink.Name))
            {
                entry.Complain("name", $"another sink is called \"{sink.Name}\" already; give this one another name.");
            }

            sinks.Add(sink);
        }

        var settings = new SinksSettings
        {
            Sinks = sinks,
            Delivery = Delivery(file.OptionalObject("delivery")),
            Escalation = file.OptionalObject("escalation") is { } escalation ? Escalation(escalation, names) : null,
            DeadMan = file.OptionalObject("deadMan") is { } deadMan ? DeadMan(deadMan) : null,
        };
        file.Done();
        return settings;
    }

    private static SinkSettings? One(SettingsObject entry)
    {
        if (!entry.Has("kind"))
        {
            entry.Complain("kind", $"this key is missing; write one of {string.Join(", ", Kinds)}.");
            return null;
        }

        var kind = entry.Choice("kind", "", Kinds);
        if (kind.Length == 0)
        {
            return null;
        }

        var name = entry.Text("name", kind);
        SinkSettings? sink = kind switch
        {
            "console" => new ConsoleSinkSettings { Name = name },
            "json-lines" => new JsonLinesSinkSettings { Name = name, Path = entry.Text("path", "data/alerts.jsonl") },
            "webhook" => Webhook(entry, name),
            _ => Telegram(entry, name),
        };
        var minimum = Level(entry, "minLevel", AlertLevel.Warning);
        var quiet = entry.OptionalObject("quietHours") is { } hours ? Quiet(hours) : null;
        entry.Done();
        return sink is null ? null : sink with { MinLevel = minimum, QuietHours = quiet };
    }

    private static WebhookSinkSettings? Webhook(SettingsObject entry, string name)
    {
        var url = Url(entry, "url");
        var keys = new List<string>();
        foreach (var (node, path) in entry.Items("secrets"))
        {
            if (Secrets.Resolve(entry.Source, node, path, PlainSecret.Refuse) is not { } key)
            {
                continue;
            }

            if (!WebhookSignature.TryReadKey(key, out _, out var error))
            {
                entry.Source.Complain(node, path, error!);
            }
            else
            {
                keys.Add(key);
            }
        }

        if (entry.Items("secrets").Count() is not (1 or 2))
        {
            entry.Complain("secrets", "one key is wanted here, or two while they are being changed; write \"secrets\": [\"${WEBHOOK_SECRET}\"].");
        }

        var allowPrivate = entry.Flag("allowPrivate", false);
        var perMinute = (int)entry.Whole("perMinute", 300, 1, 6000);
        return url is null ? null : new WebhookSinkSettings { Name = name, Url = url, Keys = keys, AllowPrivate = allowPrivate, PerMinute = perMinute };
    }

    private static TelegramSinkSettings? Telegram(SettingsObject entry, string name)
    {
        var token = entry.RequiredSecret("token", PlainSecret.Refuse, "${TELEGRAM_TOKEN}");
        if (token is not null && !TelegramBot.IsToken(token))
        {
            entry.Complain("token", "this is no bot token; write the one that BotFather gave (digits, a colon, 35 letters and digits) into the environment variable.");
            token = null;
        }

        var chat = entry.RequiredSecret("chatId", PlainSecret.Allow, "-1001234567890");
        if (chat is not null && !TelegramChat.IsChatId(chat))
        {
            entry.Complain("chatId", "this is no chat id; write a number such as \"-1001234567890\", or \"@channel\", in quotes.");
        }

        var settings = new TelegramSinkSettings
        {
            Name = name,
            Token = token ?? "",
            ChatId = chat ?? "",
            ThreadId = entry.OptionalWhole("threadId", 1, long.MaxValue),
            SilentBelow = Level(entry, "silentBelow", AlertLevel.Danger),
            Commands = entry.Flag("commands", true),
            ApiUrl = entry.Has("apiUrl") ? Url(entry, "apiUrl", PlainSecret.Allow) ?? TelegramSinkSettings.PublicApi : TelegramSinkSettings.PublicApi,
            AllowPrivate = entry.Flag("allowPrivate", false),
        };
        entry.Raw("apiUrl");
        return token is null || chat is null ? null : settings;
    }

    private static DeliverySettings Delivery(SettingsObject? entry)
    {
        var usual = new DeliverySettings();
        if (entry is null)
        {
            return usual;
        }

        var delivery = new DeliverySettings
        {
            Attempts = (int)entry.Whole("attempts", usual.Attempts, 1, 100),
            GiveUpAfterHours = (int)entry.Whole("giveUpAfterHours", usual.GiveUpAfterHours, 1, 168),
            ConfirmSeconds = (int)entry.Whole("confirmSeconds", usual.ConfirmSeconds, 0, 10),
        };
        entry.Done();
        return delivery;
    }

    private static EscalationSettings Escalation(SettingsObject entry, HashSet<string> names)
    {
        var minutes = (int)entry.RequiredWhole("afterMinutes", 1, 1440, 15);
        var sink = entry.Text("sink", "telegram");
        if (sink.Length > 0 && !names.Contains(sink))
        {
            entry.Complain("sink", $"there is no sink \"{sink}\"{DidYouMean.Hint(sink, names)}; the sinks are {(names.Count == 0 ? "none" : string.Join(", ", names.Order(StringComparer.Ordinal)))}.");
        }

        entry.Done();
        return new EscalationSettings(minutes, sink);
    }

    private static DeadManSettings? DeadMan(SettingsObject entry)
    {
        var url = Url(entry, "url");
        var every = (int)entry.Whole("everySeconds", 60, 10, 3600);
        var allowPrivate = entry.Flag("allowPrivate", false);
        entry.Done();
        return url is null ? null : new DeadManSettings(url, every, allowPrivate);
    }

    private static string? Url(SettingsObject entry, string key, PlainSecret plain = PlainSecret.Warn)
    {
        if (entry.RequiredSecret(key, plain, "${" + key.ToUpperInvariant() + "}") is not { } text)
        {
            return null;
        }

        if (OutboundUrl.TryParse(text, out _, out var error))
        {
            return text;
        }

        entry.Complain(key, error!);
        return null;
    }

    private static AlertLevel Level(SettingsObject entry, string key, AlertLevel fallback) =>
        Enum.Parse<AlertLevel>(entry.Choice(key, fallback.ToString().ToLowerInvariant(), Levels), ignoreCase: true);

    private static SinkQuietHours? Quiet(SettingsObject entry)
    {
        var from = Clock(entry, "from", "22:00");
        var to = Clock(entry, "to", "07:00");
        var zone = Zone(entry);
        var action = entry.Choice("action", "silent", "silent", "hold") == "hold" ? QuietAction.Hold : QuietAction.Silent;
        entry.Done();
        if (from is { } f && to is { } t && f == t)
        {
            entry.Complain("to", "the quiet hours end when they begin; write another hour, or leave them out.");
            return null;
        }

        return from is null || to is null || zone is null ? null : new SinkQuietHours(from.Value, to.Value, zone, action);
    }

    internal static TimeOnly? Clock(SettingsObject entry, string key, string example)
    {
        var text = entry.Text(key, example);
        if (text.Length == 0)
        {
            return null;
        }

        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time;
        }

        entry.Complain(key, $"\"{text}\" is no time of day; write hours and minutes as in \"{example}\".");
        return null;
    }

    internal static TimeZoneInfo? Zone(SettingsObject entry)
    {
        var text = entry.OptionalText("timezone", "Europe/Berlin") ?? "UTC";
        if (TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone))
        {
            return zone;
        }

        entry.Complain("timezone", $"there is no time zone \"{text}\" on this machine; write an IANA name as in \"Europe/Berlin\", or \"UTC\".");
        return null;
    }
}
