using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Sinks.Telegram;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Engine.Sinks;

/// <summary>The kinds of sinks, and the sinks of one configuration. A new kind is one file, one record in SinkSettings.cs and one line here.</summary>
public sealed class SinkCatalog : IDisposable
{
    private static readonly Dictionary<Type, SinkKind> Kinds = new()
    {
        [typeof(ConsoleSinkSettings)] = new("console", static (s, parts) => new ConsoleSink(s.Name, parts.Console)),
        [typeof(JsonLinesSinkSettings)] = new("json-lines", static (s, _) => new JsonLinesSink(s.Name, ((JsonLinesSinkSettings)s).Path)),
        [typeof(WebhookSinkSettings)] = new("webhook", static (s, parts) => parts.Own(new WebhookSink((WebhookSinkSettings)s, parts.Time))),
        [typeof(TelegramSinkSettings)] = new("telegram", static (s, parts) => parts.Telegram((TelegramSinkSettings)s)),
    };

    private readonly SinkParts parts;
    private readonly IReadOnlyList<SinkSettings> settings;

    /// <exception cref="ArgumentException">A setting is not as its reader should have made sure.</exception>
    public SinkCatalog(SinksSettings settings, TextWriter console, ISinkMemory memory, TimeProvider time)
    {
        parts = new SinkParts(console, memory, time);
        this.settings = settings.Sinks;
        Sinks = [.. settings.Sinks.Select(s => Kinds[s.GetType()].Create(s, parts))];
    }

    /// <summary>Values of the key <c>kind</c>.</summary>
    public static IReadOnlyList<string> KindNames { get; } = [.. Kinds.Values.Select(k => k.Name)];

    public IReadOnlyList<IAlertSink> Sinks { get; }

    /// <summary>The sinks that hear a transition, by their <c>minLevel</c>: what reached it, and the end of what reached it.</summary>
    public static IReadOnlyList<string> Route(IReadOnlyList<SinkSettings> sinks, AlertTransition transition)
    {
        var loudest = transition.Level > transition.PreviousLevel ? transition.Level : transition.PreviousLevel;
        return [.. sinks.Where(s => loudest >= s.MinLevel).Select(s => s.Name)];
    }

    /// <inheritdoc cref="Route(IReadOnlyList{SinkSettings}, AlertTransition)"/>
    public IReadOnlyList<string> Route(AlertTransition transition) => Route(settings, transition);

    /// <summary>One receiver per bot that takes commands; its chats are those of its sinks.</summary>
    public IReadOnlyList<TelegramReceiver> Receivers(PersonCommands commands, TimeProvider time, ILogger logger) =>
        [.. parts.Chats.GroupBy(c => c.Bot).Select(g => new TelegramReceiver(g.Key, [.. g], commands, time, logger))];

    public void Dispose() => parts.Dispose();

    private sealed record SinkKind(string Name, Func<SinkSettings, SinkParts, IAlertSink> Create);

    /// <summary>What sinks are made of and share.</summary>
    private sealed class SinkParts(TextWriter console, ISinkMemory memory, TimeProvider time) : IDisposable
    {
        private readonly List<IDisposable> owned = [];

        // One bot speaks in several chats under one common limit.
        private readonly Dictionary<(string Token, string Api), TelegramBot> bots = [];

        public TextWriter Console => console;

        public TimeProvider Time => time;

        /// <summary>The chats from which commands are taken.</summary>
        public List<TelegramChat> Chats { get; } = [];

        public T Own<T>(T thing)
            where T : IDisposable
        {
            owned.Add(thing);
            return thing;
        }

        public TelegramSink Telegram(TelegramSinkSettings settings)
        {
            if (!bots.TryGetValue((settings.Token, settings.ApiUrl), out var bot))
            {
                bot = Own(new TelegramBot(settings.Token, settings.ApiUrl, settings.AllowPrivate, time));
                bots.Add((settings.Token, settings.ApiUrl), bot);
            }

            var chat = new TelegramChat(bot, settings.ChatId, settings.ThreadId, time);
            if (settings.Commands)
            {
                Chats.Add(chat);
            }

            return new TelegramSink(settings.Name, chat, settings, memory);
        }

        public void Dispose()
        {
            foreach (var thing in owned)
            {
                thing.Dispose();
            }
        }
    }
}
