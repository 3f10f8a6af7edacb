namespace DefiMonitor.Ethereum.Tape;

/// <summary>
/// The clock of a tape: what it shows moves with the play head only. Its timers are real, so that pauses between retries and the like pass.
/// </summary>
public sealed class TapeClock(TapeTransport tape) : TimeProvider
{
    public override long TimestampFrequency => 1;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds((long)tape.Now);

    public override long GetTimestamp() => (long)tape.Now;
}
