using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>Folds a block's logs into the tables. When a log makes a protocol listen to more, the same block is fetched again for what is new.</summary>
internal sealed class BlockFolder(IReadOnlyList<IProtocol> protocols, Census census, IReadOnlySet<DeploymentId> discover, EvmClient client)
{
    // A log can make a contract known whose log makes another known; deeper than this no protocol goes.
    private const int MaxGrowth = 4;

    private readonly FilterIndex index = new(protocols);

    public IReadOnlyCollection<LogFilter> Filters() => index.All();

    /// <summary>To be called when rows changed outside of folding: loaded, undone, read.</summary>
    public void Refresh() => index.Refresh();

    public void Clear() => index.Clear();

    /// <summary>Returns the logs folded. Accounts touched go into the block, accounts found into <paramref name="found"/>.</summary>
    public async Task FoldAsync(JournalBlock block, IReadOnlyList<Log> logs, ISet<MarginAccountId> found, bool keepLogs, CancellationToken cancellationToken)
    {
        index.Refresh();
        foreach (var log in logs)
        {
            foreach (var p in index.Of(log))
            {
                Apply(p, block, log, found);
            }
        }

        Keep(block, logs, keepLogs);
        var grown = index.Refresh();
        for (var round = 0; grown.Count > 0; round++)
        {
            if (round == MaxGrowth)
            {
                throw new InvalidOperationException($"The filters of {protocols[grown[0].Protocol].Id} grow without end at block {block.Header.Ref}.");
            }

            var more = await client.GetLogsAsync(FiltersOf(grown), block.Header, cancellationToken);
            foreach (var log in more)
            {
                foreach (var pair in grown)
                {
                    if (pair.Address == log.Address && log.Topics.Count > 0 && pair.Topic == log.Topics[0])
                    {
                        Apply(pair.Protocol, block, log, found);
                    }
                }
            }

            Keep(block, more, keepLogs);
            grown = index.Refresh();
        }
    }

    private void Apply(int p, JournalBlock block, Log log, ISet<MarginAccountId> found)
    {
        var protocol = protocols[p];
        protocol.Apply(block.Header, log, block.Touched);

        // Whoever was followed by then, in or not: after a restart an account that entered above the disk is out again when its liquidation is folded anew.
        if (protocol.LiquidationOf(log) is { } liquidation && census.TryGet(liquidation.Account, out var member)
            && (member.FoundBlock is not { } since || since < block.Header.Number))
        {
            block.Untold.Add(liquidation);
        }

        if (discover.Contains(protocol.Id) && protocol.Discover(log) is { } account)
        {
            found.Add(account);
        }
    }

    private static void Keep(JournalBlock block, IReadOnlyList<Log> logs, bool keepLogs)
    {
        if (!keepLogs)
        {
            return;
        }

        foreach (var log in logs)
        {
            if (!block.Logs.Exists(l => l.LogIndex == log.LogIndex))
            {
                block.Logs.Add(log);
            }
        }
    }

    private static List<LogFilter> FiltersOf(List<NewPair> pairs)
    {
        var topics = new Dictionary<Address, SortedSet<Hash32>>();
        foreach (var pair in pairs)
        {
            if (!topics.TryGetValue(pair.Address, out var set))
            {
                topics[pair.Address] = set = [];
            }

            set.Add(pair.Topic);
        }

        var filters = new List<LogFilter>(topics.Count);
        foreach (var (address, set) in topics)
        {
            filters.Add(new LogFilter([address], set));
        }

        return filters;
    }
}
