using System.Collections.Concurrent;
using DefiMonitor.App.Hosting;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;

namespace DefiMonitor.Tests.App;

public sealed class MaintenanceJobsTests
{
    [Fact]
    public async Task The_scheduler_runs_every_job_and_each_says_what_it_did()
    {
        await using var node = await TapeNode.StartAsync();
        var settings = node.Config.Load().Need();
        var chain = settings.Chains.First(c => c.Name == "devnet") with { Endpoints = [DefiMonitor.Ethereum.Rpc.EndpointUrl.Parse(node.Url)] };
        await using var pool = Node.Pool(chain, TimeProvider.System);
        var client = pool.Client(chain);
        await using var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = "jobs-" + Guid.NewGuid().ToString("N"), InMemory = true });
        await PutReportsAsync(store, settings, chain, client);

        using var metrics = new MonitorMetrics();
        var told = new Lines();
        var plan = CallPlan.For(chain);
        var readiness = new ReadinessProbe([(chain, plan)], RuleBook.Default, store, metrics, () => [], TimeProvider.System);
        var jobs = new MaintenanceJobs(store, [new JobChain(chain, plan, client, [.. settings.DeploymentsOn(chain.Chain)])], metrics, readiness, TimeProvider.System, told);
        using var exporter = new DefiMonitor.App.Api.PrometheusExporter(MonitorMetrics.MeterName);

        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(jobs);
        builder.Services.AddQuartz(MaintenanceJobs.Schedule);
        builder.Services.AddQuartzHostedService();
        using var host = builder.Build();
        await host.StartAsync();
        var scheduler = await host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler();
        foreach (var job in (string[])["retention", "summary", "sample"])
        {
            await scheduler.TriggerJob(new JobKey(job));
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(told.All.Any(l => l.Contains("Retention:")) && told.All.Any(l => l.Contains("Summary of the day: 2 accounts")) && exporter.Scrape().Contains("defimonitor_reconciled_total")))
        {
            await Task.Delay(50, patience.Token);
        }

        await host.StopAsync();
        told.All.ShouldNotContain(l => l.Contains("differs"));
    }

    private static async Task PutReportsAsync(SqlStore store, MonitorSettings settings, ChainSettings chain, DefiMonitor.Ethereum.EvmClient client)
    {
        var head = await client.GetHeadAsync(CancellationToken.None);
        var protocols = settings.DeploymentsOn(chain.Chain).Select(d => ProtocolFamilies.Create(d, chain)).ToList();
        var reading = await new DefiMonitor.App.Reading.OneShotReader(client, 12).ReadAsync(protocols, [settings.Owners[0].Addresses[0]], head, CancellationToken.None);
        var fence = await store.ClaimAsync("test");
        var now = TimeProvider.System.GetUtcNow();
        await store.CommitAsync(fence, new JudgementCommit { At = now, Reports = [.. reading.Accounts.Select(a => new ReportRow(a.AtBlock, Core.Alerts.AlertLevel.None, null, now))] });
    }

    private sealed class Lines : ILogger<MaintenanceJobs>
    {
        private readonly ConcurrentQueue<string> lines = new();

        public IEnumerable<string> All => lines;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception));
    }
}
