using DefiMonitor.Engine.Sinks;
using DefiMonitor.Tests.Outbox;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Tests.Sinks;

public sealed class DeadManPingTests
{
    [Fact]
    public async Task The_watcher_hears_from_us_while_we_are_well_and_nothing_while_we_are_not()
    {
        await using var server = await LocalServer.StartAsync(200);
        string? unhealthy = null;
        using var ping = Ping(server, () => unhealthy, new Lines());

        (await ping.StepAsync(CancellationToken.None)).ShouldBe(PingOutcome.Sent);
        unhealthy = "chain eip155:1 is 90 s late";
        (await ping.StepAsync(CancellationToken.None)).ShouldBe(PingOutcome.Withheld);
        (await ping.StepAsync(CancellationToken.None)).ShouldBe(PingOutcome.Withheld);
        server.Requests.Count.ShouldBe(1);
        unhealthy = null;
        (await ping.StepAsync(CancellationToken.None)).ShouldBe(PingOutcome.Sent);

        server.Requests.ShouldAllBe(r => r.Method == "GET" && r.Path == "/ping/s3cr3t");
    }

    [Fact]
    public async Task It_pings_once_a_minute()
    {
        var pinged = new SemaphoreSlim(0);
        await using var server = await LocalServer.StartAsync((_, _) =>
        {
            pinged.Release();
            return Task.CompletedTask;
        });
        var time = new ManualTime();
        using var stop = new CancellationTokenSource();
        using var ping = Ping(server, () => null, new Lines(), time);

        var running = ping.RunAsync(stop.Token);
        await pinged.WaitAsync();
        for (var minute = 0; minute < 3; minute++)
        {
            time.Advance(TimeSpan.FromSeconds(60));
            await pinged.WaitAsync();
        }

        await stop.CancelAsync();
        await running;
        server.Requests.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_watcher_that_fails_is_a_line_in_the_log_without_the_secret()
    {
        await using var server = await LocalServer.StartAsync(500);
        var log = new Lines();
        using var ping = Ping(server, () => null, log);

        (await ping.StepAsync(CancellationToken.None)).ShouldBe(PingOutcome.Failed);

        log.Written.ShouldHaveSingleItem().ShouldBe("The dead-man ping failed: http://127.0.0.1 answered 500");
    }

    private static DeadManPing Ping(LocalServer server, Func<string?> unhealthy, ILogger log, TimeProvider? time = null) =>
        new(new DeadManSettings($"{server.Url}ping/s3cr3t", AllowPrivate: true), unhealthy, time ?? TimeProvider.System, log);

    private sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
