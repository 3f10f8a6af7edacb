using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DefiMonitor.Engine.Sinks.Http;

namespace DefiMonitor.Engine.Sinks.Telegram;

/// <summary>One bot of the Telegram Bot API: calls a method, reads the answer. The token stands in the URL, so no URL ever leaves this class.</summary>
public sealed partial class TelegramBot : IDisposable
{
    private const int MaxReply = 1024 * 1024;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    private readonly string methods;
    private readonly GuardedHttp http;
    private readonly Redaction redaction;

    /// <exception cref="ArgumentException">Token or URL has not the right shape.</exception>
    public TelegramBot(string token, string apiUrl, bool allowPrivate, TimeProvider time, GuardedHttp? http = null)
    {
        if (!IsToken(token))
        {
            throw new ArgumentException("this is no Telegram bot token; it reads digits, a colon, letters and digits, as BotFather gave it.", nameof(token));
        }

        if (!OutboundUrl.TryParse(apiUrl, out var url, out var error))
        {
            throw new ArgumentException(error, nameof(apiUrl));
        }

        methods = $"{url.AbsoluteUri.TrimEnd('/')}/bot{token}/";
        redaction = new Redaction([token]);
        this.http = http ?? new GuardedHttp(allowPrivate, time);
        Overall = new RateLimit(30, TimeSpan.FromSeconds(1), time);
    }

    /// <summary>Telegram's limit for one bot over all chats.</summary>
    public RateLimit Overall { get; }

    public static bool IsToken(string? text) => text is not null && TokenShape().IsMatch(text);

    public Task<TelegramAnswer> CallAsync(string method, JsonObject arguments, CancellationToken cancellationToken) =>
        CallAsync(method, arguments, AnswerWithin, cancellationToken);

    /// <summary>Calls a method. A failure is an answer too; its description is redacted and bounded.</summary>
    public async Task<TelegramAnswer> CallAsync(string method, JsonObject arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, methods + method) { Content = JsonContent.Create(arguments) };
        var reply = await http.SendAsync(request, limit, MaxReply, cancellationToken);
        return reply.Failure is { } failure ? new TelegramAnswer(false, 0, null, redaction.Error(failure), null) : Read(reply);
    }

    public void Dispose() => http.Dispose();

    private TelegramAnswer Read(HttpReply reply)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(reply.Body);
            root = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return new TelegramAnswer(false, reply.Status, null, $"answered {reply.Status} and no JSON", reply.RetryAfter);
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return new TelegramAnswer(false, reply.Status, null, $"answered {reply.Status} and no object", reply.RetryAfter);
        }

        var ok = reply.IsSuccess && root.TryGetProperty("ok", out var flag) && flag.ValueKind == JsonValueKind.True;
        JsonElement? result = ok && root.TryGetProperty("result", out var value) ? value : null;
        var description = root.TryGetProperty("description", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        return new TelegramAnswer(ok, reply.Status, result, redaction.Error(description ?? $"answered {reply.Status}"), Wait(root) ?? reply.RetryAfter);
    }

    private static TimeSpan? Wait(JsonElement root) =>
        root.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
        && parameters.TryGetProperty("retry_after", out var wait) && wait.TryGetInt32(out var seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(seconds)
            : null;

    [GeneratedRegex("^[0-9]{3,20}:[A-Za-z0-9_-]{8,100}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TokenShape();
}

/// <param name="Status">HTTP status; 0 = no answer came.</param>
/// <param name="Description">Why not, redacted; empty of meaning when <paramref name="Ok"/>.</param>
/// <param name="RetryAfter">How long Telegram asks to wait.</param>
public sealed record TelegramAnswer(bool Ok, int Status, JsonElement? Result, string Description, TimeSpan? RetryAfter)
{
    /// <summary>Telegram could not read the markup of the text.</summary>
    public bool IsMarkupError => Status == 400 && Description.Contains("can't parse entities", StringComparison.OrdinalIgnoreCase);
}
