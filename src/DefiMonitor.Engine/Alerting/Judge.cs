using System.Buffers.Binary;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Alerting;

/// <summary>
/// Turns the reports of one block into alerts, and what a timer sees into alerts about chains and the monitor. Pure: the same input always gives the same
/// result, in the same order. Rules go by the worse of the two instants.
/// </summary>
public sealed partial class Judge(RuleBook rules, IAssetProfiles profiles)
{
    // An account in calm is measured against how it was some hours ago, not against the block before.
    private const ulong BaselineSeconds = 6 * 3_600;

    /// <summary>Another number for other rules or other volatilities: what was concluded from the ones says nothing by the others.</summary>
    public long Mark { get; } = MarkOf(rules, profiles);

    /// <summary>Judges one block of one chain: the rules "distance" and "unknown".</summary>
    public JudgementResult Run(JudgementInput input)
    {
        var desk = new Desk(input.Alerts, input.IsCanonical);
        var accounts = InOrder(input.Accounts);
        var judged = new List<JudgedAccount>(accounts.Length);
        var memories = new List<AccountMemory>();
        var blind = input.Blind || desk.Stored(new AlertSubject(SubjectKind.Chain, input.Chain.ToString()), Rules.Blind) is { IsOpen: true };
        var unread = new List<Unread>();
        foreach (var account in accounts)
        {
            var worse = Worse(account.AtBlock, account.AtNext);
            var distance = SigmaDistance.Of(worse, profiles);
            var subject = new AlertSubject(SubjectKind.Account, account.Account.ToString());
            var (level, told) = JudgeDistance(desk, input, account, worse, distance, subject);
            var memory = Remember(account, worse, level, told, input.Head);
            JudgeUnknown(desk, input, account, worse, subject, memory, level, blind, unread);
            JudgeNextPrice(desk, input, account, worse, subject);
            judged.Add(new JudgedAccount(account.Account, worse, level, distance)
            {
                Calm = CalmBand.Of(worse, distance, rules.LevelsOf(account.Account, account.OwnerName), rules.Hysteresis, Mark),
            });
            if (!ReferenceEquals(memory, account.Memory))
            {
                memories.Add(memory);
            }
        }

        JudgeLiquidations(desk, input);
        var markets = JudgeParameters(desk, input);
        if (input.Complete)
        {
            JudgeUnread(desk, input, blind, unread);
        }

        return desk.Result(memories, judged) with { Markets = markets };
    }

    /// <summary>
    /// The chain's own view of an alert that went out unconfirmed. Null = it says nothing, or nothing new.
    /// </summary>
    /// <param name="state">The alert as it stands.</param>
    /// <param name="told">The transition that went out.</param>
    /// <param name="agreement">Our state against the chain's answers, both at <paramref name="block"/>.</param>
    public static (AlertState State, AlertTransition Transition)? Answer(AlertState state, AlertTransition told, Agreement agreement, BlockHeader block)
    {
        if (agreement.Kind == AgreementKind.Unreadable)
        {
            return null;
        }

        var step = AlertMachine.Hear(state, agreement.Kind == AgreementKind.Equal);
        if (step.Told is not { } kind)
        {
            return null;
        }

        var answer = told with
        {
            Number = step.State!.TransitionNumber,
            Kind = kind,
            Level = state.Level,
            PreviousLevel = step.PreviousLevel,
            Block = block,
            Cause = agreement.Kind == AgreementKind.Equal ? told.Cause : new Cause(CauseKind.Reading, "our figures and the chain's differ: " + HostileText.OneLine(agreement.Text, Say.MaxSentence)),
        };
        return (step.State, answer with { Title = AccountWords.Title(answer), Lines = AccountWords.Lines(answer) });
    }

    /// <summary>
    /// The worse of two reports of one account. Below the edge goes before everything: what could not be read never hides it. Unknown goes before healthy;
    /// then the lower health factor.
    /// </summary>
    public static MarginReport Worse(MarginReport atBlock, MarginReport atNext)
    {
        var rank = Rank(atBlock).CompareTo(Rank(atNext));
        if (rank != 0)
        {
            return rank > 0 ? atBlock : atNext;
        }

        return (atBlock.HealthFactor ?? UInt256.MaxValue) <= (atNext.HealthFactor ?? UInt256.MaxValue) ? atBlock : atNext;
    }

    // By the text of their ids, each written out once.
    private static AccountInput[] InOrder(IReadOnlyList<AccountInput> accounts)
    {
        var sorted = new AccountInput[accounts.Count];
        var keys = new string[accounts.Count];
        for (var i = 0; i < sorted.Length; i++)
        {
            sorted[i] = accounts[i];
            keys[i] = accounts[i].Account.ToString();
        }

        Array.Sort(keys, sorted, StringComparer.Ordinal);
        return sorted;
    }

