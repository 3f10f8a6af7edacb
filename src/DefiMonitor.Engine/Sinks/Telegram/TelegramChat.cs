using System.Globalization;
using System.Text.Json.Nodes;

namespace DefiMonitor.Engine.Sinks.Telegram;

/// <summary>One chat of one bot, with Telegram's limits: what is said on our own and what is answered share them.</summary>
public sealed class TelegramChat
{
    private readonly long? number;
    private readonly TimeProvider time;

    /// <exception cref="ArgumentException">The chat id is neither a number nor <c>@name</c>.</exception>
    public TelegramChat(TelegramBot bot, string chatId, long? threadId, TimeProvider time)
    {
        if (!IsChatId(chatId))
        {
            throw new ArgumentException($"'{chatId}' is no chat id; write a number such as \"-1001234567890\", or \"@channel\".", nameof(chatId));
        }

        Bot = bot;
        Id = chatId;
        ThreadId = threadId;
        this.time = time;
        number = long.TryParse(chatId, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id) ? id : null;
        var isPrivate = number is > 0;
        var perChat = new RateLimit(1, TimeSpan.FromSeconds(1), time);
        Limits = isPrivate ? [perChat, bot.Overall] : [perChat, new RateLimit(20, TimeSpan.FromMinutes(1), time), bot.Overall];
    }

    public TelegramBot Bot { get; }

    public string Id { get; }

    public long? ThreadId { get; }

    /// <summary>One a second, twenty a minute in a group, thirty a second over all chats (core.telegram.org/bots/faq).</summary>
    public IReadOnlyList<RateLimit> Limits { get; }

    public static bool IsChatId(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id) ? id != 0 : text is ['@', _, _, _, _, ..];

    /// <summary>Whether an update comes from this chat.</summary>
    public bool Is(long chatId, string? username) => number is { } own ? own == chatId : username is not null && string.Equals(Id, "@" + username, StringComparison.OrdinalIgnoreCase);

    public JsonObject To()
    {
        var arguments = new JsonObject { ["chat_id"] = number is { } id ? JsonValue.Create(id) : JsonValue.Create(Id) };
        if (ThreadId is { } thread)
        {
            arguments["message_thread_id"] = thread;
        }

        return arguments;
    }

    /// <summary>An answer as plain text, in reply to a message; waits for the chat's limits.</summary>
    public async Task<TelegramAnswer> AnswerAsync(string text, long? replyTo, CancellationToken cancellationToken)
    {
        var arguments = To();
        arguments["text"] = text;
        arguments["link_preview_options"] = new JsonObject { ["is_disabled"] = true };
        if (replyTo is { } message)
        {
            arguments["reply_parameters"] = Reply(message);
        }

        await RateLimit.TakeAsync(Limits, time, cancellationToken);
        return await Bot.CallAsync("sendMessage", arguments, cancellationToken);
    }

    public static JsonObject Reply(long messageId) => new() { ["message_id"] = messageId, ["allow_sending_without_reply"] = true };
}
