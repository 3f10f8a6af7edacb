using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.State;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Engine.Loops.Chain;

public sealed partial class ChainLoop
{
    private Filings filings;
    private List<MarginAccountId> nearest = [];
    private List<MarginAccountId> unjudged = [];

    /// <summary>Reads and judges the newest block. What could not be read is not judged, until it has grown too old: then it is Unknown.</summary>
    private async Task JudgeHeadAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (journal.Top is not { } block || (judgedAt is { } last && now - last < options.JudgeEvery))
        {
            return;
        }

        var head = block.Header;
        if (IsBehindTheLastProcess(head, now))
        {
            return;
        }

        clock.Spent(BlockStage.Follow);
        var pending = await store.PendingConfirmationsAsync(options.Chain, cancellationToken);
        var reading = await reader.ReadAsync(
            block, reconciler.Pick(pending.Select(p => p.Account), unjudged, nearest), options.FreshEvery is null ? options.EnterPerBlock : int.MaxValue, [.. completeness.Calls(), .. feeds.Calls], cancellationToken);
        Closed(block);
        var agreements = Compare(block, reading);
        reader.WriteConfirms(block, reading);
        Closed(block);
        await MendAsync(block, reading, agreements, cancellationToken);
        completeness.Note(head, reading);
        await LookBesideAsync(head, reading, cancellationToken);
        var unread = Mark(head, reading);
        try
        {
            await ring.SettleAsync(Hanging, parts.Client, cancellationToken);
        }
        catch (RpcException e)
        {
            // Without knowing which alerts a fork undid nothing can be judged.
            Blind(e.Message);
            return;
        }

        clock.Spent(BlockStage.Read);
        var started = time.GetTimestamp();
        var inputs = await headInputs.OfAsync(head, reading, feeds.Of(head, reading.Answers, mempool), carried, forked, cancellationToken);
        var markets = await watch.LookAsync(head, reading, p => headInputs.IsOld(protocols[p].Id, head), ring.Contains, inputs, cancellationToken);
        if (inputs.Count > 0 || markets.Count > 0 || unread.Count == 0)
        {
            watch.Mark(head, markets, inputs);
            await CommitAsync(head, inputs, markets, pending, agreements, reading, unread, now, started, cancellationToken);
        }

