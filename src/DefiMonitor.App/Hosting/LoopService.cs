namespace DefiMonitor.App.Hosting;

/// <summary>Runs everything that runs for ever: the loops, the receivers, the ping. Ends when all of them have.</summary>
internal sealed class LoopService(IReadOnlyList<Func<CancellationToken, Task>> work) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(work.Select(w => Task.Run(() => w(stoppingToken), CancellationToken.None)));
}
