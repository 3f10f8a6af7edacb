using System.Globalization;
using System.Text.Json;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>A local chain behind a script of devnet/ that does what it is told, one line a command: see devnet/README.md.</summary>
internal abstract class ServedChain : IAsyncDisposable
{
    // The first start on a machine compiles contracts.
    private static readonly TimeSpan ToStart = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ToAnswer = TimeSpan.FromMinutes(2);

    private readonly ChildProcess serving;
    private readonly DirectoryInfo configuration;
    private readonly Node node;

    protected ServedChain(Served served)
    {
        (serving, configuration, var ready) = served;
        Rpc = ready.GetProperty("rpc").GetString()!;
        EndpointUrl.TryParse(Rpc, out var url, out _).ShouldBeTrue();
        node = Node.Single(url, TimeProvider.System);
        Client = new EvmClient(node.Transport);
        Settings = new SettingsLoader(ProtocolFamilies.All, static _ => null).Load(SettingsFolder.ShippedRoot, ConfigDir).Need();
    }

    /// <summary>The node itself.</summary>
    public string Rpc { get; }

    /// <summary>The configuration of the monitor for this chain, with everybody in owners.json.</summary>
    public string ConfigDir => configuration.FullName;

    /// <summary>Asks the node itself, whatever stands in front of it.</summary>
    public EvmClient Client { get; }

    /// <summary>The configuration as the devnet wrote it and the program reads it.</summary>
    public MonitorSettings Settings { get; }

    /// <summary>Obeys, or fails the test.</summary>
    public async Task<JsonElement> DoAsync(object command)
    {
        var answer = await TryAsync(command);
        return answer.GetProperty("ok").GetBoolean()
            ? answer
            : throw new InvalidOperationException($"The devnet could not do {JsonSerializer.Serialize(command)}: {answer.GetProperty("error").GetString()}");
    }

    /// <summary>The answer, whatever it is.</summary>
    public async Task<JsonElement> TryAsync(object command)
    {
        await serving.WriteLineAsync(JsonSerializer.Serialize(command));
        return JsonDocument.Parse(await serving.ReadLineAsync(ToAnswer, $"an answer to {JsonSerializer.Serialize(command)}")).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await serving.DisposeAsync();
        configuration.Delete(recursive: true);
    }

    /// <param name="what">As messages call it.</param>
    /// <param name="make">Makes the chain when its script says that it is ready.</param>
    protected static async Task<T> StartAsync<T>(string what, string script, int accounts, int seed, IEnumerable<string> more, Func<Served, T> make)
    {
        var folder = Directory.CreateTempSubdirectory("defimonitor-devnet-");
        List<string> arguments = [Repository.DevnetScript(script), "--config", folder.FullName, "--accounts", Text(accounts), "--seed", Text(seed), .. more];
        var process = ChildProcess.Start(what, "node", arguments, Repository.Devnet);
        try
        {
            return make(new Served(process, folder, JsonDocument.Parse(await process.ReadLineAsync(ToStart, "that it is ready")).RootElement));
        }
        catch
        {
            await process.DisposeAsync();
            folder.Delete(recursive: true);
            throw;
        }
    }

    protected static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <param name="Ready">The script's first line.</param>
    protected sealed record Served(ChildProcess Process, DirectoryInfo Folder, JsonElement Ready);
}
