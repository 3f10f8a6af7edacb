using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace DefiMonitor.Tests.Sinks;

/// <summary>
/// A server of the shape of Telegram's Bot API: checks token, length and MarkdownV2 as strictly as Telegram does, keeps what the chat shows,
/// and hands out what people do.
/// </summary>
internal sealed class BotApiServer : IAsyncDisposable
{
    public const string Token = "12345678:AAabcdefghijklmnopqrstuvwxyz012345678";
    public const long Chat = -1001234567890;

    private const string Reserved = "_*[]()~`>#+-=|{}.!";

    private readonly ConcurrentQueue<string> failures = new();
    private readonly Lock gate = new();
    private readonly List<(long Id, string Json)> updates = [];
    private LocalServer? server;
    private long lastMessage = 1000;
    private long lastUpdate = 500;

    /// <summary>What the chat shows, in order.</summary>
    public ConcurrentQueue<Shown> Messages { get; } = new();

    /// <summary>Every call, also the refused ones.</summary>
    public ConcurrentQueue<(string Method, JsonElement Arguments)> Calls { get; } = new();

    public string Url => server!.Url.ToString();

    /// <summary>How long a question for updates waits when there are none, as long polling does.</summary>
    public TimeSpan LongPoll { get; private init; }

    public static async Task<BotApiServer> StartAsync(TimeSpan longPoll = default)
    {
        var bot = new BotApiServer { LongPoll = longPoll };
        bot.server = await LocalServer.StartAsync(bot.AnswerAsync);
        return bot;
    }

    public IEnumerable<JsonElement> CallsOf(string method) => Calls.Where(c => c.Method == method).Select(c => c.Arguments);

    /// <summary>The next call that sends something is answered so.</summary>
    public void FailNext(int status, string description, string parameters = "{}") =>
        failures.Enqueue($$"""{"ok":false,"error_code":{{status}},"description":{{JsonSerializer.Serialize(description)}},"parameters":{{parameters}}}""");

    public void Press(string data, long message, long chat = Chat, string by = "alice") => Add(id => new
    {
        update_id = id,
        callback_query = new { id = $"cb{id}", from = new { id = 7, username = by }, data, message = new { message_id = message, chat = new { id = chat } } },
    });

    public void Write(string text, long chat = Chat, string by = "alice") => Add(id => new
    {
        update_id = id,
        message = new { message_id = id, from = new { id = 7, username = by }, chat = new { id = chat }, text },
    });

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    private void Add(Func<long, object> update)
    {
        lock (gate)
        {
            lastUpdate++;
            updates.Add((lastUpdate, JsonSerializer.Serialize(update(lastUpdate))));
        }
    }

    private async Task AnswerAsync(HttpContext context, LocalServer.Received received)
    {
        var parts = received.Path.Split('/');
        context.Response.ContentType = "application/json";
        if (parts is not ["", var bot, var method] || bot != "bot" + Token)
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsync("""{"ok":false,"error_code":401,"description":"Unauthorized"}""");
            return;
        }

        var arguments = JsonDocument.Parse(received.Body).RootElement;
        Calls.Enqueue((method, arguments));
        var (status, reply) = method switch
        {
            "getUpdates" => (200, await UpdatesAsync(arguments.GetProperty("offset").GetInt64(), context.RequestAborted)),
            "sendMessage" => Send(arguments),
            "answerCallbackQuery" or "editMessageReplyMarkup" => (200, """{"ok":true,"result":true}"""),
            _ => (404, """{"ok":false,"error_code":404,"description":"Not Found: method not found"}"""),
        };
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(reply);
    }

    private async Task<string> UpdatesAsync(long offset, CancellationToken cancellationToken)
    {
        if (LongPoll > TimeSpan.Zero && !HasUpdates(offset))
        {
            await Task.Delay(LongPoll, cancellationToken);
        }

        return Updates(offset);
    }

    private bool HasUpdates(long offset)
    {
        lock (gate)
        {
            return updates.Exists(u => u.Id >= offset);
        }
    }

    private string Updates(long offset)
    {
        lock (gate)
        {
            updates.RemoveAll(u => u.Id < offset);
            return $$"""{"ok":true,"result":[{{string.Join(',', updates.Select(u => u.Json))}}]}""";
        }
    }

    private (int Status, string Reply) Send(JsonElement arguments)
    {
        if (failures.TryDequeue(out var failure))
        {
            return (JsonDocument.Parse(failure).RootElement.GetProperty("error_code").GetInt32(), failure);
        }

        var text = arguments.GetProperty("text").GetString()!;
        if (arguments.TryGetProperty("parse_mode", out var mode))
        {
            mode.GetString().ShouldBe("MarkdownV2");
            if (Parse(text, out var plain) is { } wrong)
            {
                return Bad("can't parse entities: " + wrong);
            }

            text = plain;
        }

        if (text.Trim().Length == 0 || text.Length > 4096)
        {
            return Bad(text.Length > 4096 ? "message is too long" : "message text is empty");
        }

        var id = Interlocked.Increment(ref lastMessage);
        Messages.Enqueue(new Shown(
            id,
            text,
            arguments.TryGetProperty("disable_notification", out var silent) && silent.GetBoolean(),
            arguments.TryGetProperty("reply_parameters", out var reply) ? reply.GetProperty("message_id").GetInt64() : null,
            arguments.TryGetProperty("message_thread_id", out var thread) ? thread.GetInt64() : null,
            arguments.TryGetProperty("reply_markup", out var markup)
                ? [.. markup.GetProperty("inline_keyboard").EnumerateArray().SelectMany(r => r.EnumerateArray()).Select(b => b.GetProperty("callback_data").GetString()!)]
                : []));
        return (200, JsonSerializer.Serialize(new { ok = true, result = new { message_id = id, chat = new { id = Chat } } }));
    }

    private static (int Status, string Reply) Bad(string why) =>
        (400, $$"""{"ok":false,"error_code":400,"description":{{JsonSerializer.Serialize("Bad Request: " + why)}}}""");

    // core.telegram.org/bots/api#markdownv2-style, as far as bold goes: everything reserved must be escaped, and bold must end.
    private static string? Parse(string text, out string plain)
    {
        var shown = new StringBuilder();
        var bold = false;
        plain = "";
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && i + 1 < text.Length && text[i + 1] is > '\0' and < '\u007f')
            {
                shown.Append(text[++i]);
            }
            else if (c == '*')
            {
                bold = !bold;
            }
            else if (Reserved.Contains(c))
            {
                return string.Create(CultureInfo.InvariantCulture, $"Character '{c}' is reserved and must be escaped with the preceding '\\' (byte offset {i})");
            }
            else
            {
                shown.Append(c);
            }
        }

        plain = shown.ToString();
        return bold ? "Can't find end of Bold entity" : null;
    }

    internal sealed record Shown(long Id, string Text, bool Silent, long? ReplyTo, long? Thread, IReadOnlyList<string> Buttons);
}
