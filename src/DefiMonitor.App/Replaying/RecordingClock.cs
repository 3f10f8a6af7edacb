namespace DefiMonitor.App.Replaying;

/// <summary>The clock of a recording: the newest block's own time, so that the loops judge as they will when the tape is played. Its timers are real.</summary>
internal sealed class RecordingClock : TimeProvider
{
    private ulong now;

    public override long TimestampFrequency => 1;

    public void MoveTo(ulong seconds) => now = Math.Max(now, seconds);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds((long)now);

    public override long GetTimestamp() => (long)now;
}
