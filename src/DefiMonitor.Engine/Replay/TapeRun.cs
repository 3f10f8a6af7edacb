using System.Runtime.CompilerServices;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Tape;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Engine.Replay;

/// <summary>
/// Plays a tape through the loops of a live run, in lock step: the tape moves on by one step, then the chain's loop, the outbox and the watch do theirs.
/// The clock is the tape's.
/// </summary>
public sealed class TapeRun : IAsyncDisposable
{
    private readonly ChainTape tape;
    private readonly MonitorSettings settings;
    private readonly ChainSettings chain;
    private readonly IOutboxStore store;
    private readonly TapeTransport node;
    private readonly TapeClock clock;
    private readonly ChainFollower follower;
    private readonly MonitorMetrics metrics = new();
    private readonly HearingSink person = new();
    private readonly ChainLoop chainLoop;
    private readonly OutboxLoop outboxLoop;
    private readonly WatchLoop watchLoop;
    private readonly TapeTruth truth;
    private readonly NaiveMonitor naive;
    private readonly List<MarginAccountId> watched = [];
    private readonly Dictionary<MarginAccountId, string> names = [];
    private readonly SortedDictionary<MarginAccountId, JudgedAccount> standing = [];
    private readonly HashSet<MarginAccountId> held = [];
    private readonly HashSet<Hash32> judged = [];
    private readonly List<AlertTransition> committed = [];
    private readonly List<double> blockMs = [];
    private int denied;
    private int retracted;

    public TapeRun(ChainTape tape, MonitorSettings settings, IReadOnlyList<IProtocol> protocols, IOutboxStore store, ILogger logger)
    {
        this.tape = tape;
        this.settings = settings;
        this.store = store;
        chain = settings.ChainOf(tape.Header.Chain)
            ?? throw new TapeException($"The tape is of chain {tape.Header.Chain}, and the configuration that it carries does not describe that chain.");
        node = new TapeTransport(tape);
        clock = new TapeClock(node);
        var client = new EvmClient(node, new EvmClientOptions { Multicall = tape.Header.Multicall });
        follower = new ChainFollower(client, new ChainFollowerOptions { ChainName = chain.Name, FinalityDepth = chain.FinalityDepth }, clock);
        Watch(protocols);
        truth = new TapeTruth(tape, protocols, watched.ToHashSet());
        naive = new NaiveMonitor(watched);

        var judge = new Judge(settings.Rules, settings.Assets);
        var states = new JudgedStates();
        Func<AlertTransition, IReadOnlyList<string>> route = _ => [person.Name];
        chainLoop = new ChainLoop(
            new ChainLoopOptions
            {
                Chain = chain.Chain,
                ChainName = chain.Name,
                NextBlockSeconds = chain.NextBlockSeconds,
                MaxReadAgeBlocks = chain.MaxReadAgeBlocks,
                Feeds = [.. settings.Assets.Feeds.Where(f => f.Chain == chain.Chain)],
                Watch = [.. settings.Owners.SelectMany(o => o.AddressesOn(chain.Chain).Select(a => new WatchedOwner(a, o.Name)))],
            },
            new ChainLoopParts
            {
                Protocols = protocols,
                Client = client,
                Follower = follower,
                Store = store,
                Judge = judge,
                Route = route,
                Metrics = metrics,
                Time = clock,
                Logger = logger,
                Remember = states.Remember,
                Judged = OnJudged,
            });
        watchLoop = new WatchLoop(new WatchLoopParts
        {
            Chains = [() => chainLoop.Vitals], Store = store, Judge = judge, Route = route, Metrics = metrics, Time = clock,
        });
        var confirmer = new ChainConfirmer(new Dictionary<ChainId, ConfirmingChain> { [chain.Chain] = new(client, states) });
        outboxLoop = new OutboxLoop(store, [person], confirmer, AlertJson.Encode, new OutboxOptions { Seed = 1 }, clock, metrics);
    }

    /// <summary>Calls asked that the tape has no answer to; a tape that fits its adapters counts 0.</summary>
    public long NotOnTape => node.NotOnTape;

    public TapeTruth Truth => truth;

    public NaiveMonitor Naive => naive;

    /// <summary>Accounts as last judged, by what the tape's owners are called.</summary>
    public IReadOnlyDictionary<MarginAccountId, string> Names => names;

    /// <summary>Every judged block as it was committed, for stories told beside the summary.</summary>
    public Action<JudgedBlock>? Judged { get; init; }

    public async IAsyncEnumerable<ReplayFrame> PlayAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        node.Step();
        await chainLoop.StartAsync(cancellationToken);
        await watchLoop.StartAsync(cancellationToken);
        await outboxLoop.StartAsync(cancellationToken);
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = chainLoop.Head;
            var started = TimeProvider.System.GetTimestamp();
            await chainLoop.StepAsync(cancellationToken);
            if (chainLoop.Head != before)
            {
                blockMs.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
            }

