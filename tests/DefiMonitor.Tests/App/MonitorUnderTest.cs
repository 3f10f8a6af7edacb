using DefiMonitor.App.Api;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Tests.App;

/// <summary>A whole monitor in this process, on a port of its own and a database in a temporary folder.</summary>
internal sealed class MonitorUnderTest : IAsyncDisposable
{
    private readonly MonitorProcess process;
    private bool deletes = true;

    private MonitorUnderTest(MonitorProcess process, string dataDir, SqlStore store, StringWriter console, HttpClient http)
    {
        this.process = process;
        DataDir = dataDir;
        Store = store;
        Console = console;
        Http = http;
    }

    public string DataDir { get; }

    /// <summary>The same database, opened a second time, as another process would.</summary>
    public SqlStore Store { get; }

    /// <summary>What the console sink wrote.</summary>
    public StringWriter Console { get; }

    public HttpClient Http { get; }

    public static async Task<MonitorUnderTest> StartAsync(MonitorSettings? settings = null, string? token = null, EventStreamOptions? events = null, string? dataDir = null)
    {
        dataDir ??= Directory.CreateTempSubdirectory("defimonitor-data-").FullName;
        var console = new StringWriter();
        var started = await MonitorProcess.CreateAsync(
            new MonitorOptions
            {
                Settings = settings ?? new MonitorSettings { Chains = [], Deployments = [], Owners = [] },
                DataDir = dataDir,
                Api = new ApiSettings { Urls = [new Uri("http://127.0.0.1:0")], Token = token },
                Terminal = new Terminal { Out = console, Error = TextWriter.Null, Environment = _ => null },
                QuietConsole = true,
                Events = events ?? new EventStreamOptions(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200)),
            },
            CancellationToken.None);
        await started.StartAsync(CancellationToken.None);
        var store = await MonitorDatabase.OpenAsync(dataDir, CancellationToken.None);
        return new MonitorUnderTest(started, dataDir, store, console, new HttpClient { BaseAddress = new Uri(started.Urls.First()), Timeout = TimeSpan.FromSeconds(30) });
    }

    /// <summary>Puts a test alert of that second on file; it is told to no sink.</summary>
    public async Task<(long Seq, string AlertId)> PutAlertAsync(ulong second)
    {
        var fence = await Store.ClaimAsync("test");
        var test = Judge.Test(second);
        var seqs = await Store.CommitAsync(fence, new JudgementCommit
        {
            At = DateTimeOffset.FromUnixTimeSeconds((long)second),
            Alerts = test.Changed,
            Transitions = [.. test.Transitions.Select(t => new RoutedTransition(t, []))],
        });
        return (seqs[0], test.Changed[0].AlertId);
    }

    /// <summary>Stops it and leaves the data folder, for what comes after.</summary>
    public ValueTask StopAsync()
    {
        deletes = false;
        return DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Store.DisposeAsync();
        await process.DisposeAsync();
        if (deletes)
        {
            Directory.Delete(DataDir, recursive: true);
        }
    }
}
