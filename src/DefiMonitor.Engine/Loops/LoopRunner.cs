using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Engine.Loops;

/// <summary>
/// Runs one loop for ever: step, then wait for a hint or the timer. A failure that the loop did not expect stops it loudly, shows it as unhealthy
/// and starts it again from what is on disk, with a growing pause; the other loops go on. Being fenced off ends it for good.
/// </summary>
public sealed partial class LoopRunner(IMonitorLoop loop, TimeProvider time, MonitorMetrics metrics, ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private volatile LoopHealth health = new(loop.Name, "not started yet", 0, null, loop.Interval);

    public LoopHealth Health => health;

    /// <summary>Returns when cancelled or fenced off; never throws but for a bug in itself.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await loop.StartAsync(cancellationToken);
                while (true)
                {
                    var more = await loop.StepAsync(cancellationToken);
                    pause = FirstPause;
                    health = health with { Unhealthy = null, LastStepAt = time.GetUtcNow() };
                    metrics.LoopHealthy(loop.Name, true);
                    if (!more)
                    {
                        await WaitAsync(cancellationToken);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (FencedException e)
            {
                Broken(e.Message);
                LogFenced(loop.Name, e.Message);
                return;
            }
            catch (Exception e)
            {
                Broken(e.Message);
                metrics.LoopRestarted(loop.Name);
                health = health with { Restarts = health.Restarts + 1 };
                LogBroken(loop.Name, e.Message, pause.TotalSeconds, e);
                await loop.BrokenAsync(e.Message, cancellationToken);
            }

            try
            {
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hint = loop.HintAsync(either.Token);
        var timer = Task.Delay(loop.Interval, time, either.Token);
        await Task.WhenAny(hint, timer);
        await either.CancelAsync();
        try
        {
            // Waited for to the end: a hint may not be asked for twice at once.
            await hint;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The timer came first.
        }
    }

    private void Broken(string why)
    {
        health = health with { Unhealthy = why };
        metrics.LoopHealthy(loop.Name, false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Loop {Loop} broke and starts again from the checkpoint in {Seconds} s: {Why}")]
    private partial void LogBroken(string loop, string why, double seconds, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Loop {Loop} ends: {Why}")]
    private partial void LogFenced(string loop, string why);
}
