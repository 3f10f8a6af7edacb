using System.Text.Json;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>The real program as a process of its own on a data folder of its own, started and killed as often as a test wants.</summary>
internal sealed class RealMonitor : IAsyncDisposable
{
    /// <summary>For what takes a second or two on an idle machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private readonly IReadOnlyList<Devnet> devnets;
    private readonly IReadOnlyDictionary<string, string> environment;
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("defimonitor-data-");
    private ChildProcess? process;
    private SqlStore? store;

    /// <param name="rules">Content of rules.json.</param>
    /// <param name="sinks">Content of sinks.json.</param>
    public RealMonitor(Devnet devnet, object rules, object sinks, IReadOnlyDictionary<string, string> environment)
        : this([devnet], rules, sinks, environment)
    {
    }

    /// <param name="devnets">Chains on which the same owners are watched: the first one's.</param>
    public RealMonitor(IReadOnlyList<Devnet> devnets, object rules, object sinks, IReadOnlyDictionary<string, string> environment)
    {
        this.devnets = devnets;
        this.environment = environment;

        // By subscription, as a person with a node of his own would; blocks come every second or two.
        foreach (var (devnet, number) in devnets.Select(static (d, i) => (d, i + 1)))
        {
            var name = number == 1 ? "devnet" : $"devnet-{number}";
            Write($"chains/{name}.json", new { name, chainId = devnet.Chain.ToString(), endpoints = new[] { devnet.Endpoint.Replace("http:", "ws:", StringComparison.Ordinal) }, nextBlockSeconds = 2 });
        }

        if (devnets.Count > 1)
        {
            const string Markets = "protocols/aave-v3.json";
            Write(Markets, new { deployments = devnets.SelectMany(static d => JsonDocument.Parse(File.ReadAllText(Path.Combine(d.ConfigDir, Markets))).RootElement.GetProperty("deployments").EnumerateArray()).ToList() });
        }

        Write("rules.json", rules);
        Write("sinks.json", sinks);
    }

    public string DataDir => data.FullName;

    /// <summary>What it has complained of lately.</summary>
    public string Complaints => process?.Complaints ?? "";

    public void Start()
    {
        process.ShouldBeNull();
        process = ChildProcess.Start(
            "The monitor", "dotnet", [Repository.Program, "run", "--config", devnets[0].ConfigDir, "--data", data.FullName, "--urls", "none"], data.FullName, environment);
    }

    public async Task KillNineAsync()
    {
        await process!.KillNineAsync();
        await process.DisposeAsync();
        process = null;
    }

    /// <summary>As systemd stops it.</summary>
    public async Task StopAsync()
    {
        (await process!.TerminateAsync(Patience)).ShouldBe(0, Complaints);
        await process.DisposeAsync();
        process = null;
    }

    /// <summary>The database, opened beside the program.</summary>
    public async Task<SqlStore> StoreAsync()
    {
        await UntilAsync("it has made its database", () => Task.FromResult(File.Exists(MonitorDatabase.PathIn(data.FullName))));
        return store ??= await MonitorDatabase.OpenAsync(data.FullName, CancellationToken.None);
    }

    public Task UntilJudgedAsync(DevnetBlock block) => UntilJudgedAsync(devnets[0], block);

    public async Task UntilJudgedAsync(Devnet devnet, DevnetBlock block)
    {
        var file = await StoreAsync();
        Heartbeat? beat = null;
        await UntilAsync(
            $"it has judged block {block.Number} {block.Hash.Short}",
            async () => (beat = (await file.LoopAsync(LoopNames.Chain(devnet.Chain)))?.Beat)?.Judged?.Hash == block.Hash,
            () => $"it has judged {beat?.Judged?.Ref.ToString() ?? "nothing"} and folded {beat?.Head?.Ref.ToString() ?? "nothing"}");
    }

    /// <summary>Until everything that was committed is delivered, and nothing waits for the chain's own view.</summary>
    public async Task UntilDeliveredAsync()
    {
        var file = await StoreAsync();
        await UntilAsync(
            "everything is delivered",
            async () => (await Task.WhenAll(devnets.Select(d => file.PendingConfirmationsAsync(d.Chain)))).All(static p => p.Count == 0) && (await file.OutboxHealthAsync()).All(static s => s.Due == 0));
        (await file.DeadLettersAsync(10)).ShouldBeEmpty();
    }

    public async Task UntilAsync(string what, Func<Task<bool>> holds, Func<string>? instead = null)
    {
        var give = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (process is { HasEnded: true })
            {
                throw new InvalidOperationException($"The monitor ended before {what}. It said:\n{Complaints}");
            }

            if (TimeProvider.System.GetElapsedTime(give) > Patience)
            {
                throw new TimeoutException($"Within {Patience.TotalSeconds} s not: {what}{(instead is null ? "" : $"; {instead()}")}. The monitor said:\n{Complaints}");
            }

            await Task.Delay(Look);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }

        if (store is not null)
        {
            await store.DisposeAsync();
        }

        data.Delete(recursive: true);
    }

    private void Write(string name, object content)
    {
        var path = Path.Combine(devnets[0].ConfigDir, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(content));
    }
}
