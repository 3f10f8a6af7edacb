using System.Reflection;
using DefiMonitor.App.Api;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Engine.Venues;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Rpc;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Logging;
using Quartz;
using Serilog.Extensions.Logging;

namespace DefiMonitor.App.Hosting;

/// <summary>The composition root of <c>run</c>: loops, sinks, jobs and the API around one database.</summary>
public sealed partial class MonitorProcess : IAsyncDisposable
{
    private readonly MonitorOptions options;
    private readonly List<IAsyncDisposable> owned = [];
    private readonly List<LoopRunner> runners = [];
    private readonly List<Func<CancellationToken, Task>> work = [];
    private readonly List<JobChain> jobChains = [];
    private readonly MonitorMetrics metrics;
    private readonly RpcMetrics rpcMetrics = new();
    private readonly PrometheusExporter exporter = new(MonitorMetrics.MeterName);
    private readonly TimeProvider time;
    private WebApplication? app;
    private ILogger logger = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    private MonitorProcess(MonitorOptions options)
    {
        this.options = options;
        time = options.Terminal.Time;
        metrics = new MonitorMetrics(Version);
    }

    public static string Version { get; } = typeof(MonitorProcess).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>Where the API listens; empty before it runs and without one.</summary>
    public IEnumerable<string> Urls => options.Api.Urls.Count == 0 || app is null ? [] : app.Urls;

    /// <exception cref="StoreException">The database can't be used.</exception>
    public static async Task<MonitorProcess> CreateAsync(MonitorOptions options, CancellationToken cancellationToken)
    {
        var process = new MonitorProcess(options);
        try
        {
            await process.ComposeAsync(cancellationToken);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs until cancelled, then stops cleanly.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopping();
        }

        await app!.StopAsync(CancellationToken.None);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await app!.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new CliException(ExitCode.Usage, $"the API can't listen: {e.Message} Choose another address with --urls, or 'none'.", e);
        }

