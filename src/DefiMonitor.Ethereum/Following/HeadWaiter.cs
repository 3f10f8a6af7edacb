using DefiMonitor.Core.Chain;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum.Following;

/// <summary>When to look at the head again: at a hint of the subscription, at the polling interval where there is none or it went mute.</summary>
internal sealed class HeadWaiter(IRpcTransport transport, ChainFollowerOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource lifetime = new();
    private long polledAt = time.GetTimestamp();
    private long? hintedAt;
    private bool subscribed;
    private IAsyncEnumerator<HeadHint>? hints;
    private Task<bool>? pending;

    public void Polled() => polledAt = time.GetTimestamp();

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
            // Kept over a cancelled wait: an enumerator may not be asked twice at once.
            pending ??= hints.MoveNextAsync().AsTask();
            if (!await pending.WaitAsync(cancellationToken))
            {
                break;
            }

            pending = null;
            hintedAt = time.GetTimestamp();
            if (hints.Current.Hash != ours()?.Hash)
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
        var first = await Task.WhenAny(HintAsync(ours, either.Token), Task.Delay(left, time, either.Token));
        await either.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        await first;
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
