using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Feeds;
using DefiMonitor.Core.Primitives;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Engine.Loops.Chain;

public sealed partial class ChainLoop
{
    /// <summary>The followed feeds by their aggregators, as of the last head that was read.</summary>
    private IReadOnlyDictionary<Address, FollowedFeed> aggregators = new Dictionary<Address, FollowedFeed>();

    /// <summary>True when the judgement to come was asked for by what the pool showed just now.</summary>
    private bool hasLooked;

    /// <summary>
    /// True when a transmission is seen that was not there before: the head, judged already, is then judged again with the price that is coming, which may raise a
    /// provisional alert. Whatever leaves the pool waits for the next block, which says more.
    /// </summary>
    private async Task<bool> SeesPendingAsync(CancellationToken cancellationToken) =>
        hasLooked = IsSettled && await LookForPendingAsync(Head!, cancellationToken);

    /// <summary>With the reads of a head: what is on its way is judged with it, also by a process that has just started.</summary>
    private async Task LookBesideAsync(BlockHeader head, HeadReading reading, CancellationToken cancellationToken)
    {
        if (mempool is null)
        {
            return;
        }

        aggregators = feeds.ByAggregator(reading.Answers);
        if (!hasLooked)
        {
            await LookForPendingAsync(head, cancellationToken);
        }

        hasLooked = false;
    }

    private async Task<bool> LookForPendingAsync(BlockHeader head, CancellationToken cancellationToken)
    {
        if (mempool is null)
        {
            return false;
        }

        var malformed = mempool.Malformed;
        var unread = mempool.Unread;
        var wasOffered = mempool.IsOffered;
        var isNew = await mempool.LookAsync(parts.Client, aggregators, head.Number, cancellationToken);
        if (mempool.Malformed > malformed)
        {
            metrics.MalformedPending(network, mempool.Malformed - malformed);
        }

        if (mempool is { IsOffered: true, Unread: { } why } && unread is null)
        {
            LogUnreadPool(options.ChainName, why);
        }

        if (!mempool.IsOffered && wasOffered)
        {
            LogNotOffered(options.ChainName);
        }

        return isNew;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Chain {Chain}: the node's pending transactions can't be read, the chain is followed all the same: {Why}")]
    private partial void LogUnreadPool(string chain, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Chain {Chain}: the node offers no pending transactions (neither txpool_content nor a pending block): no price is told before its block; take \"pending\" out of the chain's file, or name a node that does")]
    private partial void LogNotOffered(string chain);
}
