using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Outbox;

/// <summary>
/// Gets the chain's own view of each transition once, whichever sink asks first, and stores it before anybody is told: all sinks say the same, and a
/// message that is sent again after a crash says it too. The wait is bounded; what is not known by then goes out unconfirmed.
/// </summary>
internal sealed class ConfirmationDesk(IConfirmer confirmer, IOutboxStore store, TimeProvider time, TimeSpan limit)
{
    // One judged block of a crash may raise thousands of alerts; lanes read them within seconds of each other.
    private const int Remembered = 20_000;

    private readonly Lock gate = new();
    private readonly Dictionary<long, Task<Confirmation>> known = [];
    private readonly Queue<long> order = new();

    /// <summary>Whether the chain can be asked about it at all.</summary>
    public static bool HasView(AlertTransition transition) =>
        transition.Subject.Kind == SubjectKind.Account
        && transition.Kind is TransitionKind.Opened or TransitionKind.Escalated or TransitionKind.Eased or TransitionKind.Resolved
        && transition.Report is { Status: not MarginStatus.Unknown };

    /// <summary>The view of every row that has one.</summary>
    public async Task<IReadOnlyDictionary<long, Confirmation>> AskAsync(Fence fence, IReadOnlyList<OutboxRow> rows, CancellationToken cancellationToken)
    {
        var waiting = new Dictionary<long, Task<Confirmation>>();
        var mine = new List<(StoredTransition Stored, TaskCompletionSource<Confirmation> Answer)>();
        lock (gate)
        {
            foreach (var row in rows)
            {
                var seq = row.Stored.Seq;
                if (!HasView(row.Stored.Transition) || waiting.ContainsKey(seq))
                {
                    continue;
                }

                if (!known.TryGetValue(seq, out var answer))
                {
                    if (row.Confirmation is { } saved)
                    {
                        answer = Task.FromResult(StoreJson.Read<Confirmation>(saved));
                    }
                    else
                    {
                        var source = new TaskCompletionSource<Confirmation>(TaskCreationOptions.RunContinuationsAsynchronously);
                        mine.Add((row.Stored, source));
                        answer = source.Task;
                    }

                    Keep(seq, answer);
                }

                waiting.Add(seq, answer);
            }
        }

        if (mine.Count > 0)
        {
            await FindAsync(fence, mine, cancellationToken);
        }

        var answers = new Dictionary<long, Confirmation>(waiting.Count);
        foreach (var (seq, answer) in waiting)
        {
            answers[seq] = await answer.WaitAsync(cancellationToken);
        }

        return answers;
    }

    private async Task FindAsync(Fence fence, List<(StoredTransition Stored, TaskCompletionSource<Confirmation> Answer)> mine, CancellationToken cancellationToken)
    {
        try
        {
            var answers = new Confirmation[mine.Count];
            await Task.WhenAll(Enumerable.Range(0, mine.Count)
                .GroupBy(i => mine[i].Stored.Transition.Chain)
                .Select(group => AskChainAsync(group.Key, [.. group], mine, answers, cancellationToken)));
            await SaveAsync(fence, mine, answers, cancellationToken);
            for (var i = 0; i < answers.Length; i++)
            {
                mine[i].Answer.SetResult(answers[i]);
            }
        }
        catch (Exception e)
        {
            lock (gate)
            {
                foreach (var (stored, answer) in mine)
                {
                    known.Remove(stored.Seq);
                    answer.TrySetException(e);
                }
            }

            throw;
        }
    }

    private async Task AskChainAsync(
        ChainId chain,
        IReadOnlyList<int> which,
        List<(StoredTransition Stored, TaskCompletionSource<Confirmation> Answer)> mine,
        Confirmation[] answers,
        CancellationToken cancellationToken)
    {
        if (limit <= TimeSpan.Zero)
        {
            Fill("the chain's own view is not waited for (confirmSeconds is 0).");
            return;
        }

        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            var asking = confirmer.ConfirmAsync(chain, [.. which.Select(i => mine[i].Stored.Transition)], either.Token);

            // Even a confirmer that does not listen to its token does not hold the message.
            var said = await asking.WaitAsync(either.Token);
            for (var i = 0; i < which.Count; i++)
            {
                answers[which[i]] = said[i];
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Fill($"the node did not answer within {limit.TotalSeconds:0.#} s.");
        }

        void Fill(string reason)
        {
            foreach (var i in which)
            {
                answers[i] = Confirmation.Unconfirmed(reason);
            }
        }
    }

    private async Task SaveAsync(
        Fence fence, List<(StoredTransition Stored, TaskCompletionSource<Confirmation> Answer)> mine, Confirmation[] answers, CancellationToken cancellationToken)
    {
        // Asked before saved: after a crash in between the question is put twice at worst, never not at all.
        for (var i = 0; i < answers.Length; i++)
        {
            var (seq, transition) = (mine[i].Stored.Seq, mine[i].Stored.Transition);
            if (answers[i].State == ConfirmationState.Unconfirmed && transition.Level >= AlertLevel.Critical && transition.Report is { } report)
            {
                await store.AskConfirmationAsync(fence, new PendingConfirmation(seq, transition.AlertId, report.Account, time.GetUtcNow()), cancellationToken);
            }
        }

        await store.SaveConfirmationsAsync(fence, [.. answers.Select((a, i) => new SavedConfirmation(mine[i].Stored.Seq, a))], cancellationToken);
    }

    private void Keep(long seq, Task<Confirmation> answer)
    {
        known[seq] = answer;
        order.Enqueue(seq);
        if (order.Count > Remembered)
        {
            known.Remove(order.Dequeue());
        }
    }
}