            await watchLoop.StepAsync(cancellationToken);
            await outboxLoop.DrainAsync(cancellationToken);
            naive.Step(node.Now, account => node.IsDown || node.Head is not { } head ? null : truth.Health(account, head));
            yield return Frame();
        }
        while (node.Step());
    }

    /// <summary>Holds what was told against what happened. Call it when the tape is at its end.</summary>
    public async Task<ReplayResult> FinishAsync(CancellationToken cancellationToken)
    {
        var liquidations = truth.Liquidations.Select(Score).ToList();
        var leads = liquidations.Where(static l => l.LeadSeconds is not null).Select(static l => l.LeadSeconds!.Value).ToList();
        var days = truth.Blocks.Count == 0 ? 0 : (truth.Blocks[^1].Timestamp - truth.Blocks[0].Timestamp) / 86_400.0;
        var summary = new ReplaySummary
        {
            Accounts = held.Count,
            Blocks = truth.Blocks.Count,
            Liquidations = liquidations.Count,
            AlertedBefore = liquidations.Count(static l => l.Outcome == LiquidationOutcome.AlertedBefore),
            Missed = liquidations.Count(static l => l.Outcome == LiquidationOutcome.Missed),
            ZeroLead = liquidations.Count(static l => l.Outcome == LiquidationOutcome.ZeroLead),
            LeadSecondsP10 = ReplayScore.Percentile(leads, 0.1),
            LeadSecondsP50 = ReplayScore.Percentile(leads, 0.5),
            FalseAlerts = denied + await LeftOpenAsync(cancellationToken),
            Retracted = retracted,
            Messages = person.Heard,
            MessagesPerAccountDay = days > 0 && held.Count > 0 ? Math.Round(person.Heard / days / held.Count, 3) : 0,
            Reorgs = chainLoop.Tally.Reorgs,
            UnreadableBlocks = truth.UnreadableBlocks,
            NaiveMissed = liquidations.Count(l => !naive.WarnedBefore(l.Account, l.Block.Timestamp)),
            P99BlockMs = Math.Round(ReplayScore.Percentile(blockMs, 0.99) ?? 0, 2),
        };
        return new ReplayResult(summary, liquidations, committed);
    }

    public async ValueTask DisposeAsync()
    {
        await follower.DisposeAsync();
        metrics.Dispose();
    }

    private void Watch(IReadOnlyList<IProtocol> protocols)
    {
        foreach (var owner in settings.Owners.Where(o => o.IsOn(chain.Chain)))
        {
            foreach (var protocol in protocols)
            {
                foreach (var account in owner.AddressesOn(chain.Chain).Select(protocol.AccountOf))
                {
                    watched.Add(account);
                    names[account] = owner.Name;
                }
            }
        }
    }

    private void OnJudged(JudgedBlock block)
    {
        judged.Add(block.Head.Hash);
        committed.AddRange(block.Transitions);
        retracted += block.Transitions.Count(static t => t.Kind == TransitionKind.Retracted);
        denied += block.Transitions.Count(t => t is { Rule: Rules.Distance, Level: AlertLevel.Liquidatable, Kind: TransitionKind.Opened or TransitionKind.Escalated, Report: { } report }
            && truth.View(report.Account, t.Block)?.ChainSaysLiquidatable != true);
        foreach (var account in block.Accounts)
        {
            standing[account.Account] = account;
            if (account.Worse.Positions.Count > 0)
            {
                held.Add(account.Account);
            }
        }

        Judged?.Invoke(block);
    }

    private ScoredLiquidation Score((MarginAccountId Account, BlockHeader Block) liquidation)
    {
        var subject = new AlertSubject(SubjectKind.Account, liquidation.Account.ToString());
        var before = truth.Blocks.LastOrDefault(b => b.Number < liquidation.Block.Number);
        return ReplayScore.Score(
            liquidation.Account,
            liquidation.Block,
            committed.Where(t => t.Subject == subject && t.Rule is Rules.Distance or Rules.Liquidated),
            before is not null && judged.Contains(before.Hash));
    }

    /// <summary>Alerts that stand open although what they say is over.</summary>
    private async Task<int> LeftOpenAsync(CancellationToken cancellationToken)
    {
        var left = 0;
        var head = node.Head!;
        var page = await store.AlertsAsync(openOnly: true, cursor: null, limit: 500, cancellationToken);
        foreach (var row in page.Items)
        {
            left += row.State.Rule switch
            {
                Rules.Distance when MarginAccountId.TryParse(row.State.Subject.Key, out var account) => StillHolds(account!, row.State, head) ? 0 : 1,
                Rules.Unknown => standing.Values.Any(static a => a.Worse.Status == MarginStatus.Unknown) ? 0 : 1,
                Rules.NextPrice => 0,
                _ => 1,
            };
        }

        return left;
    }

    private bool StillHolds(MarginAccountId account, AlertState state, BlockHeader head)
    {
        if (state.Level == AlertLevel.Liquidatable)
        {
            return truth.View(account, head)?.ChainSaysLiquidatable == true;
        }

        var now = standing[account];
        return Levels.Hold(settings.Rules.LevelsOf(account, names.GetValueOrDefault(account)), now.Worse, now.Distance, settings.Rules.Hysteresis) >= state.Level;
    }

    private ReplayFrame Frame() => new()
    {
        Head = chainLoop.Head,
        Now = node.Now,
        Down = node.IsDown,
        Step = node.Position,
        Steps = tape.Steps.Count,
        Accounts = [.. standing.Values.Where(static a => a.Worse.Positions.Count > 0 || a.Worse.Status == MarginStatus.Unknown)
            .Select(a => new FrameAccount(names.GetValueOrDefault(a.Account, a.Account.Key), a.Account, a.Worse, a.Level, a.Distance?.Sigmas))],
        Told = [.. person.Take()],
        Reorgs = chainLoop.Tally.Reorgs,
        Liquidations = truth.Liquidations.Count(l => l.Block.Number <= (chainLoop.Head?.Number ?? 0)),
    };
}

/// <param name="Told">Every transition committed, in order.</param>
public sealed record ReplayResult(ReplaySummary Summary, IReadOnlyList<ScoredLiquidation> Liquidations, IReadOnlyList<AlertTransition> Told);
