using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Tests.Ethereum;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.Tests.Engine.Loops;

public sealed class LoopRunnerTests
{
    [Fact]
    public async Task A_broken_loop_is_shown_and_starts_again_after_a_growing_pause()
    {
        using var metrics = new MonitorMetrics();
        using var stop = new CancellationTokenSource();
        var time = new SimulatedTime { AutoAdvance = true };
        var loop = new ScriptedLoop((_, step) => step switch
        {
            1 or 2 or 3 => throw new InvalidOperationException("the bug"),
            5 => throw new OperationCanceledException(stop.Token),
            _ => false,
        })
        { Ends = stop, EndsAt = 5 };
        var runner = new LoopRunner(loop, time, metrics, NullLogger.Instance);
        runner.Health.Unhealthy.ShouldBe("not started yet");

        await runner.RunAsync(stop.Token);

        loop.Starts.ShouldBe(4);
        loop.Told.ShouldBe(["the bug", "the bug", "the bug"]);
        runner.Health.Restarts.ShouldBe(3);
        runner.Health.Unhealthy.ShouldBeNull("the fourth attempt went well");
        time.Jumped.ShouldBe(TimeSpan.FromSeconds(1 + 2 + 4) + loop.Interval);
    }

    [Fact]
    public async Task A_loop_that_was_fenced_off_ends_for_good()
    {
        using var metrics = new MonitorMetrics();
        var loop = new ScriptedLoop((_, _) => throw new FencedException(new Fence("scripted", 1), 2));
        var runner = new LoopRunner(loop, new SimulatedTime { AutoAdvance = true }, metrics, NullLogger.Instance);
        await runner.RunAsync(CancellationToken.None);
        loop.Starts.ShouldBe(1);
        runner.Health.Unhealthy.ShouldNotBeNull().ShouldContain("epoch 1 is fenced off");
    }

    [Fact]
    public async Task A_hint_wakes_the_loop_before_its_interval()
    {
        using var metrics = new MonitorMetrics();
        using var stop = new CancellationTokenSource();
        var loop = new ScriptedLoop((_, _) => false) { Hints = 3, Ends = stop, EndsAt = 4 };
        var runner = new LoopRunner(loop, new SimulatedTime(), metrics, NullLogger.Instance);
        await runner.RunAsync(stop.Token);
        loop.Steps.ShouldBe(4, "three hints, and time stood still");
    }

    private sealed class ScriptedLoop(Func<int, int, bool> step) : IMonitorLoop
    {
        public string Name => "scripted";

        public TimeSpan Interval => TimeSpan.FromSeconds(10);

        public int Starts { get; private set; }

        public int Steps { get; private set; }

        public int Hints { get; set; }

        public CancellationTokenSource? Ends { get; init; }

        public int EndsAt { get; init; }

        public List<string> Told { get; } = [];

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Starts++;
            return Task.CompletedTask;
        }

        public async Task<bool> StepAsync(CancellationToken cancellationToken)
        {
            Steps++;
            if (Steps == EndsAt && Ends is not null)
            {
                await Ends.CancelAsync();
            }

            return step(Starts, Steps);
        }

        public Task BrokenAsync(string why, CancellationToken cancellationToken)
        {
            Told.Add(why);
            return Task.CompletedTask;
        }

        public Task HintAsync(CancellationToken cancellationToken) =>
            Hints-- > 0 ? Task.CompletedTask : Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }
}
