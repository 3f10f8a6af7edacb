using System.Collections.Immutable;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Tests.Engine.Storage;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Simulation;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>One chain's loop over a node in memory, moved by hand.</summary>
internal sealed class LoopBench : IAsyncDisposable
{
    public static readonly ChainId Chain = new(1);
    public static readonly DeploymentId Id = new("toy", Chain, "market");

    private ToyState state;

    private LoopBench(SqlStore store, ChainLoopOptions options, IReadOnlyList<IProtocol>? protocols, ChainFollowerOptions? follower)
    {
        Store = store;
        state = new ToyState
        {
            Prices = ImmutableSortedDictionary<Address, ulong>.Empty.Add(Toy.Asset(0), 1_000_000),
            Listed = [Toy.Asset(0)],
            Legs = Enumerable.Range(0, 5).ToImmutableSortedDictionary(static u => (Toy.User(u), Toy.Asset(0)), static _ => 1_000UL),
            Debts = Enumerable.Range(0, 4).ToImmutableSortedDictionary(Toy.User, static u => 800_000_000UL * 100 / (ulong)(130 + (50 * u))),
        };
        Node = new ToyNode("http://node", state);
        Client = new EvmClient(Node.Node, time: Time);
        Options = options;
        FollowerOptions = follower ?? new ChainFollowerOptions { ChainName = "toy" };
        MeterName = $"LoopBench.{Guid.NewGuid():N}";
        Metrics = new MonitorMetrics(meterName: MeterName);
        Protocols = protocols ?? [new ToyProtocol(Id)];
        Loop = Make();
    }

    public static ChainLoopOptions Defaults { get; } = new()
    {
        Chain = Chain,
        ChainName = "toy",
        Discover = new HashSet<DeploymentId> { Id },
        Watch = [.. Enumerable.Range(0, 3).Select(static u => new WatchedOwner(Toy.User(u), $"owner {u}"))],
    };

    public RuleBook Book { get; private set; } = RuleBook.Default;

    public SqlStore Store { get; }

    public ToyNode Node { get; }

    public EvmClient Client { get; }

    public ChainLoopOptions Options { get; private set; }

    public ChainFollowerOptions FollowerOptions { get; }

    public IReadOnlyList<IProtocol> Protocols { get; private set; }

    public SimulatedTime Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds((long)Toy.Born));

    /// <summary>Of this bench alone.</summary>
    public string MeterName { get; }

    public MonitorMetrics Metrics { get; }

    public Func<AlertTransition, IReadOnlyList<string>> Route { get; set; } = static _ => ["sink"];

    public ChainLoop Loop { get; private set; }

    public List<JudgedBlock> Judged { get; } = [];

    public BlockHeader Head => Node.Node.Head;

    public static async Task<LoopBench> CreateAsync(
        Func<ChainLoopOptions, ChainLoopOptions>? options = null, IReadOnlyList<IProtocol>? protocols = null, ChainFollowerOptions? follower = null)
    {
        var bench = new LoopBench(await Sample.MemoryAsync(), options?.Invoke(Defaults) ?? Defaults, protocols, follower);
        await bench.Loop.StartAsync(CancellationToken.None);
        return bench;
    }

    /// <summary>Mines a block and lets the loop take one step.</summary>
    public async Task BlockAsync(Func<ToyState, ToyState>? change = null, params Log[] logs)
    {
        Mine(change, logs);
        await StepAsync();
    }

    /// <param name="change">Of what no log speaks: prices, or state that moved silently.</param>
    public void Mine(Func<ToyState, ToyState>? change = null, params Log[] logs)
    {
        foreach (var log in logs)
        {
            state = state.After(log);
        }

        state = change?.Invoke(state) ?? state;
        Node.Take(new ToyTick(0, [new ToyBlock(12, logs, state)], Math.Min(8, Head.Number + 1 - 100), Outage.None));
    }

    public async Task StepAsync()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds((long)Head.Timestamp + 2);
        Time.Advance(now > Time.GetUtcNow() ? now - Time.GetUtcNow() : TimeSpan.FromSeconds(1));
        await Loop.StepAsync(CancellationToken.None);
    }

    /// <summary>As after a crash: everything in memory is new.</summary>
    public async Task RestartAsync(ChainLoopOptions? options = null, RuleBook? rules = null, IReadOnlyList<IProtocol>? protocols = null)
    {
        Options = options ?? Options;
        Book = rules ?? Book;
        Protocols = protocols ?? [new ToyProtocol(Id)];
        Loop = Make();
        await Loop.StartAsync(CancellationToken.None);
    }

    public MarginAccountId Account(int user) => Protocols[0].AccountOf(Toy.User(user));

    public async Task<AlertState?> AlertAsync(int user, string rule = Rules.Distance) =>
        (await Store.LatestAlertsAsync(Loop.Name)).FirstOrDefault(a => a.Rule == rule && a.Subject.Key == Account(user).ToString());

    public static Func<ToyState, ToyState> Price(ulong price) => s => s with { Prices = s.Prices.SetItem(Toy.Asset(0), price) };

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Metrics.Dispose();
    }

    private ChainLoop Make() => new(Options, new ChainLoopParts
    {
        Protocols = Protocols,
        Client = Client,
        Follower = new ChainFollower(Client, FollowerOptions, Time),
        Store = Store,
        Judge = new Judge(Book, AssetCatalog.Empty),
        Route = told => Route(told),
        Metrics = Metrics,
        Time = Time,
        Logger = NullLogger.Instance,
        Judged = Judged.Add,
    });
}