        // Without the scheme: the redaction of the log leaves nothing of a URL but scheme and host.
        LogStarted(Version, string.Join(", ", Urls.Select(u => u.Replace("http://", "", StringComparison.Ordinal)).DefaultIfEmpty("none")));
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await app.DisposeAsync();
        }

        owned.Reverse();
        foreach (var thing in owned)
        {
            await thing.DisposeAsync();
        }

        exporter.Dispose();
        rpcMetrics.Dispose();
        metrics.Dispose();
    }

    private async Task ComposeAsync(CancellationToken cancellationToken)
    {
        var settings = options.Settings;
        owned.Add(new Owned(Lock()));
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        var redaction = new Redaction([.. settings.Secrets(), .. options.Api.Token is { } token ? [token] : Array.Empty<string>()]);
        var serilog = Logging.Create(builder.Configuration, options.DataDir, redaction, options.Verbose, options.QuietConsole);
        owned.Add(serilog);
        var loggers = new SerilogLoggerFactory(serilog);
        logger = loggers.CreateLogger<MonitorProcess>();

        var store = await MonitorDatabase.OpenAsync(options.DataDir, cancellationToken);
        owned.Add(store);
        var sinks = new SinkCatalog(settings.Sinks, options.Terminal.Out, store, time);
        owned.Add(new Owned(sinks));
        var judge = new Judge(settings.Rules, settings.Assets);
        var openVenues = (await store.LatestAlertsAsync(LoopNames.Venues, cancellationToken)).Any(static alert => alert.IsOpen);
        Compose(settings, store, sinks, judge, openVenues, loggers);
        var readiness = new ReadinessProbe([.. jobChains.Select(j => (j.Settings, j.Plan))], settings.Rules, store, metrics, () => [.. runners.Select(r => r.Health)], time);
        Listen(settings, store, sinks, readiness, loggers);

        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerFactory>(loggers);
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddSingleton<IMonitorStore>(store);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(exporter);
        builder.Services.AddSingleton(readiness);
        builder.Services.AddSingleton(new MaintenanceJobs(store, jobChains, metrics, readiness, time, loggers.CreateLogger<MaintenanceJobs>()));
        builder.Services.AddHostedService(_ => new LoopService(work));
        builder.Services.AddQuartz(MaintenanceJobs.Schedule);
        builder.Services.AddQuartzHostedService(o => o.WaitForJobsToComplete = true);
        ApiServer.Listen(builder, options.Api);
        if (options.Api.Urls.Count == 0)
        {
            builder.Services.AddSingleton<IServer, NoServer>();
        }

        app = builder.Build();
        ApiServer.Map(app, options.Api, options.Events);
    }

    private DataLock Lock()
    {
        try
        {
            return DataLock.TryTake(options.DataDir, out var holder)
                ?? throw new CliException(ExitCode.Usage, $"a monitor runs on {options.DataDir} already (process {holder}); stop it first, or name another folder with --data DIR.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Store, $"the data folder {options.DataDir} can't be written: {e.Message}", e);
        }
    }

    /// <param name="openVenues">True where an alert of an account at a venue stands open: then somebody must be there to close it.</param>
    private void Compose(MonitorSettings settings, SqlStore store, SinkCatalog sinks, Judge judge, bool openVenues, ILoggerFactory loggers)
    {
        var confirming = new Dictionary<ChainId, ConfirmingChain>();
        var outbox = new OutboxLoop(store, sinks.Sinks, new ChainConfirmer(confirming), AlertJson.Encode, OutboxOptions.From(settings.Sinks), time, metrics);
        var loops = new List<ChainLoop>();
        foreach (var chain in settings.Followed)
        {
            var plan = CallPlan.For(chain);
            var node = Node.Pool(chain, time, rpcMetrics);
            owned.Add(node);
            var client = node.Client(chain, time);
            var deployments = settings.DeploymentsOn(chain.Chain).ToList();
            var states = new JudgedStates();

            // What these two wait for is not the loop's time.
            var others = node.Client(chain);
            confirming[chain.Chain] = new ConfirmingChain(others, states);
            jobChains.Add(new JobChain(chain, plan, others, deployments));
            var follower = new ChainFollower(client, ChainLoopSettings.Follower(chain, plan), time);
            owned.Add(follower);
            var loop = new ChainLoop(ChainLoopSettings.Loop(settings, chain, plan, deployments), new ChainLoopParts
            {
                Protocols = [.. deployments.Select(d => ProtocolFamilies.Create(d, chain))],
                Client = client,
                Follower = follower,
                Store = store,
                Judge = judge,
                Route = sinks.Route,
                Metrics = metrics,
                Time = time,
                Logger = loggers.CreateLogger<ChainLoop>(),
                Remember = states.Remember,
                Told = outbox.Nudge,
                Pause = new CallCadence(plan, node.SpentToday, time).Next,
            });
            loops.Add(loop);
            Add(loop, loggers);
            LogFollowing(chain.Name, chain.Chain.ToString(), deployments.Count, plan.Mode.ToString(), plan.LookSeconds);
        }

        var venues = Venues(settings, store, sinks, judge, openVenues, outbox, loggers);
        Add(
            new WatchLoop(new WatchLoopParts
            {
                Chains = [.. loops.Select(l => (Func<ChainVitals>)(() => l.Vitals))],
                Venues = venues is null ? null : () => venues.Vitals,
                Store = store,
                Judge = judge,
                Route = sinks.Route,
                Metrics = metrics,
                Time = time,
                Told = outbox.Nudge,
            }),
            loggers);
        if (venues is not null)
        {
            Add(venues, loggers);
        }

        Add(outbox, loggers);
    }

    /// <summary>Null where no venue is watched and nothing is left to be said of one.</summary>
    private VenueLoop? Venues(MonitorSettings settings, SqlStore store, SinkCatalog sinks, Judge judge, bool openVenues, OutboxLoop outbox, ILoggerFactory loggers)
    {
        var venues = settings.Venues.Where(static venue => venue.Accounts.Count > 0).ToList();
        var rounds = new VenueRounds(time, VenueLoop.UsualInterval);
        foreach (var venue in venues)
        {
            var http = OwnerVenues.Http(venue, time);
            owned.Add(new Owned(http));
            var pushes = new VenuePushes(OwnerVenues.Feed(venue), venue, http, time, rounds.Nudge);
            rounds.Add(venue, OwnerVenues.Reader(venue, http, time), pushes);
            work.Add(pushes.RunAsync);
        }

        if (venues.Count == 0 && !openVenues)
        {
            return null;
        }

        return new VenueLoop(new VenueLoopParts
        {
            Read = rounds.ReadAsync,
            Hint = rounds.HintAsync,
            Owners = settings.Venues.SelectMany(static venue => venue.Accounts).GroupBy(static account => account.Id).ToDictionary(static same => same.Key, static same => same.First().Owner),
            Store = store,
            Judge = judge,
            Route = sinks.Route,
            Metrics = metrics,
            Time = time,
            Logger = loggers.CreateLogger<VenueLoop>(),
            Told = outbox.Nudge,
        });
    }

    private void Listen(MonitorSettings settings, SqlStore store, SinkCatalog sinks, ReadinessProbe readiness, ILoggerFactory loggers)
    {
        foreach (var receiver in sinks.Receivers(new PersonCommands(store, time), time, loggers.CreateLogger("DefiMonitor.Telegram")))
        {
            work.Add(receiver.RunAsync);
        }

        if (settings.Sinks.DeadMan is { } deadMan)
        {
            var watch = new ReadinessWatch(readiness, time);
            var ping = new DeadManPing(deadMan, () => watch.NotReady, time, loggers.CreateLogger<DeadManPing>());
            owned.Add(new Owned(ping));
            work.Add(watch.RunAsync);
            work.Add(ping.RunAsync);
        }
    }

    private void Add(IMonitorLoop loop, ILoggerFactory loggers)
    {
        var runner = new LoopRunner(loop, time, metrics, loggers.CreateLogger<LoopRunner>());
        runners.Add(runner);
        work.Add(runner.RunAsync);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "DefiMonitor {Version} watches; API: {Urls}")]
    private partial void LogStarted(string version, string urls);

    [LoggerMessage(Level = LogLevel.Information, Message = "Asked to stop: the loops end, what is not delivered yet stays in the outbox")]
    private partial void LogStopping();

    [LoggerMessage(Level = LogLevel.Information, Message = "Following {Chain} ({Id}): {Deployments} deployments, mode {Mode}, a look every {Seconds} s")]
    private partial void LogFollowing(string chain, string id, int deployments, string mode, double seconds);

    /// <summary>Lets what is only IDisposable stand in one list with the rest.</summary>
    private sealed class Owned(IDisposable thing) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            thing.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
