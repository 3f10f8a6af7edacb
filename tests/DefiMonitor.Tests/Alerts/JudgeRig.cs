using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;

namespace DefiMonitor.Tests.Alerts;

/// <summary>Judges block after block and keeps what a store would keep.</summary>
internal sealed class JudgeRig(RuleBook? rules = null)
{
    private readonly Judge judge = new(rules ?? RuleBook.Default, Samples.Shipped);
    private readonly Dictionary<MarginAccountId, AccountMemory> memories = [];
    private readonly Dictionary<MarginAccountId, MarginReport> previous = [];

    public Dictionary<AlertKey, AlertState> Alerts { get; } = [];

    /// <summary>Of liquidations, by alert.</summary>
    public Dictionary<string, AlertState> Happened { get; } = [];

    public HashSet<BlockRef> Gone { get; } = [];

    /// <summary>Handed to the next judgement, as after a fold; empty again afterwards.</summary>
    public List<(BlockHeader Block, Liquidation Liquidation)> Liquidations { get; } = [];

    public string? OwnerName { get; set; } = "alice";

    /// <summary>What is said to come, for every account.</summary>
    public PriceOutlook? Outlook { get; set; }

    public AlertState? Alert(string rule = Rules.Distance) => Alerts.GetValueOrDefault(new AlertKey(Samples.Subject(), rule));

    public AlertState? ChainAlert(string rule) => Alerts.GetValueOrDefault(new AlertKey(new AlertSubject(SubjectKind.Chain, "eip155:1"), rule));

    public AccountMemory? Memory => memories.GetValueOrDefault(Samples.Account());

    /// <summary>Judges one account; the same report at both instants unless told otherwise.</summary>
    public IReadOnlyList<AlertTransition> See(MarginReport report, MarginReport? atNext = null, bool? liquidated = null, ulong? now = null, bool blind = false) =>
        Run(report.Block, now ?? report.Block.Timestamp, blind, (report, atNext ?? report, liquidated)).Transitions;

    public JudgementResult Run(BlockHeader head, ulong now, bool blind, params (MarginReport AtBlock, MarginReport AtNext, bool? Liquidated)[] accounts)
    {
        var result = judge.Run(new JudgementInput
        {
            Chain = Samples.Ethereum,
            Head = head,
            Accounts = [.. accounts.Select(a => new AccountInput
            {
                Account = a.AtBlock.Account,
                AtBlock = a.AtBlock,
                AtNext = a.AtNext,
                Previous = previous.GetValueOrDefault(a.AtBlock.Account),
                Memory = memories.GetValueOrDefault(a.AtBlock.Account),
                OwnerName = OwnerName,
                Liquidated = a.Liquidated,
                Outlook = Outlook,
            })],
            Liquidations = [.. Liquidations],
            Happened = [.. Happened.Values],
            Alerts = Alerts,
            IsCanonical = b => !Gone.Contains(b),
            Now = now,
            Blind = blind,
        });
        Liquidations.Clear();
        foreach (var state in result.Changed)
        {
            Alerts[state.Key] = state;
            if (state.Rule == Rules.Liquidated)
            {
                Happened[state.AlertId] = state;
            }
        }

        foreach (var memory in result.Memories)
        {
            memories[memory.Account] = memory;
        }

        foreach (var (atBlock, _, _) in accounts)
        {
            previous[atBlock.Account] = atBlock;
        }

        return result;
    }
}
