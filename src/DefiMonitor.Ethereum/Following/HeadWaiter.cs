using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum.Following;

/// <summary>When to look at the head again: at a hint of the subscription, at the polling interval where there is none or it went mute.</summary>
internal sealed class HeadWaiter(IRpcTransport transport, ChainFollowerOptions options, TimeProvider time) : IAsyncDisposable
{
    // More announcements than this between two looks are older than any block that is looked at next.
    private const int HeardKept = 16;

    private readonly CancellationTokenSource lifetime = new();
    private readonly Queue<HeadHint> heard = new();
    private long polledAt = time.GetTimestamp();
    private long? hintedAt;
    private bool subscribed;
    private IAsyncEnumerator<HeadHint>? hints;
    private Task<bool>? pending;

    /// <summary>The newest announcement taken in while nobody waited for one.</summary>
    private HeadHint? untold;

    public void Polled() => polledAt = time.GetTimestamp();

    /// <summary>When the announcement of that block came in, however long it lay there until somebody looked; null = it was not announced.</summary>
    public async Task<long?> ArrivalOfAsync(Hash32 hash)
    {
        while (hints is not null)
        {
            pending ??= hints.MoveNextAsync().AsTask();
            if (!pending.IsCompletedSuccessfully || !await pending)
            {
                break;
            }

            untold = Hear();
        }

        foreach (var hint in heard)
        {
            if (hint.Hash == hash)
            {
                return hint.ArrivedAt;
            }
        }

        return null;
    }

    /// <summary>Completes at a hint of a head other than ours. Not for two callers at once.</summary>
    public async Task HintAsync(Func<BlockHeader?> ours, CancellationToken cancellationToken)
    {
        if (!subscribed)
        {
            subscribed = true;
            hints = transport.SubscribeHeads(lifetime.Token)?.GetAsyncEnumerator(lifetime.Token);
        }

        while (hints is not null)
        {
            if (untold is { } told)
            {
                untold = null;
                if (told.Hash != ours()?.Hash)
                {
                    return;
                }
            }

            // Kept over a cancelled wait: an enumerator may not be asked twice at once.
            pending ??= hints.MoveNextAsync().AsTask();
            if (!await pending.WaitAsync(cancellationToken))
            {
                break;
            }

            if (Hear().Hash != ours()?.Hash)
            {
                return;
            }
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
    }

    public async Task WaitAsync(Func<BlockHeader?> ours, TimeSpan atLeast, CancellationToken cancellationToken)
    {
        var early = atLeast - time.GetElapsedTime(polledAt);
        if (early > TimeSpan.Zero)
        {
            await Task.Delay(early, time, cancellationToken);
        }

        var talks = hintedAt is { } hinted && time.GetElapsedTime(hinted) < options.MuteAfter;
        var left = (talks ? options.MuteAfter : options.PollEvery) - time.GetElapsedTime(polledAt);
        if (left <= TimeSpan.Zero)
        {
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hint = HintAsync(ours, either.Token);
        var first = await Task.WhenAny(hint, Task.Delay(left, time, either.Token));
        await either.CancelAsync();

        // Waited for to the end: the announcements may not be asked for twice at once.
        await hint.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
        await first;
    }

    private HeadHint Hear()
    {
        pending = null;
        hintedAt = time.GetTimestamp();
        var hint = hints!.Current;
        if (heard.Count == HeardKept)
        {
            heard.Dequeue();
        }

        heard.Enqueue(hint with { ArrivedAt = hint.ArrivedAt ?? hintedAt });
        return hint;
    }

    public async ValueTask DisposeAsync()
    {
        await lifetime.CancelAsync();
        if (hints is not null)
        {
            try
            {
                if (pending is not null)
                {
                    await pending;
                }
            }
            catch (OperationCanceledException)
            {
                // The end that was asked for.
            }

            await hints.DisposeAsync();
        }

        lifetime.Dispose();
    }
}
