using DefiMonitor.Engine.Sinks.Http;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Engine.Sinks;

/// <summary>
/// Tells an outside watcher, again and again, that the monitor is well; the watcher raises its own alarm when that stops. While the monitor is not well
/// it says nothing: silence is the message.
/// </summary>
public sealed partial class DeadManPing : IDisposable
{
    private const int MaxReply = 1024;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    private readonly Uri url;
    private readonly TimeSpan every;
    private readonly Func<string?> unhealthy;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly GuardedHttp http;

    /// <param name="unhealthy">Why the monitor is not ready, in one sentence; null = it is.</param>
    /// <exception cref="ArgumentException">The URL is not as <see cref="OutboundUrl"/> wants it.</exception>
    public DeadManPing(DeadManSettings settings, Func<string?> unhealthy, TimeProvider time, ILogger logger, GuardedHttp? http = null)
    {
        url = OutboundUrl.TryParse(settings.Url, out var parsed, out var error) ? parsed : throw new ArgumentException($"deadMan: {error}", nameof(settings));
        every = TimeSpan.FromSeconds(settings.EverySeconds);
        this.unhealthy = unhealthy;
        this.time = time;
        this.logger = logger;
        this.http = http ?? new GuardedHttp(settings.AllowPrivate, time);
    }

    /// <summary>Pings until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(every, time);
        try
        {
            do
            {
                await StepAsync(cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    /// <summary>One ping, unless the monitor is not well. Returns what became of it.</summary>
    public async Task<PingOutcome> StepAsync(CancellationToken cancellationToken)
    {
        if (unhealthy() is { } why)
        {
            LogWithheld(Redaction.ByShape.Error(why));
            return PingOutcome.Withheld;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        var reply = await http.SendAsync(request, AnswerWithin, MaxReply, cancellationToken);
        if (reply.IsSuccess)
        {
            return PingOutcome.Sent;
        }

        LogFailed(reply.Failure ?? $"{Redaction.Origin(url)} answered {reply.Status}");
        return PingOutcome.Failed;
    }

    public void Dispose() => http.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The dead-man ping is withheld: {Why}")]
    private partial void LogWithheld(string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The dead-man ping failed: {Why}")]
    private partial void LogFailed(string why);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The dead-man ping stops")]
    private partial void LogStopped();
}

public enum PingOutcome
{
    Sent,

    /// <summary>The monitor is not well.</summary>
    Withheld,

    Failed,
}
