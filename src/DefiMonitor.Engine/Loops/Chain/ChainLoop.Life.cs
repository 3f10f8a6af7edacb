using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Engine.Loops.Chain;

public sealed partial class ChainLoop
{
    private volatile ChainVitals? vitals;
    private string? stopped;
    private DateTimeOffset? beatStored;
    private bool beatChanged;

    /// <summary>How the chain stands, as of the last step; safe to be read by other loops.</summary>
    public ChainVitals Vitals => vitals ?? new ChainVitals { Chain = options.Chain, BlockSeconds = options.NextBlockSeconds };

    private async Task LoadAsync(IProtocol protocol, CancellationToken cancellationToken)
    {
        Core.State.IStateTable? table = null;
        try
        {
            await store.LoadRowsAsync(
                protocol.Id,
                (name, key, row) =>
                {
                    table = table?.Name == name ? table
                        : protocol.Tables.FirstOrDefault(t => t.Name == name) ?? throw new InvalidDataException($"Table {name} is not one of {protocol.Id}.");
                    table.Load(key, row);
                },
                cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new StoreException($"{e.Message} Run 'repair --chain {options.ChainName}', which drops the state of that chain and takes it afresh.", e);
        }
    }

    /// <summary>Who is followed, what was told of them and what the reports on disk say. Who has entered is asked when the rows are there.</summary>
    private async Task LoadPeopleAsync(BlockHeader? checkpoint, CancellationToken cancellationToken)
    {
        book.Load(
            await store.LatestAlertsAsync(Name, cancellationToken),
            checkpoint is null ? [] : await store.AlertsAboveAsync(options.Chain, Rules.Liquidated, checkpoint.Number, cancellationToken),
            await store.MemoriesAsync(options.Chain, options.MemoriesAtHand, cancellationToken));
        watch.Take(await store.MarketsAsync(options.Chain, cancellationToken));
        await LoadCensusAsync(cancellationToken);
        var walk = census.InOrder();
        await store.LoadFiledAsync(
            options.Chain,
            row =>
            {
                if (walk.TryFind(row.Account, out var member))
                {
                    File(member, row);
                    whom.Filed(member.Number, row, parts.Judge.Mark);
                }
            },
            cancellationToken);
    }

    private async Task LoadCensusAsync(CancellationToken cancellationToken)
    {
        var names = new SortedDictionary<MarginAccountId, string?>();
        foreach (var owner in options.Watch)
        {
            foreach (var protocol in protocols)
            {
                names[protocol.AccountOf(owner.Address)] = owner.Name;
            }
        }

        // Both lists are in the order of the accounts, so that the census is filled from front to end.
        var watched = new Queue<KeyValuePair<MarginAccountId, string?>>(names);
        var missing = new List<Candidate>();
        await store.LoadCandidatesAsync(
            options.Chain,
            candidate =>
            {
                while (watched.TryPeek(out var next) && next.Key.CompareTo(candidate.Account) < 0)
                {
                    Missing(watched.Dequeue());
                }

                if (watched.TryPeek(out var same) && same.Key.Equals(candidate.Account))
                {
                    watched.Dequeue();
                    census.Load(same.Key, same.Value, null);
                }
                else if (IsFollowed(candidate))
                {
                    census.Load(candidate.Account, null, candidate.FoundBlock);
                }
            },
            cancellationToken);
        while (watched.TryDequeue(out var next))
        {
            Missing(next);
        }

        if (missing.Count > 0)
        {
            await store.AddCandidatesAsync(fence!, missing, cancellationToken);
        }

        void Missing(KeyValuePair<MarginAccountId, string?> owner)
        {
            missing.Add(new Candidate(owner.Key, CandidateSource.Watch, time.GetUtcNow()));
            census.Load(owner.Key, owner.Value, null);
        }
    }

    private bool IsFollowed(Candidate candidate)
    {
        var isWanted = candidate.Source switch
        {
            // Who borrowed while he was on the watch list was not found a second time.
            CandidateSource.Watch or CandidateSource.Discovery => options.Discover.Contains(candidate.Account.Deployment),
            _ => true,
        };

        // Whoever was taken off the list is still followed until what was told about him is over.
        return isWanted || book.HasOpen(new AlertSubject(SubjectKind.Account, candidate.Account.ToString()));
    }

    /// <summary>Stores who is new at once, so that no crash forgets him; he enters at the next head.</summary>
    private async Task WelcomeAsync(IEnumerable<MarginAccountId> found, string source, ulong? block, CancellationToken cancellationToken)
    {
        var fresh = new List<Candidate>();
        foreach (var account in found)
        {
            if (!census.TryGet(account, out _))
            {
                fresh.Add(new Candidate(account, source, time.GetUtcNow(), FoundBlock: block));
            }
        }

        if (fresh.Count == 0)
        {
            return;
        }

        await store.AddCandidatesAsync(fence!, fresh, cancellationToken);
        foreach (var candidate in fresh)
        {
            census.Add(candidate.Account, null, block);
        }
    }

    private TimeSpan Pause(TimeSpan calm)
    {
        var near = filings.IsAnyoneNear;
        return parts.Pause?.Invoke(near) ?? (near ? options.FreshEveryNear ?? calm : calm);
    }

    private TimeSpan UntilLook(TimeSpan calm)
    {
        var left = lookedAt is { } last ? Pause(calm) - time.GetElapsedTime(last) : TimeSpan.Zero;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    // Between two looks the head grows old by intent. Half a pause stands for a block, so that with the usual factor two looks and a half are late.
    private ulong BlockSeconds() => options.FreshEvery is { } calm
        ? Math.Max(options.NextBlockSeconds, (ulong)Math.Ceiling(Pause(calm).TotalSeconds / 2))
        : options.NextBlockSeconds;

    /// <summary>Watch-list mode: forgets the last look and reads everything at the head.</summary>
    private async Task LookAfreshAsync(CancellationToken cancellationToken)
    {
        lookedAt = time.GetTimestamp();
        BlockHeader head;
        try
        {
            head = await parts.Client.GetHeadAsync(cancellationToken);
        }
        catch (RpcException e)
        {
            Blind(e.Message);
            return;
        }

        if (freshHead?.Hash != head.Hash)
        {
            clock.Begin(new HeadAnnouncement(head.Hash, time.GetTimestamp(), parts.Client.Waited));
            headGap = freshHead is { } last && head.Number > last.Number ? (head.Timestamp - last.Timestamp) / (head.Number - last.Number) : null;
            freshHead = head;
            journal.Clear();
            folder.Clear();
            journal.Open(head);
            folder.Refresh();
            ring.Restart(head);
            census.ReviewAll();
            carried.Clear();
            headPending = true;
            unreadCounted = false;
            Tally = Tally with { Folded = Tally.Folded + 1 };
        }

        if (headPending)
        {
            await JudgeHeadAsync(cancellationToken);
        }
    }

    /// <summary>What the chain itself says of alerts that went out unconfirmed.</summary>
    private async Task<Answers> AnswersAsync(
        BlockHeader head,
        IReadOnlyList<PendingConfirmation> pending,
        Dictionary<MarginAccountId, Agreement> agreements,
        JudgementResult result,
        CancellationToken cancellationToken)
    {
        var answers = new Answers([], [], []);
        if (pending.Count == 0)
        {
            return answers;
        }

        var states = new Dictionary<string, AlertState>();
        foreach (var state in book.States.Values)
        {
            states[state.AlertId] = state;
        }

        foreach (var state in result.Changed)
        {
            states[state.AlertId] = state;
        }

        foreach (var asked in pending)
        {
            if (!states.TryGetValue(asked.AlertId, out var state) || !state.IsOpen)
            {
                answers.Answered.Add(asked.Seq);
                continue;
            }

            if (!agreements.TryGetValue(asked.Account, out var agreement) || agreement.Kind == AgreementKind.Unreadable
                || (await store.TransitionsAfterAsync(asked.Seq - 1, 1, cancellationToken)) is not [var told])
            {
                continue;
            }

            answers.Answered.Add(asked.Seq);
            if (Judge.Answer(state, told.Transition, agreement, head) is var (after, transition))
            {
                states[after.AlertId] = after;
                answers.States.Add(after);
                answers.Transitions.Add(transition);
            }
        }

        return answers;
    }

    /// <summary>Whether people were told that the whole chain can't be read: then no account is called unknown for itself.</summary>
    private async Task<bool> IsToldBlindAsync(List<AccountInput> inputs, CancellationToken cancellationToken)
    {
        heldBack = inputs.Exists(static i => i.AtBlock.Status == MarginStatus.Unknown) && await IsToldBlindAsync(cancellationToken);
        return heldBack;
    }

    private async Task<bool> IsToldBlindAsync(CancellationToken cancellationToken)
    {
        foreach (var alert in await store.LatestAlertsAsync(LoopNames.Watch, cancellationToken))
        {
            if (alert is { IsOpen: true, Rule: Rules.Blind } && alert.Subject.Key == network)
            {
                return true;
            }
        }

        return false;
    }

    private void Blind(string why)
    {
        if (blindSince is null)
        {
            blindSince = (ulong)time.GetUtcNow().ToUnixTimeSeconds();
            beatChanged = true;
            LogBlind(network, why);
        }

        blindReason = why;
    }

    private void Seeing()
    {
        if (blindSince is not null)
        {
            blindSince = null;
            blindReason = null;
            beatChanged = true;
            LogSeeing(network);
        }
    }

    // After a restart the disk is behind what was seen already: that would look late.
    private BlockHeader? KnownHead => lastHead is { } last && (Head is not { } head || last.Number > head.Number) ? last : Head;

    private Heartbeat Beat() => new(time.GetUtcNow(), KnownHead, judged, stopped ?? blindReason)
    {
        BlindSince = blindSince,
        Reads = [.. reads.OrderBy(r => r.Key).Select(r => new ReadMark(r.Key, r.Value))],
    };

    private async Task BeatIfDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (beatChanged || beatStored is not { } last || now - last >= BeatEvery)
        {
            await store.BeatAsync(fence!, Beat(), cancellationToken);
            beatStored = now;
            beatChanged = false;
        }
    }

    private void Publish()
    {
        var now = time.GetUtcNow();
        vitals = new ChainVitals
        {
            Chain = options.Chain,
            Head = KnownHead,
            BlockSeconds = BlockSeconds(),
            HeadGapSeconds = headGap,
            BlindSince = blindSince,
            BlindReason = blindReason,
            JudgedAt = judgedAt is { } at ? (ulong)at.ToUnixTimeSeconds() : null,
            LoopBeatAt = beatAt is { } beat ? (ulong)beat.ToUnixTimeSeconds() : null,
            LoopStopped = stopped,
            Accounts = census.Count,
            Standing = filings,
            Drift = reconciler.Vitals(),
            Completeness = completeness.Vitals(),
        };
        var gauges = metrics.Chain(network);
        gauges.HeadAgeSeconds = KnownHead is { } head ? now.ToUnixTimeSeconds() - (double)head.Timestamp : 0;
        gauges.BlocksBehind = parts.Follower.NodeHead is { } theirs && Head is { } ours && theirs.Number > ours.Number ? theirs.Number - ours.Number : 0;
        gauges.CheckpointLag = final.Checkpoint is { } written && Head is { } top ? top.Number - written.Number : 0;
        gauges.WaitingAccounts = census.Waiting.Count;
        gauges.Accounts = census.Count;
    }

    private void Measure(BlockHeader head, List<AlertTransition> transitions, bool whole)
    {
        var gauges = metrics.Chain(network);
        var oldest = head.Number;
        foreach (var mark in reads.Values)
        {
            oldest = Math.Min(oldest, mark.Number);
        }

        gauges.OldestReadBlocks = head.Number - oldest;
        gauges.UnknownAccounts = filings.UnknownCount;
        gauges.DriftedAccounts = reconciler.DifferingCount;
        gauges.IncompleteMarkets = completeness.BrokenCount;
        gauges.UncheckedMarkets = completeness.UncheckedCount(Head?.Timestamp ?? 0);
        gauges.CoverageRatio = reconciler.Coverage(head.Number);
        foreach (var transition in transitions)
        {
            metrics.Transition(transition);
        }

        foreach (var level in Enum.GetValues<AlertLevel>())
        {
            if (level != AlertLevel.None)
            {
                metrics.OpenAlerts(Name, level, book.OpenAt(level));
            }
        }

        if (whole)
        {
            var age = time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds((long)head.Timestamp);
            metrics.Judged(network, age > TimeSpan.Zero ? age.TotalSeconds : null);
        }
    }

    private sealed record Answers(List<AlertState> States, List<AlertTransition> Transitions, List<long> Answered);
}
