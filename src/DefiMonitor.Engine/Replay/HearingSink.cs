using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Engine.Replay;

/// <summary>The person of a replay: takes every message that the outbox delivers and remembers it.</summary>
public sealed class HearingSink : IAlertSink
{
    private readonly Queue<SinkMessage> fresh = new();

    public string Name => "person";

    public bool KeepsEverything => false;

    public IReadOnlyList<RateLimit> Limits => [];

    public int Heard { get; private set; }

    public Task<SinkResult> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        Heard++;
        fresh.Enqueue(message);
        return Task.FromResult<SinkResult>(new SinkResult.Sent());
    }

    /// <summary>What came in since the last time, in the order in which it was delivered.</summary>
    public IReadOnlyList<SinkMessage> Take()
    {
        SinkMessage[] taken = [.. fresh];
        fresh.Clear();
        return taken;
    }
}
