using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Tests.Engine.Storage;
using DefiMonitor.Tests.Ethereum;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.Tests.Simulation;

/// <summary>
/// One life of the monitor over one script: the very loops of the live run, stepped. In a storm endpoints fail, lie, stall and freeze at random and the
/// process dies at random commits; after every tick the weather clears and the monitor must stand where a calm one stands.
/// </summary>
internal sealed class ToyRun : IAsyncDisposable
{
    public const string Sink = "sink";

    private static readonly ChainId Chain = new(1);
    private static readonly DeploymentId Id = new("toy", Chain, "market");

    private readonly ToyScript script;
    private readonly SimulatedTime time = new(DateTimeOffset.FromUnixTimeSeconds((long)Toy.Born));
    private readonly SimulatedTime nodeTime = new(DateTimeOffset.FromUnixTimeSeconds((long)Toy.Born)) { AutoAdvance = true };
    private readonly ToyNode[] nodes;
    private readonly SqlStore store;
    private readonly CrashPlan crashes;
    private readonly Random? storm;
    private readonly MonitorMetrics metrics = new();
    private readonly HashSet<string> delivered = [];
    private readonly List<ChainLoop> zombies = [];
    private readonly ToyTruth truth;

    private Func<ChainLoopOptions, ChainLoopOptions> options = static o => o;
    private ToyProtocol protocol = null!;
    private ChainLoop loop = null!;
    private WatchLoop watch = null!;
    private Fence outbox = null!;

    private ToyRun(ToyScript script, SqlStore store, CrashPlan crashes, Random? storm)
    {
        this.script = script;
        this.store = store;
        this.crashes = crashes;
        this.storm = storm;
        nodes = [new ToyNode("http://a", script.Genesis), new ToyNode("http://b", script.Genesis)];
        truth = new ToyTruth(Id, nodes[0], store);
    }

    public int Crashes { get; private set; }

    public int Faults { get; private set; }

    public int Fenced { get; private set; }

    /// <inheritdoc cref="ToyTruth.Tunings"/>
    public int Tunings => truth.Tunings;

    /// <summary>Points at which the process could have died.</summary>
    public int Points => crashes.Passed;

    public ChainTally Tally => loop.Tally;

    /// <summary>Messages as a receiver that dedupes by message id got them.</summary>
    public List<string> Received { get; } = [];

