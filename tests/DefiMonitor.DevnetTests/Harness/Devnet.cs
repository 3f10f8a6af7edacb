using System.Text.Json;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>A local chain with the real contracts of two Aave markets, core302 and core36, and if asked for Morpho or Lyra beside them under the same price feeds.</summary>
internal sealed class Devnet : ServedChain
{
    public const string Core302 = "core302";
    public const string Core36 = "core36";

    private Devnet(Served served)
        : base(served)
    {
        Ready = served.Ready;
        Chain = Settings.Followed.Single().Chain;
        Endpoint = Ready.GetProperty("endpoint").GetString()!;
        Pools = Ready.GetProperty("markets").EnumerateObject().ToDictionary(static m => m.Name, static m => Address.Parse(m.Value.GetProperty("pool").GetString()!));
        Accounts = [.. Ready.GetProperty("accounts").EnumerateArray().Select(DevnetAccount.Read)];
    }

    /// <summary>Everything that stands on the chain, as the devnet told it.</summary>
    public JsonElement Ready { get; }

    /// <summary>A port in front of the node that <c>down</c> closes.</summary>
    public string Endpoint { get; }

    public IReadOnlyList<DevnetAccount> Accounts { get; }

    /// <summary>The Pool contract of each market.</summary>
    public IReadOnlyDictionary<string, Address> Pools { get; }

    public ChainId Chain { get; }

    /// <summary>As it was mined last.</summary>
    public DevnetBlock? Head { get; private set; }

    /// <summary>Seconds from the newest block to the wall clock, at least 1: where a chain is to keep up with it.</summary>
    public ulong UntilNow => Head is { } head && TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() is var now && now > (long)head.Timestamp ? (ulong)now - head.Timestamp : 1;

    /// <param name="timestamp">Of the first block, in seconds; null = in May 2021.</param>
    /// <param name="morpho">True: with one market of Morpho beside Aave.</param>
    /// <param name="lyra">True: with one option market of Lyra v1 beside Aave.</param>
    /// <param name="chain">Its number, where there is another chain beside it.</param>
    public static Task<Devnet> StartAsync(int accounts, int seed, long? timestamp = null, bool morpho = false, bool lyra = false, ulong chain = 31337) => StartAsync(
        "The devnet",
        "serve.mjs",
        accounts,
        seed,
        [.. timestamp is { } first ? (string[])["--timestamp", Text(first)] : [], "--chain-id", Text((long)chain), .. morpho ? (string[])["--morpho"] : [], .. lyra ? (string[])["--lyra"] : []],
        static served => new Devnet(served));

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
