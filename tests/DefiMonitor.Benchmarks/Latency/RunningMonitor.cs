using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Rpc;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.Benchmarks.Latency;

/// <summary>One chain's loop as the program runs it, by subscription over a WebSocket, on a database whose every commit is flushed.</summary>
internal sealed class RunningMonitor : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly AnnouncedTransport announced;
    private readonly EndpointPool pool;
    private readonly EvmClient client;
    private readonly ChainFollower follower;
    private readonly SqlStore store;
    private readonly MonitorMetrics metrics = new();
    private readonly StageTimes stages = new();
    private readonly IProtocol protocol;
    private readonly ChainLoop loop;
    private readonly Channel<Committed> judged = Channel.CreateUnbounded<Committed>();
    private readonly CancellationTokenSource lifetime = new();
    private readonly ChainSettings chain;
    private readonly IReadOnlyList<Address> owners;
    private Task running = Task.CompletedTask;

    private RunningMonitor(MonitorSettings settings, DeploymentSettings deployment, EndpointUrl node, IReadOnlyList<Address> owners, SqlStore store)
    {
        this.owners = owners;
        this.store = store;
        chain = settings.Followed.Single();
        protocol = ProtocolFamilies.Create(deployment, chain);
        announced = new AnnouncedTransport(new WebSocketTransport(node));
        pool = new EndpointPool([announced], chain.Chain, new EndpointPoolOptions(), TimeProvider.System);
        client = new EvmClient(pool);
        follower = new ChainFollower(client, new ChainFollowerOptions { ChainName = chain.Name, PollEvery = TimeSpan.FromSeconds(chain.PollSeconds ?? 1) }, TimeProvider.System);
        loop = new ChainLoop(
            new ChainLoopOptions
            {
                Chain = chain.Chain,
                ChainName = chain.Name,
                NextBlockSeconds = chain.NextBlockSeconds,
                Watch = [.. owners.Select(static o => new WatchedOwner(o, null))],
            },
            new ChainLoopParts
            {
                Protocols = [protocol],
                Client = client,
                Follower = follower,
                Store = store,
                Judge = new Judge(settings.Rules, settings.Assets),
                Route = static _ => ["console"],
                Metrics = metrics,
                Time = TimeProvider.System,
                Logger = NullLogger.Instance,
                Judged = block => judged.Writer.TryWrite(new Committed(block, Stopwatch.GetTimestamp())),
            });
    }

    /// <summary>True while heads are kept from it.</summary>
    public bool IsResting
    {
        get => announced.IsResting;
        set => announced.IsResting = value;
    }

    /// <summary>Accounts that have not entered yet.</summary>
    public int Waiting => (int)metrics.Chain(chain.Chain.ToString()).WaitingAccounts;

    /// <summary>The newest block whose rows are on disk, as the block <paramref name="head"/> was judged.</summary>
    public ulong StoredAt(ulong head) => head - (ulong)metrics.Chain(chain.Chain.ToString()).CheckpointLag;

    public static async Task<RunningMonitor> StartAsync(
        MonitorSettings settings, DeploymentSettings deployment, EndpointUrl node, IReadOnlyList<Address> owners, string database)
    {
        var monitor = new RunningMonitor(settings, deployment, node, owners, await SqlStore.OpenAsync(new SqlStoreOptions { Path = database }));
        var runner = new LoopRunner(monitor.loop, TimeProvider.System, monitor.metrics, NullLogger.Instance);
        monitor.running = runner.RunAsync(monitor.lifetime.Token);
        return monitor;
    }

    /// <summary>Waits until the block is judged, and says how long that took from its announcement.</summary>
    public async Task<MeasuredBlock> MeasuredAsync(ulong number)
    {
        var (block, at) = await JudgedAsync(number);
        return MeasuredBlock.From(block.Head.Number, block.Transitions.Count, announced.AnnouncedAt(block.Head.Hash), at, announced.TakeCalls());
    }

    /// <summary>Waits until the block is judged.</summary>
    public async Task<Committed> JudgedAsync(ulong number)
    {
        using var late = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                var committed = await judged.Reader.ReadAsync(late.Token);
                if (committed.Block.Unread.Count > 0)
                {
                    throw new InvalidOperationException($"Block {committed.Block.Head.Ref} could not be read: {committed.Block.Unread[0].Reason}.");
                }

                if (committed.Block.Head.Number == number)
                {
                    return committed;
                }
            }
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Block {number} is not judged after {Patience.TotalSeconds} s: {loop.Vitals.LoopStopped ?? loop.Vitals.BlindReason ?? "the loop does not say why"}.", e);
        }
    }

    public void ForgetStages() => stages.Forget();

    /// <summary>Median milliseconds of each stage since the last <see cref="ForgetStages"/>.</summary>
    public string Stages() => stages.ToString();

    /// <summary>Ends the loop and holds accounts, as it folded them, against the contract's own view of the block judged last: all six words, to the integer.</summary>
    /// <returns>How many were equal; a difference is an exception.</returns>
    public async Task<int> EndAsync(int sample)
    {
        await lifetime.CancelAsync();
        await running;
        var head = loop.JudgedHead!;
        var accounts = Enumerable.Range(0, sample).Select(i => protocol.AccountOf(owners[i * owners.Count / sample])).ToList();
        var answers = await client.CallAsync([.. accounts.SelectMany(protocol.Confirm)], head, CancellationToken.None);
        foreach (var account in accounts)
        {
            var state = protocol.Capture(account, head);
            var agreement = protocol.Compare(state, answers.Results);
            if (agreement.Kind != AgreementKind.Equal || protocol.Evaluate(state, new Instant(head.Timestamp), Shock.None).Status == MarginStatus.Unknown)
            {
                throw new InvalidOperationException($"{account} is not as the contract has it at block {head.Ref}: {agreement.Kind} {agreement.Text}.");
            }
        }

        return accounts.Count;
    }

    public async ValueTask DisposeAsync()
    {
        await lifetime.CancelAsync();
        await running;
        await follower.DisposeAsync();
        await pool.DisposeAsync();
        await store.DisposeAsync();
        stages.Dispose();
        metrics.Dispose();
        lifetime.Dispose();
    }
}

/// <param name="At">When its commit was through, in ticks of the stopwatch.</param>
internal readonly record struct Committed(JudgedBlock Block, long At);

/// <summary>What the program itself says of its stages.</summary>
internal sealed class StageTimes : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<double>> seconds = new(StringComparer.Ordinal);

    public StageTimes()
    {
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == MonitorMetrics.MeterName && instrument.Name == "defimonitor_block_stage_seconds")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, took, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "stage", Value: string stage })
                {
                    seconds.GetOrAdd(stage, static _ => new ConcurrentQueue<double>()).Enqueue(took);
                }
            }
        });
        listener.Start();
    }

    public void Forget() => seconds.Clear();

    public override string ToString() => string.Join(",", seconds.OrderBy(static s => s.Key, StringComparer.Ordinal)
        .Select(static s => FormattableString.Invariant($"{s.Key}:{Figures.Quantile(s.Value.Select(static v => v * 1000), 0.5):F2}")));

    public void Dispose() => listener.Dispose();
}
