using System.Globalization;
using System.Text.Json;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>A local chain with the real contracts of two Aave markets, core302 and core36, that does what it is told: see devnet/README.md.</summary>
internal sealed class Devnet : IAsyncDisposable
{
    public const string Core302 = "core302";
    public const string Core36 = "core36";

    // The first start on a machine compiles Aave 3.6.
    private static readonly TimeSpan ToStart = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ToAnswer = TimeSpan.FromMinutes(2);

    private readonly ChildProcess serving;
    private readonly DirectoryInfo configuration;
    private readonly Node node;

    private Devnet(ChildProcess process, DirectoryInfo folder, JsonElement ready)
    {
        serving = process;
        configuration = folder;
        Rpc = ready.GetProperty("rpc").GetString()!;
        Endpoint = ready.GetProperty("endpoint").GetString()!;
        Pools = ready.GetProperty("markets").EnumerateObject().ToDictionary(static m => m.Name, static m => Address.Parse(m.Value.GetProperty("pool").GetString()!));
        Accounts = [.. ready.GetProperty("accounts").EnumerateArray().Select(DevnetAccount.Read)];
        EndpointUrl.TryParse(Rpc, out var url, out _).ShouldBeTrue();
        node = Node.Single(url, TimeProvider.System);
        Client = new EvmClient(node.Transport);
        Settings = new SettingsLoader(ProtocolFamilies.All, static _ => null).Load(SettingsFolder.ShippedRoot, ConfigDir).Need();
    }

    /// <summary>The node itself.</summary>
    public string Rpc { get; }

    /// <summary>A port in front of it that <c>down</c> closes.</summary>
    public string Endpoint { get; }

    /// <summary>The configuration of the monitor for this chain, with everybody in owners.json.</summary>
    public string ConfigDir => configuration.FullName;

    public IReadOnlyList<DevnetAccount> Accounts { get; }

    /// <summary>The Pool contract of each market.</summary>
    public IReadOnlyDictionary<string, Address> Pools { get; }

    /// <summary>As it was mined last.</summary>
    public DevnetBlock? Head { get; private set; }

    /// <summary>Seconds from the newest block to the wall clock, at least 1: where a chain is to keep up with it.</summary>
    public ulong UntilNow => Head is { } head && TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() is var now && now > (long)head.Timestamp ? (ulong)now - head.Timestamp : 1;

    /// <summary>Asks the node itself, whether the endpoint is up or not.</summary>
    public EvmClient Client { get; }

    /// <param name="timestamp">Of the first block, in seconds; null = in May 2021.</param>
    public static async Task<Devnet> StartAsync(int accounts, int seed, long? timestamp = null)
    {
        var script = Repository.DevnetScript("serve.mjs");
        var folder = Directory.CreateTempSubdirectory("defimonitor-devnet-");
        List<string> arguments = [script, "--config", folder.FullName, "--accounts", Text(accounts), "--seed", Text(seed)];
        if (timestamp is { } first)
        {
            arguments.AddRange(["--timestamp", Text(first)]);
        }

        var process = ChildProcess.Start("The devnet", "node", arguments, Repository.Devnet);
        try
        {
            var ready = JsonDocument.Parse(await process.ReadLineAsync(ToStart, "that it is ready")).RootElement;
            return new Devnet(process, folder, ready);
        }
        catch
        {
            await process.DisposeAsync();
            folder.Delete(recursive: true);
            throw;
        }
    }

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

    /// <summary>Obeys what mines, and names the newest block.</summary>
    public async Task<DevnetBlock> MineAsync(object command) => Head = DevnetBlock.Read((await DoAsync(command)).GetProperty("block"));

    /// <summary>A block at the wall clock's time in which the feeds get these answers, 8 decimals.</summary>
    public Task<DevnetBlock> PriceAsync(IReadOnlyDictionary<string, UInt256> prices) =>
        MineAsync(new { cmd = "price", raws = prices.ToDictionary(static p => p.Key, static p => p.Value.ToString(), StringComparer.Ordinal), dt = UntilNow });

    /// <summary>Everybody's accounts in both markets, read afresh at a block beside what the contracts say.</summary>
    public async Task<IReadOnlyList<AccountReading>> ReadAsync(BlockHeader at)
    {
        var chain = Settings.Followed.Single();
        var protocols = Settings.DeploymentsOn(chain.Chain).Select(d => ProtocolFamilies.Create(d, chain)).ToList();
        var reading = await new OneShotReader(Client, chain.NextBlockSeconds).ReadAsync(protocols, [.. Accounts.Select(static a => a.Address)], at, CancellationToken.None);
        reading.Failures.ShouldBeEmpty();
        return reading.Accounts;
    }

    /// <summary>Every feed's answer, 8 decimals, by symbol.</summary>
    public async Task<Dictionary<string, UInt256>> PricesAsync() =>
        (await DoAsync(new { cmd = "prices" })).GetProperty("prices").EnumerateObject().ToDictionary(p => p.Name, p => UInt256.Parse(p.Value.GetString()!));

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await serving.DisposeAsync();
        configuration.Delete(recursive: true);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <param name="Market">The market in which it has opened its position.</param>
internal sealed record DevnetAccount(string Name, Address Address, string Market)
{
    public static DevnetAccount Read(JsonElement json) =>
        new(json.GetProperty("name").GetString()!, Address.Parse(json.GetProperty("address").GetString()!), json.GetProperty("market").GetString()!);
}

internal sealed record DevnetBlock(ulong Number, Hash32 Hash, ulong Timestamp)
{
    public static DevnetBlock Read(JsonElement json) =>
        new(json.GetProperty("number").GetUInt64(), Hash32.Parse(json.GetProperty("hash").GetString()!), json.GetProperty("timestamp").GetUInt64());
}
