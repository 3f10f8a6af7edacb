using DefiMonitor.App.Reading;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;
using Microsoft.Extensions.Logging;
using Quartz;

namespace DefiMonitor.App.Hosting;

/// <summary>A chain as the jobs use it.</summary>
public sealed record JobChain(ChainSettings Settings, CallPlan Plan, EvmClient Client, IReadOnlyList<DeploymentSettings> Deployments);

/// <summary>What goes by the clock and not by blocks: retention, the day's summary, and a sample of accounts read afresh and compared with the chain.</summary>
public sealed partial class MaintenanceJobs(IMonitorStore store, IReadOnlyList<JobChain> chains, MonitorMetrics metrics, ReadinessProbe readiness, TimeProvider time, ILogger<MaintenanceJobs> logger)
{
    private const int SampleAccounts = 20;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <summary>Three in the night, eight in the morning, and every hour at a quarter past, all UTC.</summary>
    public static void Schedule(IQuartzBuilder quartz)
    {
        quartz.ScheduleJob("retention", (MaintenanceJobs jobs, CancellationToken cancel) => jobs.RetentionAsync(cancel), t => t.WithCronSchedule("0 17 3 * * ?", c => c.InTimeZone(TimeZoneInfo.Utc)));
        quartz.ScheduleJob("summary", (MaintenanceJobs jobs, CancellationToken cancel) => jobs.SummaryAsync(cancel), t => t.WithCronSchedule("0 0 8 * * ?", c => c.InTimeZone(TimeZoneInfo.Utc)));
        quartz.ScheduleJob("sample", (MaintenanceJobs jobs, CancellationToken cancel) => jobs.SampleAsync(cancel), t => t.WithCronSchedule("0 15 * * * ?", c => c.InTimeZone(TimeZoneInfo.Utc)));
    }

    /// <summary>Forgets what was done long ago; alerts and what was told of them stay.</summary>
    public async Task RetentionAsync(CancellationToken cancellationToken)
    {
        var gone = await store.TrimAsync(time.GetUtcNow() - Kept, cancellationToken);
        LogRetention(gone, Kept.TotalDays);
    }

    /// <summary>One line a day, so that a log without alerts still says that somebody watched.</summary>
    public async Task SummaryAsync(CancellationToken cancellationToken)
    {
        var ready = await readiness.LookAsync(cancellationToken);
        var (accounts, lowest) = await AccountsAsync(cancellationToken);
        var open = await store.AlertsAsync(openOnly: true, null, 500, cancellationToken);
        LogSummary(accounts, lowest is { } health ? Units.Format(health, 18, 4) : "none with debt", open.Items.Count, ready.NotReady ?? "all well");
    }

    /// <summary>Reads a few accounts afresh, apart from the loops' own state, and compares them with the chain's own view.</summary>
    public async Task SampleAsync(CancellationToken cancellationToken)
    {
        foreach (var chain in chains.Where(c => c.Plan.Mode == CallMode.Follow))
        {
            try
            {
                await SampleAsync(chain, cancellationToken);
            }
            catch (RpcException e)
            {
                LogSampleFailed(chain.Settings.Name, e.Message);
            }
        }
    }

    private async Task SampleAsync(JobChain chain, CancellationToken cancellationToken)
    {
        var owners = new List<Address>();
        string? cursor = null;
        do
        {
            var page = await store.ReportsAsync(cursor, 500, cancellationToken);
            owners.AddRange(page.Items.Select(r => r.Report.Account).Where(a => a.Deployment.Chain == chain.Settings.Chain).Select(a => Address.TryParse(a.Key, out var address) ? address : Address.Zero).Where(a => !a.IsZero));
            cursor = page.Next;
        }
        while (cursor is not null);

        var sample = owners.Distinct().ToArray();
        Random.Shared.Shuffle(sample);
        if (sample.Length == 0)
        {
            return;
        }

        var head = await chain.Client.GetHeadAsync(cancellationToken);
        var protocols = chain.Deployments.Select(d => ProtocolFamilies.Create(d, chain.Settings)).ToList();
        var reading = await new OneShotReader(chain.Client, chain.Settings.NextBlockSeconds).ReadAsync(protocols, sample[..Math.Min(sample.Length, SampleAccounts)], head, cancellationToken);
        var compared = reading.Accounts.Where(a => a.HasPosition).ToList();
        var different = compared.Where(a => a.Agreement.Kind == AgreementKind.Different).ToList();
        metrics.Reconciled(chain.Settings.Chain.ToString(), compared.Count(a => a.Agreement.Kind == AgreementKind.Equal), different.Count);
        foreach (var account in different)
        {
            LogDifferent(account.Account.ToString(), reading.Block.Ref.ToString(), account.Agreement.Text);
        }
    }

    private async Task<(int Accounts, UInt256? Lowest)> AccountsAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        UInt256? lowest = null;
        string? cursor = null;
        do
        {
            var page = await store.ReportsAsync(cursor, 500, cancellationToken);
            count += page.Items.Count;
            foreach (var row in page.Items)
            {
                lowest = row.Report.HealthFactor is { } health && (lowest is not { } low || health < low) ? health : lowest;
            }

            cursor = page.Next;
        }
        while (cursor is not null);
        return (count, lowest);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Retention: {Gone} rows older than {Days} days are gone")]
    private partial void LogRetention(int gone, double days);

    [LoggerMessage(Level = LogLevel.Information, Message = "Summary of the day: {Accounts} accounts watched, lowest health factor {Lowest}, {Open} open alerts; {State}")]
    private partial void LogSummary(int accounts, string lowest, int open, string state);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Account} differs from the chain's own view at block {Block}: {Difference}")]
    private partial void LogDifferent(string account, string block, string difference);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No sample of {Chain} could be read: {Why}")]
    private partial void LogSampleFailed(string chain, string why);
}