    private static long MarkOf(RuleBook rules, IAssetProfiles profiles)
    {
        var owners = rules.Owners.OrderBy(static o => o.Key, StringComparer.Ordinal).Select(static o => $"{o.Key} {StoreJson.Write(o.Value.Levels)}");
        Span<byte> hash = stackalloc byte[32];
        Keccak256.HashUtf8(string.Join('\n', [StoreJson.Write(rules.Hysteresis), StoreJson.Write(rules.Levels), .. owners, profiles.Text])).CopyTo(hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }

    private static int Rank(MarginReport report) => report.Status switch
    {
        MarginStatus.Healthy => 0,
        MarginStatus.Unknown => 1,
        MarginStatus.Liquidatable => 2,
        _ => 3,
    };

    private (AlertLevel Level, bool Told) JudgeDistance(
        Desk desk, JudgementInput input, AccountInput account, MarginReport worse, DistanceEstimate? distance, AlertSubject subject)
    {
        var known = worse.Status != MarginStatus.Unknown;
        var levels = rules.LevelsOf(account.Account, account.OwnerName);
        var before = desk.Stored(subject, Rules.Distance);

        // "Liquidatable" is said of what the contract says now. What only the next block's interest makes so is one level less, and the message says which.
        var atNextBlock = !account.AtBlock.IsBelowEdge && account.AtBlock.Status != MarginStatus.Unknown && account.AtNext.IsBelowEdge;
        var most = atNextBlock ? AlertLevel.Critical : AlertLevel.Liquidatable;
        var step = desk.Step(new Observation
        {
            Subject = subject,
            Rule = Rules.Distance,
            Block = input.Head,
            Open = known ? Lower(Levels.Open(levels, worse, distance), most) : null,
            Hold = known ? Lower(Levels.Hold(levels, worse, distance, rules.Hysteresis), most) : null,
            Health = worse.HealthFactor?.ToString(),
        });
        if (step.Told is { } kind)
        {
            var undone = before is { IsOpen: true } && kind is TransitionKind.Retracted or TransitionKind.Eased && !input.IsCanonical(before.RaisedAt);
            var baseline = account.Memory?.Baseline ?? account.Previous;
            var why = Why.Of(baseline, worse, account.Liquidated, account.Parameters);
            var transition = Transition(input, account, worse, step, kind, subject, Rules.Distance) with
            {
                Distance = distance,
                Outlook = account.Outlook,
                PreviousHealth = baseline?.HealthFactor?.ToString(),
                Cause = undone ? new Cause(CauseKind.Reorg, $"block {before!.RaisedAt} is no longer on the chain; {why.Text}") : why,
                AtNextBlock = atNextBlock,
            };
            desk.Tell(transition with { Title = AccountWords.Title(transition), Lines = AccountWords.Lines(transition) });
        }

        return (step.State?.Level ?? AlertLevel.None, step.Told is not null);
    }

    private static AlertLevel Lower(AlertLevel one, AlertLevel other) => one < other ? one : other;

    private AlertTransition Transition(
        JudgementInput input, AccountInput account, MarginReport report, AlertStep step, TransitionKind kind, AlertSubject subject, string rule) =>
        new()
        {
            AlertId = step.State!.AlertId,
            Number = step.State.TransitionNumber,
            Subject = subject,
            Rule = rule,
            Kind = kind,
            Level = step.State.Level,
            PreviousLevel = step.PreviousLevel,
            Chain = input.Chain,
            Block = input.Head,
            Title = "",
            Lines = [],
            Report = report,
            Pin = input.Pin,
            OwnerName = account.OwnerName,
            Quiet = IsSmall(account, report) || IsQuiet(step.State.Level, input.Now),
        };

    // A short option owes nothing yet and has to keep much: the larger of both is what may be lost. What is unknown is never called small, and an account that has just paid its debt off is not small either: its owner waits for that message.
    private bool IsSmall(AccountInput account, MarginReport report) =>
        report is { Status: not MarginStatus.Unknown, HealthFactor: not null, IsDebtPartial: false } && IsInDollars(report)
        && UInt256.Max(report.DebtValue, report.MaintenanceRequirement) < UInt256.Pow10(report.UnitDecimals) * rules.MinimumDebtOf(account.Account, account.OwnerName);

    // The least debt is meant in dollars. A market that counts in its own loan token has none, unless that token is a dollar: ten WETH are not small.
    private bool IsInDollars(MarginReport report) =>
        report.Unit is "USD" or "base"
        || report.Positions.Any(leg => leg.Side == PositionSide.Debt && profiles.Of(report.Account.Deployment.Chain, leg.Asset, leg.Symbol) is { Factor: "USD", Assumed: false });

    // Only what is not critical; mutes, and each sink's own quiet hours, are the outbox's.
    private bool IsQuiet(AlertLevel level, ulong now) => level < AlertLevel.Critical && rules.QuietHours?.Cover(now) == true;

    private AccountMemory Remember(AccountInput account, MarginReport worse, AlertLevel level, bool told, BlockHeader head)
    {
        var memory = account.Memory ?? new AccountMemory { Account = account.Account };
        if (worse.Status == MarginStatus.Unknown)
        {
            if (memory.UnknownSince is not null)
            {
                return memory;
            }

            var known = account.Previous is { Status: not MarginStatus.Unknown } last ? last : memory.Baseline;
            return memory with
            {
                UnknownSince = head,
                KnownSigmas = known is null ? null : SigmaDistance.Of(known, profiles)?.Sigmas,
                MayHaveDebt = known is null || known.HealthFactor is not null,
            };
        }

        var baseline = memory.Baseline;
        var old = baseline is null || (level == AlertLevel.None && head.Timestamp >= baseline.Block.Timestamp + BaselineSeconds);
        if (told || old)
        {
            baseline = Slim(worse);
        }

        return ReferenceEquals(baseline, memory.Baseline) && memory.UnknownSince is null && ReferenceEquals(memory, account.Memory)
            ? memory
            : memory with { Baseline = baseline, UnknownSince = null, KnownSigmas = null, MayHaveDebt = worse.HealthFactor is not null };
    }

    // Only what a change is measured from: the rest would be stored for nothing.
    private static MarginReport Slim(MarginReport report) => report with { Triggers = [], Remedies = [], Actions = [], Liquidations = [], NativeWords = [], Blocked = [] };
}
