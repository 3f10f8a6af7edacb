namespace DefiMonitor.Engine.Outbox;

/// <summary>Exponential backoff with full jitter: anywhere between zero and the ceiling, so that senders that failed together don't come back together.</summary>
internal sealed class RetryPlan(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>What a receiver may ask us to wait at the most; a day-long Retry-After must not bury an alert.</summary>
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(15);

    /// <param name="failures">Failures in a row before this one, from 0.</param>
    /// <param name="asked">Retry-After of the receiver: never sooner than that.</param>
    public TimeSpan Pause(int failures, TimeSpan? asked)
    {
        var ceiling = failures >= 16 ? Longest : First * Math.Pow(2, failures);
        ceiling = ceiling < Longest ? ceiling : Longest;
        var pause = ceiling * random.NextDouble();
        var least = asked is { } wanted ? (wanted < LongestAsked ? wanted : LongestAsked) : TimeSpan.Zero;
        return least + pause;
    }
}
