using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Folds a block's logs into the tables. When a log makes a protocol listen to more, the same block is fetched again for what is new. A log that can't be decoded is
/// fetched anew, for the node may have garbled it; when it stays so it is passed over, and the protocol's tables are no longer believed.
/// </summary>
internal sealed class BlockFolder(IReadOnlyList<IProtocol> protocols, Census census, IReadOnlySet<DeploymentId> discover, EvmClient client)
{
    // A log can make a contract known whose log makes another known; deeper than this no protocol goes.
    private const int MaxGrowth = 4;

    // So often a log is fetched anew before it is taken for what the chain has.
    private const int MostGarbled = 3;

    private readonly FilterIndex index = new(protocols);

    /// <summary>How often a log of a block that is not folded yet could not be decoded.</summary>
    private readonly Dictionary<(Hash32 Block, uint Log), int> garbled = [];

    public IReadOnlyCollection<LogFilter> Filters() => index.All();

    /// <summary>To be called when rows changed outside of folding: loaded, undone, read.</summary>
    public void Refresh() => index.Refresh();

    public void Clear()
    {
        index.Clear();
        garbled.Clear();
    }

    /// <summary>Accounts touched go into the block, accounts found into <paramref name="found"/>. Returns the protocols that are not believed any more, and why.</summary>
    /// <exception cref="RpcException">Logs could not be fetched, or one of them not decoded: the block is to be undone and tried again.</exception>
    public async Task<IReadOnlyDictionary<int, string>> FoldAsync(JournalBlock block, IReadOnlyList<Log> logs, ISet<MarginAccountId> found, bool keepLogs, CancellationToken cancellationToken)
    {
        index.Refresh();
        var distrusted = new SortedDictionary<int, string>();
        foreach (var log in logs)
        {
            foreach (var p in index.Of(log))
            {
                Apply(p, block, log, found, distrusted);
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
                        Apply(pair.Protocol, block, log, found, distrusted);
                    }
                }
            }

            Keep(block, more, keepLogs);
            grown = index.Refresh();
        }

        foreach (var p in distrusted.Keys)
        {
            Distrust(p, block);
        }

        garbled.Clear();
        return distrusted;
    }

    private void Apply(int p, JournalBlock block, Log log, ISet<MarginAccountId> found, SortedDictionary<int, string> distrusted)
    {
        try
        {
            Fold(p, block, log, found, distrusted.ContainsKey(p));
        }
        catch (Exception e) when (e is AbiException or ArithmeticException or FormatException)
        {
            var why = $"log {log.LogIndex} of block {block.Header.Ref} can't be decoded by {protocols[p].Id}: {e.Message}";
            var times = garbled[(block.Header.Hash, log.LogIndex)] = garbled.GetValueOrDefault((block.Header.Hash, log.LogIndex)) + 1;
            if (times <= MostGarbled)
            {
                throw new RpcException(RpcFailure.Malformed, why, inner: e);
            }

            distrusted.TryAdd(p, why);
        }
    }

    private void Distrust(int p, JournalBlock block)
    {
        foreach (var number in census.Entered(p))
        {
            block.Touched.Add(census.AccountAt(number));
        }

        protocols[p].Distrust();
        index.Refresh();
    }

    private void Fold(int p, JournalBlock block, Log log, ISet<MarginAccountId> found, bool isDistrusted)
    {
        var protocol = protocols[p];
        if (!isDistrusted)
        {
            protocol.Apply(block.Header, log, block.Touched);
        }

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
