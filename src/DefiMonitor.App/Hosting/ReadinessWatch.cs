namespace DefiMonitor.App.Hosting;

/// <summary>Keeps the latest answer of the readiness probe for whoever can't wait for one. An answer that has grown old counts as not ready.</summary>
public sealed class ReadinessWatch(ReadinessProbe probe, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(60);

    private volatile Readiness? last;

    /// <summary>Why the monitor is not ready, in one sentence; null = it is.</summary>
    public string? NotReady => last is not { } seen ? "nobody has looked yet"
        : time.GetUtcNow() - seen.At > Old ? $"the last look is of {seen.At:HH:mm:ss} UTC"
        : seen.NotReady;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                last = await probe.LookAsync(cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            last = null;
        }
    }
}
