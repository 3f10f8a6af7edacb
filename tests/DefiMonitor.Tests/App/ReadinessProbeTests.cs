using DefiMonitor.App.Hosting;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Tests.Engine.Storage;
using DefiMonitor.Tests.Ethereum;

namespace DefiMonitor.Tests.App;

public sealed class ReadinessProbeTests
{
    [Fact]
    public async Task A_loop_that_hangs_is_not_ready_though_it_never_broke()
    {
        await using var store = await Sample.MemoryAsync();
        using var metrics = new MonitorMetrics(meterName: nameof(ReadinessProbeTests));
        var time = new SimulatedTime();
        var health = new LoopHealth(LoopNames.Venues, null, 0, time.GetUtcNow(), TimeSpan.FromSeconds(15));
        var probe = new ReadinessProbe([], RuleBook.Default, store, metrics, () => [health], time);
        time.Advance(TimeSpan.FromSeconds(RuleBook.Default.LoopDeadAfterSeconds + 15));
        (await probe.LookAsync(CancellationToken.None)).IsReady.ShouldBeTrue();
        time.Advance(TimeSpan.FromSeconds(1));
        (await probe.LookAsync(CancellationToken.None)).NotReady.ShouldNotBeNull().ShouldContain("loop venues: its last step came to its end at");
    }
}
