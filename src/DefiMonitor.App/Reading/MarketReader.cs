using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.State;
using DefiMonitor.Ethereum;

namespace DefiMonitor.App.Reading;

/// <summary>All accounts of one market at one block.</summary>
/// <param name="Equations">The completeness equations at the block.</param>
/// <param name="Feeds">What the prices come from, and when each was written.</param>
public sealed record MarketReading(
    BlockHeader Block, Pin Pin, IReadOnlyList<AccountState> States, IReadOnlyList<Completeness> Equations, IReadOnlyList<PriceFeed> Feeds);

/// <summary>Reads many accounts of one market at one block, beside the contract's own totals.</summary>
public sealed class MarketReader(OneShotReader reader, Action<string> progress)
{
    private const int AccountsAtOnce = 250;
    private const int SnapshotRounds = 4;
    private const int FeedRounds = 4;

    /// <summary>Accounts whose rows are not in the protocol's tables yet are read from the node; prices and totals always are.</summary>
    /// <exception cref="Ethereum.Rpc.RpcException">The node failed.</exception>
    public async Task<MarketReading?> ReadAsync(IProtocol protocol, IReadOnlyList<MarginAccountId> accounts, BlockHeader block, CancellationToken cancellationToken)
    {
        if (!protocol.IsOpen && !await reader.TryOpenAsync(protocol, block, cancellationToken))
        {
            return null;
        }

        var outside = accounts.Where(account => !protocol.HasEntered(account)).ToList();
        for (var at = 0; at < outside.Count; at += AccountsAtOnce)
        {
            var some = outside.GetRange(at, Math.Min(AccountsAtOnce, outside.Count - at));
            await reader.AskAsync(protocol, soFar => some.SelectMany(account => protocol.Snapshot(account, soFar)), SnapshotRounds, block, cancellationToken);
            progress($"{Math.Min(at + AccountsAtOnce, outside.Count)} of {outside.Count} accounts read");
        }

        await reader.AskAsync(protocol, _ => protocol.Reads(block), 1, block, cancellationToken);
        var totals = await reader.ReadAsync(_ => protocol.Totals(), 1, block, cancellationToken);
        var feeds = await reader.ReadAsync(protocol.Feeds, FeedRounds, block, cancellationToken);
        return new MarketReading(block, reader.Pin, [.. accounts.Select(account => protocol.Capture(account, block))], protocol.Complete(totals), protocol.FeedsOf(feeds));
    }
}
