using System.Reflection;
using System.Text.Json;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Tests.Sinks;

namespace DefiMonitor.Tests.Outbox;

/// <summary>A store, a clock, a chain that commits alerts, and an outbox over them that may be killed and started again.</summary>
internal sealed class OutboxHouse : IAsyncDisposable
{
    public const string ChainLoop = "chain/eip155:1";

    private readonly MonitorMetrics metrics;
    private Fence chain = null!;

    private OutboxHouse(SqlStore store)
    {
        Store = store;
        metrics = new MonitorMetrics(meterName: MeterName);
    }

    /// <summary>Of this house alone.</summary>
    public string MeterName { get; } = $"OutboxHouse.{Guid.NewGuid():N}";

    public ManualTime Time { get; } = new();

    public SqlStore Store { get; }

    public FakeConfirmer Confirmer { get; } = new();

    public static async Task<OutboxHouse> OpenAsync()
    {
        var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = Guid.NewGuid().ToString("N"), InMemory = true });
        return new OutboxHouse(store) { chain = await store.ClaimAsync(ChainLoop) };
    }

    /// <summary>An account's transition with the report that the chain can be asked about.</summary>
    public static AlertTransition Told(
        TransitionKind kind, AlertLevel level, AlertLevel previous = AlertLevel.None, string alert = "a", int number = 1, string? account = null)
    {
        var key = account ?? $"aave-v3/eip155:1/core/0x{Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(alert)).PadLeft(40, '0')}";
        MarginAccountId.TryParse(key, out var id).ShouldBeTrue();
        var told = Messages.Transition(kind, level, previous, alert.PadRight(32, '0'), number, title: $"{alert}{number} {kind} {level}");
        return told with
        {
            Subject = new AlertSubject(SubjectKind.Account, key),
            Report = new MarginReport { Account = id!, Block = told.Block, At = new Instant(told.Block.Timestamp), Status = MarginStatus.Healthy },
        };
    }

    public async Task<OutboxLoop> StartAsync(IReadOnlyList<IAlertSink> sinks, OutboxOptions? options = null, IOutboxStore? store = null)
    {
        var loop = new OutboxLoop(store ?? Store, sinks, Confirmer, Encode, (options ?? new OutboxOptions()) with { Seed = 1 }, Time, metrics);
        await loop.StartAsync(CancellationToken.None);
        return loop;
    }

    public async Task<IReadOnlyList<long>> CommitAsync(AlertTransition transition, params string[] sinks)
    {
        var state = new AlertState
        {
            AlertId = transition.AlertId,
            Subject = transition.Subject,
            Rule = transition.Rule,
            Level = transition.Level,
            ToldLevel = transition.Level,
            OpenedAt = transition.Block.Ref,
            OpenedTimestamp = transition.Block.Timestamp,
            RaisedAt = transition.Block.Ref,
            TransitionNumber = transition.Number,
        };
        return await Store.CommitAsync(chain, new JudgementCommit { At = Time.GetUtcNow(), Alerts = [state], Transitions = [new RoutedTransition(transition, sinks)] });
    }

    /// <summary>What the chain's own loop does with an acknowledgement.</summary>
    public async Task ApplyAcknowledgementsAsync()
    {
        foreach (var stored in await Store.PendingCommandsAsync(ChainLoop))
        {
            var alert = await Store.AlertAsync(AlertCommands.Read(stored)!.AlertId!);
            await Store.CommitAsync(chain, new JudgementCommit
            {
                At = Time.GetUtcNow(),
                Alerts = [AlertMachine.Acknowledge(alert!.State)],
                Commands = [new AppliedCommand(stored.Id, "acknowledged")],
            });
        }
    }

    public async Task RefuseAsync(StoredCommand command) => await Store.CommitAsync(
        chain, new JudgementCommit { At = Time.GetUtcNow(), Commands = [new AppliedCommand(command.Id, "refused: there is no such open alert")] });

    public async Task MuteAsync(string key, TimeSpan span) =>
        await Store.CommitAsync(chain, new JudgementCommit { At = Time.GetUtcNow(), Mutes = [new Mute(key, Time.GetUtcNow() + span)] });

    /// <summary>A store that breaks at one method, as a process that dies there would leave it.</summary>
    public IOutboxStore BreakingAt(string method)
    {
        var proxy = DispatchProxy.Create<IOutboxStore, BreakingStore>();
        ((BreakingStore)(object)proxy).Inner = Store;
        ((BreakingStore)(object)proxy).Method = method;
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        metrics.Dispose();
    }

    private static ReadOnlyMemory<byte> Encode(StoredTransition stored, string messageId, Confirmation? confirmation, DateTimeOffset sendingAt) =>
        JsonSerializer.SerializeToUtf8Bytes(new { messageId, stored.Seq, confirmation = confirmation?.State.ToString() });
}

#pragma warning disable CA1852 // DispatchProxy derives from it.
internal class BreakingStore : DispatchProxy
#pragma warning restore CA1852
{
    public IOutboxStore Inner { get; set; } = null!;

    public string Method { get; set; } = "";

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == Method ? throw new StoreException("the process died here") : targetMethod.Invoke(Inner, args);
}

/// <summary>Keeps what it was sent; answers as it is told to.</summary>
internal sealed class RecordingSink(string name) : IAlertSink
{
    private readonly Lock gate = new();
    private readonly List<SinkMessage> sent = [];

    public string Name { get; } = name;

    public bool KeepsEverything { get; init; }

    public IReadOnlyList<RateLimit> Limits { get; init; } = [];

    /// <summary>What becomes of a message; null = sent.</summary>
    public Func<SinkMessage, SinkResult?> Answer { get; set; } = static _ => null;

    /// <summary>Awaited before the answer.</summary>
    public Task Hang { get; set; } = Task.CompletedTask;

    /// <summary>Everything that was tried, in order.</summary>
    public IReadOnlyList<SinkMessage> Tried
    {
        get
        {
            lock (gate)
            {
                return [.. sent];
            }
        }
    }

    public IEnumerable<string> Titles => Tried.Select(m => m.Transition.Title);

    public async Task<SinkResult> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            sent.Add(message);
        }

        await Hang.WaitAsync(cancellationToken);
        return Answer(message) ?? new SinkResult.Sent();
    }
}

/// <summary>The chain's own view, as a test wants it.</summary>
internal sealed class FakeConfirmer : IConfirmer
{
    private int asked;

    public Func<AlertTransition, Confirmation> Say { get; set; } = static _ => new Confirmation(ConfirmationState.Confirmed);

    /// <summary>Awaited before the answer; does not listen to cancellation, as a hung node does not.</summary>
    public Task Hang { get; set; } = Task.CompletedTask;

    /// <summary>Transitions asked about, in all.</summary>
    public int Asked => Volatile.Read(ref asked);

    public async Task<IReadOnlyList<Confirmation>> ConfirmAsync(ChainId chain, IReadOnlyList<AlertTransition> transitions, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref asked, transitions.Count);
        await Hang;
        return [.. transitions.Select(Say)];
    }
}