        if (unread.Count == 0)
        {
            judgedAt = now;
            carried.Clear();
            forked = false;
            Seeing();

            // Who could not enter for want of an answer is asked again at this very block.
            headPending = reading.IsAnyoneOutside;
        }
        else
        {
            if (!unreadCounted)
            {
                unreadCounted = true;
                Tally = Tally with { Unreadable = Tally.Unreadable + 1 };
            }

            if (unread.Count == protocols.Count)
            {
                Blind(unread[0].Reason);
            }
        }
    }

    /// <summary>
    /// The process before this one has seen a newer block: the endpoint is stale, and judging by it would tell old news. Only when no better one comes
    /// for a while is it believed.
    /// </summary>
    private bool IsBehindTheLastProcess(BlockHeader head, DateTimeOffset now)
    {
        if (lastHead is not { } last || head.Number >= last.Number || (now - startedAt).TotalSeconds > options.MaxReadAgeSeconds)
        {
            lastHead = null;
            return false;
        }

        return true;
    }

    // Accounts touched by a read are judged like those touched by a log, and may have to enter anew like those.
    private void Closed(JournalBlock block)
    {
        journal.Seal();
        folder.Refresh();
        carried.UnionWith(block.Touched);
        foreach (var account in block.Touched)
        {
            census.Review(account);
        }
    }

    private Dictionary<MarginAccountId, Agreement> Compare(JournalBlock block, HeadReading reading)
    {
        var agreements = new Dictionary<MarginAccountId, Agreement>();
        reconciler.Begin();
        var equal = 0;
        var different = 0;
        foreach (var account in reading.Compared)
        {
            census.TryGet(account, out var member);
            if (reading.FailureOf(member.Protocol) is not null)
            {
                continue;
            }

            var protocol = protocols[member.Protocol];
            var state = protocol.Capture(account, block.Header);
            var agreement = protocol.Compare(state, reading.Answers);
            agreements[account] = agreement;
            var liquidatable = protocol.Evaluate(state, new Instant(block.Header.Timestamp), Shock.None).IsBelowEdge;
            reconciler.Note(account, agreement, liquidatable, block.Header.Number);
            equal += agreement.Kind == AgreementKind.Equal ? 1 : 0;
            if (agreement.Kind == AgreementKind.Different)
            {
                different++;
                LogDrift(account, block.Header.Number, agreement.Text);
            }
        }

        metrics.Reconciled(network, equal, different);
        return agreements;
    }

    /// <summary>An account that differs from the chain is read afresh, before it is judged.</summary>
    private async Task MendAsync(JournalBlock block, HeadReading reading, Dictionary<MarginAccountId, Agreement> agreements, CancellationToken cancellationToken)
    {
        var again = new List<MarginAccountId>();
        foreach (var account in reading.Compared)
        {
            if (agreements.TryGetValue(account, out var agreement) && agreement.Kind == AgreementKind.Different && reconciler.ReadAgain(account, block.Header.Number))
            {
                again.Add(account);
            }
        }

        if (again.Count > 0)
        {
            await reader.ReadAgainAsync(block, again, reading, cancellationToken);
            Closed(block);
        }
    }

    private List<UnreadDeployment> Mark(BlockHeader head, HeadReading reading)
    {
        var unread = new List<UnreadDeployment>();
        for (var p = 0; p < protocols.Count; p++)
        {
            var id = protocols[p].Id;
            if (reading.FailureOf(p) is { } reason)
            {
                unread.Add(new UnreadDeployment(id, reason));
                beatChanged |= reads.TryAdd(id, head);
                if (!unreadCounted)
                {
                    metrics.Unread(network, id.ToString());
                    LogUnread(id, head.Number, reason);
                }
            }
            else
            {
                reads[id] = head;
            }
        }

        return unread;
    }

    private async Task CommitAsync(
        BlockHeader head,
        List<AccountInput> inputs,
        List<MarketChange> markets,
        IReadOnlyList<PendingConfirmation> pending,
        Dictionary<MarginAccountId, Agreement> agreements,
        HeadReading reading,
        List<UnreadDeployment> unread,
        DateTimeOffset now,
        long started,
        CancellationToken cancellationToken)
    {
        var pin = reading.Weak ? "weak" : "hash";

        var there = inputs.Select(static i => i.Account).ToHashSet();
        var liquidated = journal.Untold().FindAll(u => IsToBeTold(u.Liquidation.Account));
        var result = parts.Judge.Run(new JudgementInput
        {
            Chain = options.Chain,
            Head = head,
            Pin = pin,
            Accounts = inputs,
            Complete = headInputs.IsComplete,
            Withdrawn = mempool?.TakeWithdrawn() ?? [],
            Followed = census.Count,
            Liquidations = liquidated,
            Markets = markets,
            Happened = [.. book.Happened.Where(state => !MarginAccountId.TryParse(state.Subject.Key, out var account) || IsToBeTold(account!))],
            Alerts = book.States,
            IsCanonical = ring.Contains,
            Blind = await IsToldBlindAsync(inputs, cancellationToken),
            Now = (ulong)now.ToUnixTimeSeconds(),
        });
        clock.Spent(BlockStage.Judge);
        var answers = await AnswersAsync(head, pending, agreements, result, cancellationToken);
        List<AlertTransition> transitions = [.. result.Transitions, .. answers.Transitions];
        Remember(head, transitions);
        if (unread.Count == 0)
        {
            judged = head;
        }

        var reports = Reports(head, result, now);
        var commit = new JudgementCommit
        {
            At = time.GetUtcNow(),
            Alerts = [.. result.Changed, .. answers.States],
            Transitions = transitions.ConvertAll(t => new RoutedTransition(t, parts.Route(t))),
            Reports = reports,
            Memories = result.Memories,
            Markets = result.Markets,
            Confirmed = answers.Answered,
            Beat = Beat(),
        };
        var seqs = await store.CommitAsync(fence!, commit, cancellationToken);
        clock.Decided();
        beatStored = now;
        book.Take(commit.Alerts, commit.Memories);
        book.Forget(final.Checkpoint?.Number ?? 0);
        watch.Take(commit.Markets);
        journal.Told(liquidated);
        Note(head, result, reports);
        Tally = Tally with { Judged = Tally.Judged + 1 };
        Measure(head, transitions, unread.Count == 0);
        if (transitions.Count > 0)
        {
            parts.Told?.Invoke();
        }

        parts.Judged?.Invoke(new JudgedBlock(head, result.Accounts, transitions, seqs, unread, pin, time.GetElapsedTime(started)));

        // What happened is told together with how the account stands now; of an account that can't be read just now a little later, at the latest when it is unknown.
        bool IsToBeTold(MarginAccountId account) => !census.TryGet(account, out var member) || reading.IsWhole(member.Protocol) || there.Contains(account);
    }

    private void Remember(BlockHeader head, List<AlertTransition> transitions)
    {
        if (parts.Remember is null)
        {
            return;
        }

        foreach (var transition in transitions)
        {
            if (transition.Report is { Status: not MarginStatus.Unknown } report && census.TryGet(report.Account, out var member))
            {
                var protocol = protocols[member.Protocol];
                AccountState state = protocol.Capture(report.Account, head);
                parts.Remember(protocol, state);
            }
        }
    }

    /// <summary>
    /// Reports to store: those whose level or status changed, and of the others those that are due, no more than fit a block: after a start with other rules those
    /// of everybody are due at once, and no alert waits for them. They fall due by the chain's time: what stands on file follows from the blocks judged and not from
    /// when that was, so that it is the same after a crash.
    /// </summary>
    private List<ReportRow> Reports(BlockHeader head, JudgementResult result, DateTimeOffset now)
    {
        var rows = new List<ReportRow>();
        var every = (ulong)options.ReportEvery.TotalSeconds;
        var due = Math.Max(options.FullPassAccounts, options.FarPerBlock);
        foreach (var account in result.Accounts)
        {
            if (!census.TryGet(account.Account, out var member) || !filings.TryGet(member.Number, out var last) || last.Level != account.Level || last.Status != account.Worse.Status
                || (head.Timestamp >= last.BlockTime + every && due-- > 0))
            {
                rows.Add(new ReportRow(account.Worse, account.Level, account.Distance?.Sigmas, now) { Calm = account.Calm });
            }
        }

        return rows;
    }

    private void Note(BlockHeader head, JudgementResult result, List<ReportRow> reports)
    {
        foreach (var row in reports)
        {
            File(new FiledReport(row.Report.Account, row.Level, row.Report.Status, row.Sigmas, row.Report.Block.Timestamp) { Calm = row.Calm });
        }

        unjudged = [];
        foreach (var account in result.Accounts)
        {
            whom.Evaluated(account.Account, head.Timestamp, account.Calm);
            if (account.Worse.Status == MarginStatus.Unknown && !census.Waiting.Contains(account.Account))
            {
                unjudged.Add(account.Account);
            }
        }

        if (whom.Nearest(result.Accounts) is { Count: > 0 } known)
        {
            nearest = known;
        }
    }

    private void File(in FiledReport row)
    {
        if (census.TryGet(row.Account, out var member))
        {
            File(member, row);
        }
    }

    // How an account stood when it was last read still counts while it can't be read.
    private void File(in Member member, in FiledReport row) =>
        filings.File(member, row, row.Status == MarginStatus.Unknown ? book.MemoryOf(row.Account)?.KnownSigmas : row.Sigmas);
}
