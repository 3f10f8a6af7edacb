using System.Text.Json;
using System.Text.Json.Nodes;
using DefiMonitor.Engine.Outbox;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Engine.Sinks.Telegram;

/// <summary>
/// Listens to one bot (long polling) and does what people in the configured chats ask: buttons under alerts, /ack, /mute, /status, /test. Whoever
/// writes from elsewhere gets no answer. An update that a crash makes come twice asks for the same thing twice, which changes nothing.
/// </summary>
public sealed partial class TelegramReceiver(TelegramBot bot, IReadOnlyList<TelegramChat> chats, PersonCommands commands, TimeProvider time, ILogger logger)
{
    private const string Help = "/ack ID: acknowledge an alert\n/mute ID 1h: mute an alert's subject\n/mute 1h: mute whatever is below critical\n/unmute [ID]: end a mute\n/status: how the monitor stands\n/test: see that this chat is heard";

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(65);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    private long next;

    /// <summary>Listens until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        try
        {
            while (true)
            {
                TimeSpan? wait;
                try
                {
                    wait = await StepAsync(Poll, cancellationToken);
                }
                catch (Storage.StoreException e)
                {
                    LogStore(e.Message);
                    wait = TimeSpan.Zero;
                }

                if (wait is not { } asked)
                {
                    pause = FirstPause;
                    continue;
                }

                await Task.Delay(asked > pause ? asked : pause, time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    /// <summary>One question to Telegram and what follows from it. Null = go on at once; else a pause of at least so long is due.</summary>
    public async Task<TimeSpan?> StepAsync(TimeSpan poll, CancellationToken cancellationToken)
    {
        var answer = await bot.CallAsync(
            "getUpdates",
            new JsonObject
            {
                ["offset"] = next,
                ["timeout"] = (int)poll.TotalSeconds,
                ["allowed_updates"] = new JsonArray("message", "callback_query"),
            },
            AnswerWithin,
            cancellationToken);
        if (!answer.Ok || answer.Result is not { ValueKind: JsonValueKind.Array } updates)
        {
            LogFailed(answer.Status == 409
                ? "another program, or a webhook, already takes this bot's updates; give each program a bot of its own, or set \"commands\": false"
                : answer.Description);
            return answer.RetryAfter ?? TimeSpan.Zero;
        }

        foreach (var element in updates.EnumerateArray())
        {
            if (TelegramUpdate.Read(element) is { } update)
            {
                await HandleAsync(update, cancellationToken);

                // Only now: what was not handled comes again.
                next = Math.Max(next, update.UpdateId + 1);
            }
        }

        return null;
    }

    private async Task HandleAsync(TelegramUpdate update, CancellationToken cancellationToken)
    {
        var chat = chats.FirstOrDefault(c => c.Is(update.ChatId, update.ChatUsername));
        if (chat is null)
        {
            LogStranger(update.ChatId);
        }
        else if (update is { Pressed: { } data, CallbackId: { } callback })
        {
            await PressedAsync(chat, update, data, callback, cancellationToken);
        }
        else if (update.Text is { } text && text.StartsWith('/'))
        {
            var answer = await WrittenAsync(text, update.From, cancellationToken);
            await SayAsync(chat, answer.Text, update.MessageId, cancellationToken);
        }
    }

    private async Task PressedAsync(TelegramChat chat, TelegramUpdate update, string data, string callback, CancellationToken cancellationToken)
    {
        if (!TelegramButtons.TryRead(data, out var verb, out var id))
        {
            await QuitSpinnerAsync(callback, "This button is of another version.", cancellationToken);
            return;
        }

        await QuitSpinnerAsync(callback, "Heard.", cancellationToken);
        var answer = verb == ButtonVerb.Acknowledge
            ? await commands.AcknowledgeAsync(id, update.From, cancellationToken)
            : await commands.MuteAsync(id, TelegramButtons.MuteFor, update.From, cancellationToken);
        await SayAsync(chat, answer.Text, update.MessageId, cancellationToken);
        if (answer.Done && verb == ButtonVerb.Acknowledge && update.MessageId is { } message)
        {
            var edit = chat.To();
            edit.Remove("message_thread_id");
            edit["message_id"] = message;
            edit["reply_markup"] = TelegramButtons.WithoutAcknowledge(id);
            await bot.CallAsync("editMessageReplyMarkup", edit, cancellationToken);
        }
    }

    private async Task<PersonAnswer> WrittenAsync(string text, string by, CancellationToken cancellationToken)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        // In groups a command may name the bot: /ack@MyBot.
        switch (words[0].Split('@')[0].ToLowerInvariant(), words.Length)
        {
            case ("/ack", 2):
                return await commands.AcknowledgeAsync(words[1], by, cancellationToken);
            case ("/mute", 2) when PersonCommands.TryReadDuration(words[1], out var span):
                return await commands.MuteEverythingAsync(span, by, cancellationToken);
            case ("/mute", 3) when PersonCommands.TryReadDuration(words[2], out var span):
                return await commands.MuteAsync(words[1], span, by, cancellationToken);
            case ("/unmute", 1):
                return await commands.UnmuteEverythingAsync(by, cancellationToken);
            case ("/unmute", 2):
                return await commands.UnmuteAsync(words[1], by, cancellationToken);
            case ("/status", _):
                return await commands.StatusAsync(cancellationToken);
            case ("/test", _):
                return new PersonAnswer(true, $"The monitor hears this chat. It is {time.GetUtcNow():yyyy-MM-dd HH:mm:ss} UTC.");
            default:
                return new PersonAnswer(false, Help);
        }
    }

    private async Task QuitSpinnerAsync(string callback, string text, CancellationToken cancellationToken) =>
        await bot.CallAsync("answerCallbackQuery", new JsonObject { ["callback_query_id"] = callback, ["text"] = text }, cancellationToken);

    private async Task SayAsync(TelegramChat chat, string text, long? replyTo, CancellationToken cancellationToken)
    {
        var said = await chat.AnswerAsync(text.Length <= TelegramText.MaxLength ? text : text[..TelegramText.MaxLength], replyTo, cancellationToken);
        if (!said.Ok)
        {
            LogFailed(said.Description);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Telegram: {Why}")]
    private partial void LogFailed(string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Telegram: a message from chat {Chat}, which is not configured, was not answered")]
    private partial void LogStranger(long chat);

    [LoggerMessage(Level = LogLevel.Error, Message = "Telegram: a command could not be stored and will be asked for again: {Why}")]
    private partial void LogStore(string why);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Telegram: no longer listening")]
    private partial void LogStopped();
}
