using System.Globalization;
using DefiMonitor.Engine.Sinks.Http;

namespace DefiMonitor.Engine.Sinks;

/// <summary>alert.v1 by POST, signed by Standard Webhooks. Taken when the receiver answers 2xx within five seconds; docs/webhooks.md is its contract.</summary>
public sealed class WebhookSink : IAlertSink, IDisposable
{
    private const int MaxReply = 4 * 1024;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    private readonly Uri url;
    private readonly IReadOnlyList<byte[]> keys;
    private readonly GuardedHttp http;
    private readonly TimeProvider time;

    /// <exception cref="ArgumentException">URL or key is not as <see cref="OutboundUrl"/> and <see cref="WebhookSignature"/> want them.</exception>
    public WebhookSink(WebhookSinkSettings settings, TimeProvider time, GuardedHttp? http = null)
    {
        if (!OutboundUrl.TryParse(settings.Url, out var parsed, out var error))
        {
            throw new ArgumentException($"sink {settings.Name}: {error}", nameof(settings));
        }

        url = parsed;
        keys = [.. settings.Keys.Select(text => WebhookSignature.TryReadKey(text, out var key, out var wrong)
            ? key
            : throw new ArgumentException($"sink {settings.Name}: {wrong}", nameof(settings)))];
        this.time = time;
        this.http = http ?? new GuardedHttp(settings.AllowPrivate, time);
        Name = settings.Name;
        Limits = [new RateLimit(settings.PerMinute, TimeSpan.FromMinutes(1), time)];
    }

    public string Name { get; }

    public bool KeepsEverything => false;

    public IReadOnlyList<RateLimit> Limits { get; }

    public async Task<SinkResult> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(message.Json) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("webhook-id", message.MessageId);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Header(keys, message.MessageId, timestamp, message.Json.Span));
        var reply = await http.SendAsync(request, AnswerWithin, MaxReply, cancellationToken);
        var origin = Redaction.Origin(url);
        return reply switch
        {
            { IsSuccess: true } => new SinkResult.Sent(),
            { Failure: { } failure } => new SinkResult.Retry(null, failure, SinkWide: true),
            { Status: 410 } => new SinkResult.Dead($"{origin} answered 410: it wants no messages any more"),
            { Status: 413 } => new SinkResult.Dead($"{origin} answered 413: the message is too large for it"),
            { Status: >= 300 and <= 399 } => new SinkResult.Retry(reply.RetryAfter, $"{origin} answered {reply.Status}, and redirects are not followed; write the final URL", SinkWide: true),
            { Status: 400 or 422 } => new SinkResult.Retry(reply.RetryAfter, $"{origin} answered {reply.Status}", SinkWide: false),
            _ => new SinkResult.Retry(reply.RetryAfter, $"{origin} answered {reply.Status}", SinkWide: true),
        };
    }

    public void Dispose() => http.Dispose();
}
