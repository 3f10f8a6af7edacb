using System.Globalization;
using System.Text.Json;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>A local chain with the real contracts of one venue that does what it is told: see devnet/README.md.</summary>
internal sealed class VenueDevnet : IAsyncDisposable
{
    /// <summary>Morpho Blue with the markets <see cref="Mock86"/> and <see cref="Still945"/>.</summary>
    public const string Morpho = "morpho";

    /// <summary>Lyra v1 with one option market.</summary>
    public const string Lyra = "lyra";

    /// <summary>Pays interest by a rate model that the monitor does not know.</summary>
    public const string Mock86 = "mock-86";

    /// <summary>Has no rate model.</summary>
    public const string Still945 = "still-945";

    // The first start on a machine compiles Morpho.
    private static readonly TimeSpan ToStart = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ToAnswer = TimeSpan.FromMinutes(2);

    private readonly ChildProcess serving;
    private readonly DirectoryInfo configuration;
    private readonly Node node;

    private VenueDevnet(ChildProcess process, DirectoryInfo folder, JsonElement ready)
    {
        serving = process;
        configuration = folder;
        Accounts = [.. ready.GetProperty("accounts").EnumerateArray().Select(static json => Address.Parse(json.GetProperty("address").GetString()!))];
        EndpointUrl.TryParse(ready.GetProperty("rpc").GetString()!, out var url, out _).ShouldBeTrue();
        node = Node.Single(url, TimeProvider.System);
        Client = new EvmClient(node.Transport);
        Settings = new SettingsLoader(ProtocolFamilies.All, static _ => null).Load(SettingsFolder.ShippedRoot, folder.FullName).Need();
    }

    public IReadOnlyList<Address> Accounts { get; }

    public EvmClient Client { get; }

    /// <summary>The configuration as the devnet wrote it and the program reads it.</summary>
    public MonitorSettings Settings { get; }

    public static async Task<VenueDevnet> StartAsync(string venue, int accounts, int seed)
    {
        var script = Repository.DevnetScript("serve-venue.mjs");
        var folder = Directory.CreateTempSubdirectory($"defimonitor-{venue}-");
        List<string> arguments =
        [
            script, "--venue", venue, "--config", folder.FullName, "--accounts", accounts.ToString(CultureInfo.InvariantCulture), "--seed", seed.ToString(CultureInfo.InvariantCulture),
        ];
        var process = ChildProcess.Start($"The devnet of {venue}", "node", arguments, Repository.Devnet);
        try
        {
            var ready = JsonDocument.Parse(await process.ReadLineAsync(ToStart, "that it is ready")).RootElement;
            return new VenueDevnet(process, folder, ready);
        }
        catch
        {
            await process.DisposeAsync();
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>The answer, whatever it is.</summary>
    public async Task<JsonElement> TryAsync(object command)
    {
        await serving.WriteLineAsync(JsonSerializer.Serialize(command));
        return JsonDocument.Parse(await serving.ReadLineAsync(ToAnswer, $"an answer to {JsonSerializer.Serialize(command)}")).RootElement;
    }

    /// <summary>Obeys, or fails the test.</summary>
    public async Task<JsonElement> DoAsync(object command)
    {
        var answer = await TryAsync(command);
        answer.GetProperty("ok").GetBoolean().ShouldBeTrue($"{JsonSerializer.Serialize(command)}: {answer}");
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await serving.DisposeAsync();
        configuration.Delete(recursive: true);
    }
}
