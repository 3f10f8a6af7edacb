namespace DefiMonitor.Engine.Sinks;

/// <summary>At most so many in any window of time, wherever the window is laid: a promise a token bucket with a burst cannot make.</summary>
public sealed class RateLimit(int count, TimeSpan window, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Queue<DateTimeOffset> taken = new(count);

    /// <summary>Takes one from each limit, or from none. <paramref name="wait"/> is how long until all of them have room.</summary>
    public static bool TryTake(IReadOnlyList<RateLimit> limits, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        var got = 0;
        foreach (var limit in limits)
        {
            var missing = limit.Take();
            if (missing > TimeSpan.Zero)
            {
                wait = missing > wait ? missing : wait;
                break;
            }

            got++;
        }

        if (wait == TimeSpan.Zero)
        {
            return true;
        }

        for (var i = 0; i < got; i++)
        {
            limits[i].GiveBack();
        }

        return false;
    }

    /// <summary>Waits for room in all limits and takes it.</summary>
    public static async Task TakeAsync(IReadOnlyList<RateLimit> limits, TimeProvider time, CancellationToken cancellationToken)
    {
        while (!TryTake(limits, out var wait))
        {
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private TimeSpan Take()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (taken.TryPeek(out var oldest) && oldest + window <= now)
            {
                taken.Dequeue();
            }

            if (taken.Count < count)
            {
                taken.Enqueue(now);
                return TimeSpan.Zero;
            }

            return taken.Peek() + window - now;
        }
    }

    private void GiveBack()
    {
        lock (gate)
        {
            // The newest is ours or as new as ours: the difference is nothing.
            var kept = taken.ToArray();
            taken.Clear();
            for (var i = 0; i < kept.Length - 1; i++)
            {
                taken.Enqueue(kept[i]);
            }
        }
    }
}