    public static async Task<ToyRun> CreateAsync(
        ToyScript script, Random? storm = null, CrashPlan? crashes = null, Func<ChainLoopOptions, ChainLoopOptions>? options = null) =>
        new(script, await Sample.MemoryAsync(), crashes ?? new CrashPlan(), storm) { options = options ?? (static o => o) };

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        metrics.Dispose();
    }

    public async Task RunAsync()
    {
        await AliveAsync(_ => RestartAsync());
        var outage = Outage.None;
        foreach (var tick in script.Ticks)
        {
            foreach (var node in nodes)
            {
                // Frozen before the news: it answers on and on with yesterday's chain.
                node.Freeze(tick != script.Ticks[0] && storm?.Next(5) == 0);
                node.Take(tick);
            }

            var now = DateTimeOffset.FromUnixTimeSeconds((long)nodes[0].Node.Head.Timestamp + 2);
            time.Advance(now > time.GetUtcNow() ? now - time.GetUtcNow() : TimeSpan.FromSeconds(1));
            nodeTime.Advance(TimeSpan.FromSeconds(12));
            await WeatherAsync(outage == Outage.None);
            await SettleAsync(tick.Outage);
            outage = tick.Outage;
            if (tick.Outage == Outage.None)
            {
                await truth.HoldAsync(protocol);
            }
        }
    }

    /// <summary>Everything that was told, alert by alert, in words.</summary>
    public async Task<List<string>> ToldAsync()
    {
        var told = new List<string>();
        long seq = 0;
        while (await store.TransitionsAfterAsync(seq, 500) is { Count: > 0 } page)
        {
            foreach (var stored in page)
            {
                seq = stored.Seq;
                told.Add(Words(stored.Transition));
            }
        }

        return told;
    }

    private static string Words(AlertTransition t)
    {
        // Why something could not be read is told in the endpoints' own words, which differ from run to run.
        var lines = t.Rule is Rules.Unknown or Rules.Blind ? "" : string.Join(" | ", t.Lines);
        return $"{t.AlertId} {t.Number} {t.Rule} {t.Kind} {t.PreviousLevel}>{t.Level} at {t.Block.Number}: {(t.Rule == Rules.Blind ? "" : t.Title)} / {lines} / {t.PreviousHealth}";
    }

    /// <param name="faults">Off after an outage: then readings are so old that one failure more makes accounts unknown, and rightly so.</param>
    private async Task WeatherAsync(bool faults)
    {
        if (storm is null)
        {
            return;
        }

        for (var attempt = storm.Next(4); attempt > 0; attempt--)
        {
            foreach (var node in nodes)
            {
                if (faults)
                {
                    Cloud(node);
                }
                else
                {
                    node.Freeze(false);
                }
            }

            var deadly = storm.Next(2) == 0;
            crashes.Dies = _ => deadly && storm.Next(8) == 0;
            await AliveAsync(StepAsync);
            await AliveAsync(DeliverAsync);
            await ZombieAsync();
        }

        foreach (var node in nodes)
        {
            node.Weather = static () => NodeFault.None;
            node.Freeze(false);
            node.Node.IgnoresBlockHash = false;
            node.Node.IgnoresBlockNumber = false;
            node.Node.RefusesBlockHash = false;
        }
    }

    private void Cloud(ToyNode node)
    {
        var rate = storm!.NextDouble() * 0.7;
        node.Weather = () =>
        {
            if (storm.NextDouble() >= rate)
            {
                return NodeFault.None;
            }

            Faults++;
            return (NodeFault)storm.Next(1, Enum.GetValues<NodeFault>().Length);
        };
        node.Node.IgnoresBlockHash = storm.Next(4) == 0;
        node.Node.IgnoresBlockNumber = node.Node.IgnoresBlockHash && storm.Next(2) == 0;
        node.Node.RefusesBlockHash = storm.Next(6) == 0;
    }

    /// <summary>A process that was thought dead wakes up: it must not write a word.</summary>
    private async Task ZombieAsync()
    {
        if (zombies.Count == 0 || storm!.Next(3) != 0)
        {
            return;
        }

        var dies = crashes.Dies;
        crashes.Dies = static _ => false;
        var before = await store.LastSeqAsync();
        try
        {
            await zombies[^1].StepAsync(CancellationToken.None);
        }
        catch (FencedException)
        {
            Fenced++;
        }
        catch (ForkBelowFinalityException)
        {
            // It hears a frozen endpoint before it could write.
        }

        (await store.LastSeqAsync()).ShouldBe(before, "a fenced process told something");
        zombies.Clear();
        crashes.Dies = dies;
    }

    /// <summary>Whatever a step wrote belongs to a block when it is over, or a fork could not take it back.</summary>
    private async Task StepAsync(CancellationToken cancellationToken)
    {
        await loop.StepAsync(cancellationToken);
        foreach (var table in protocol.Tables)
        {
            table.Seal().Changes.ShouldBeEmpty($"rows of {table.Name} belong to no block at {loop.Head?.Ref}");
        }
    }

    private async Task AliveAsync(Func<CancellationToken, Task> step)
    {
        try
        {
            await step(CancellationToken.None);
        }
        catch (Exception e) when (e is CrashException || (e is ForkBelowFinalityException && storm is not null))
        {
            // A frozen endpoint may show a branch that has been undone since, below what is final by now: then the loop stops loudly and starts over.
            Crashes++;
            if (loop is not null)
            {
                zombies.Add(loop);
            }

            while (true)
            {
                try
                {
                    await RestartAsync();
                    return;
                }
                catch (CrashException)
                {
                    Crashes++;
                }
            }
        }
    }

    /// <summary>Fair weather: the loop reaches the head, then the watch looks and messages go out. The process may still die on the way, and starts over.</summary>
    private async Task SettleAsync(Outage outage)
    {
        if (storm is not null)
        {
            var left = storm.Next(3);
            crashes.Dies = _ => left > 0 && storm.Next(8) == 0 && left-- > 0;
        }

        while (true)
        {
            var before = Crashes;
            await ReachHeadAsync(outage);
            await AliveAsync(watch.StepAsync);
            await ReachHeadAsync(outage);
            await AliveAsync(DeliverAsync);
            if (Crashes == before)
            {
                crashes.Dies = storm is null ? crashes.Dies : static _ => false;
                return;
            }
        }
    }

    private async Task ReachHeadAsync(Outage outage)
    {
        for (var i = 0; i < 12; i++)
        {
            await AliveAsync(StepAsync);
            var head = nodes[0].Node.Head;
            if (outage == Outage.Everything || (loop.Head == head && (outage == Outage.Calls || loop.IsSettled)))
            {
                return;
            }

            nodeTime.Advance(TimeSpan.FromSeconds(30));
        }

        throw new ShouldAssertException($"the loop does not reach block {nodes[0].Node.Head.Ref}: {loop.Vitals.BlindReason}; it stands at {loop.Head?.Ref}, judged {loop.JudgedHead?.Ref}, settled {loop.IsSettled}, outage {outage}");
    }

    private async Task DeliverAsync(CancellationToken cancellationToken)
    {
        var guarded = new CrashingStore(store, crashes);
        while (await store.DueAsync(Sink, time.GetUtcNow(), 500, cancellationToken) is { Count: > 0 } due)
        {
            foreach (var row in due)
            {
                if (delivered.Add(row.MessageId))
                {
                    Received.Add(Words(row.Stored.Transition));
                }

                await guarded.MarkSentAsync(outbox, row.MessageId, time.GetUtcNow(), null, cancellationToken);
            }
        }
    }

    private async Task RestartAsync()
    {
        var guarded = new CrashingStore(store, crashes);
        protocol = new ToyProtocol(Id) { ConfirmsByFigures = script.Seed % 4 == 0 };
        var pool = new EndpointPool(
            [.. nodes.Select(static n => (IRpcTransport)n.Node)], Chain, new EndpointPoolOptions { CompareEvery = TimeSpan.FromSeconds(48), Banishment = TimeSpan.FromSeconds(20) }, nodeTime, random: new Random(7));
        var client = new EvmClient(pool);
        var judge = new Judge(RuleBook.Default, AssetCatalog.Empty);
        loop = new ChainLoop(
            options(new ChainLoopOptions
            {
                Chain = Chain,
                ChainName = "toy",
                Discover = new HashSet<DeploymentId> { Id },
                Watch = [.. Enumerable.Range(0, ToyScript.Watched).Select(static u => new WatchedOwner(Toy.User(u), $"owner {u}"))],
                ComparePerBlock = 4,
            }),
            new ChainLoopParts
            {
                Protocols = [protocol],
                Client = client,
                Follower = new ChainFollower(client, new ChainFollowerOptions { ChainName = "toy" }, time),
                Store = guarded,
                Judge = judge,
                Route = static _ => [Sink],
                Metrics = metrics,
                Time = time,
                Logger = NullLogger.Instance,
            });
        watch = new WatchLoop(new WatchLoopParts
        {
            Chains = [() => loop.Vitals], Store = guarded, Judge = judge, Route = static _ => [Sink], Metrics = metrics, Time = time,
        });
        outbox = await guarded.ClaimAsync(LoopNames.Outbox);
        await loop.StartAsync(CancellationToken.None);
        await watch.StartAsync(CancellationToken.None);
    }
}
