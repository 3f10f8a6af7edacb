namespace DefiMonitor.Ethereum.Rpc;

/// <summary>
/// How many JSON-RPC calls an endpoint's plan allows: a bucket that fills by the second, and a count that starts again at midnight UTC. Counted in calls, not in posts,
/// as providers bill them. Not kept over a restart.
/// </summary>
public sealed class CallBudget
{
    private readonly TimeProvider time;
    private readonly double? perSecond;
    private readonly Lock gate = new();
    private double tokens;
    private long filledAt;
    private DateOnly day;

    /// <param name="perDay">Calls from midnight to midnight UTC; null = no limit.</param>
    /// <param name="perSecond">Calls a second, with a burst of as many; null = no limit.</param>
    public CallBudget(long? perDay, double? perSecond, TimeProvider time)
    {
        this.time = time;
        this.perSecond = perSecond;
        PerDay = perDay;
        tokens = perSecond ?? 0;
        filledAt = time.GetTimestamp();
        day = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
    }

    public long? PerDay { get; }

    public long SpentToday { get; private set; }

    /// <summary>Takes the calls from the budget, or says how long to wait before asking again. A batch larger than the bucket waits for a full one.</summary>
    public bool TrySpend(int calls, out TimeSpan wait, out bool dayIsOver)
    {
        lock (gate)
        {
            var now = time.GetUtcNow().UtcDateTime;
            var today = DateOnly.FromDateTime(now);
            if (today != day)
            {
                day = today;
                SpentToday = 0;
            }

            dayIsOver = PerDay is { } most && SpentToday + calls > most;
            if (dayIsOver)
            {
                wait = today.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) - now;
                return false;
            }

            if (perSecond is { } rate)
            {
                tokens = Math.Min(rate, tokens + (time.GetElapsedTime(filledAt).TotalSeconds * rate));
                filledAt = time.GetTimestamp();
                var needed = Math.Min(calls, rate);
                if (tokens < needed)
                {
                    wait = TimeSpan.FromSeconds((needed - tokens) / rate);
                    return false;
                }

                // Below zero after a large batch: it is paid back before the next.
                tokens -= calls;
            }

            SpentToday += calls;
            wait = TimeSpan.Zero;
            return true;
        }
    }
}
