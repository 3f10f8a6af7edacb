namespace DefiMonitor.Tests.Ethereum;

/// <summary>
/// A clock that stands still until it is told to go on, its timestamps too. With <see cref="AutoAdvance"/> it jumps to the end of every pause as soon as one is begun,
/// so that retries and waits take no time: only for code whose timers are pauses, since a timeout would run out at once.
/// </summary>
public sealed class SimulatedTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<SimulatedTimer> timers = [];
    private DateTimeOffset now = start;

    public SimulatedTime()
        : this(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000))
    {
    }

    public bool AutoAdvance { get; init; }

    /// <summary>The sum of all pauses that were jumped over.</summary>
    public TimeSpan Jumped { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public void Advance(TimeSpan by)
    {
        DateTimeOffset end;
        lock (gate)
        {
            end = now + by;
        }

        while (Next(end) is { } timer)
        {
            timer.Fire();
        }

        lock (gate)
        {
            now = end;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>The earliest timer due until then, with the clock set to its moment.</summary>
    private SimulatedTimer? Next(DateTimeOffset end)
    {
        lock (gate)
        {
            var due = timers.Where(t => t.DueAt <= end).MinBy(t => t.DueAt);
            if (due is not null)
            {
                now = due.DueAt > now ? due.DueAt : now;
                due.Fired();
            }

            return due;
        }
    }

    private sealed class SimulatedTimer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan every;

        public DateTimeOffset DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time.gate)
            {
                every = period;
                time.timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    return true;
                }

                DueAt = time.now + dueTime;
                if (!time.AutoAdvance)
                {
                    time.timers.Add(this);
                    return true;
                }

                time.now = DueAt;
                time.Jumped += dueTime;
            }

            ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), this, preferLocal: false);
            return true;
        }

        public void Fired()
        {
            if (every > TimeSpan.Zero)
            {
                DueAt += every;
            }
            else
            {
                time.timers.Remove(this);
            }
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (time.gate)
            {
                time.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
