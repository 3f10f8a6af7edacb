namespace DefiMonitor.Tests.App;

/// <summary>Says one time for ever; timers run as they do.</summary>
internal sealed class FixedClock(ulong second) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds((long)second);
}
