namespace DefiMonitor.Engine.Sinks;

/// <summary>One way to a person or a program. Called by one lane at a time, in order; knows no retries and no store.</summary>
public interface IAlertSink
{
    /// <summary>As in sinks.json; part of every message id.</summary>
    string Name { get; }

    /// <summary>True for a record that is to be whole: mutes and quiet hours don't apply.</summary>
    bool KeepsEverything { get; }

    /// <summary>All of them must have room before a message is sent.</summary>
    IReadOnlyList<RateLimit> Limits { get; }

    /// <summary>Sends once. Failures are results, not exceptions; reasons are redacted and bounded.</summary>
    Task<SinkResult> SendAsync(SinkMessage message, CancellationToken cancellationToken);
}

/// <summary>What became of one sending.</summary>
public abstract record SinkResult
{
    private SinkResult()
    {
    }

    /// <summary>The receiver has taken it.</summary>
    public sealed record Sent : SinkResult;

    /// <param name="After">How long the receiver asked to wait; null = it did not say.</param>
    /// <param name="SinkWide">True when any other message would have failed too (no connection, rate limit): the others need not try.</param>
    public sealed record Retry(TimeSpan? After, string Reason, bool SinkWide) : SinkResult;

    /// <summary>Sending it again cannot help.</summary>
    public sealed record Dead(string Reason) : SinkResult;
}
