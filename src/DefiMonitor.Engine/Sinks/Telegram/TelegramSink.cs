using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DefiMonitor.Core.Alerts;

namespace DefiMonitor.Engine.Sinks.Telegram;

/// <summary>Messages to one Telegram chat. What follows of an alert answers its first message, so that an alert reads as one thread.</summary>
public sealed class TelegramSink(string name, TelegramChat chat, TelegramSinkSettings settings, ISinkMemory memory) : IAlertSink
{
    public string Name { get; } = name;

    public bool KeepsEverything => false;

    public IReadOnlyList<RateLimit> Limits => chat.Limits;

    public async Task<SinkResult> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        var text = TelegramText.Of(MessageText.Of(message));
        var first = await memory.RecallAsync(Name, message.Transition.AlertId, cancellationToken);
        var answer = await chat.Bot.CallAsync("sendMessage", Arguments(message, text.Markdown, "MarkdownV2", first), cancellationToken);
        if (answer.IsMarkupError)
        {
            // Whatever it stumbled over: told without bold is better than not told.
            answer = await chat.Bot.CallAsync("sendMessage", Arguments(message, text.Plain, null, first), cancellationToken);
        }

        if (answer.Ok)
        {
            await RememberAsync(message, first, answer, cancellationToken);
            return new SinkResult.Sent();
        }

        return answer switch
        {
            { Status: 429 } => new SinkResult.Retry(answer.RetryAfter, "Telegram asks for fewer messages", SinkWide: true),
            { Status: 400 } => new SinkResult.Dead($"Telegram refuses the message: {answer.Description}"),
            { Status: 401 or 404 } => new SinkResult.Retry(answer.RetryAfter, $"Telegram does not know the bot's token: {answer.Description}", SinkWide: true),
            { Status: 403 } => new SinkResult.Retry(answer.RetryAfter, $"Telegram keeps the bot out of the chat: {answer.Description}", SinkWide: true),
            _ => new SinkResult.Retry(answer.RetryAfter, $"Telegram: {answer.Description}", SinkWide: true),
        };
    }

    private static bool HasButtons(AlertTransition transition) =>
        transition.Level != AlertLevel.None && transition.Kind is TransitionKind.Opened or TransitionKind.Escalated or TransitionKind.Confirmed;

    private JsonObject Arguments(SinkMessage message, string text, string? parseMode, string? first)
    {
        var arguments = chat.To();
        arguments["text"] = text;
        arguments["link_preview_options"] = new JsonObject { ["is_disabled"] = true };
        if (parseMode is not null)
        {
            arguments["parse_mode"] = parseMode;
        }

        if (message.Silent || Loudest(message.Transition) < settings.SilentBelow)
        {
            arguments["disable_notification"] = true;
        }

        if (long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var reply))
        {
            arguments["reply_parameters"] = TelegramChat.Reply(reply);
        }

        if (settings.Commands && HasButtons(message.Transition))
        {
            arguments["reply_markup"] = TelegramButtons.Of(message.Transition.AlertId);
        }

        return arguments;
    }

    // The end of something loud is news as well.
    private static AlertLevel Loudest(AlertTransition transition) =>
        transition.Level > transition.PreviousLevel ? transition.Level : transition.PreviousLevel;

    private async Task RememberAsync(SinkMessage message, string? first, TelegramAnswer answer, CancellationToken cancellationToken)
    {
        if (first is null && answer.Result is { ValueKind: JsonValueKind.Object } result && result.TryGetProperty("message_id", out var id) && id.TryGetInt64(out var number))
        {
            await memory.RememberAsync(Name, message.Transition.AlertId, number.ToString(CultureInfo.InvariantCulture), cancellationToken);
        }
    }
}
