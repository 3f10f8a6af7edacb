using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum.Ranges;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Engine.Discovery;

/// <summary>
/// Finds who ever borrowed, from the logs of finalized blocks, into the store. A run that ends in whatever way, the next one goes on from: logs and the coverage that they
/// stand for are one transaction.
/// </summary>
/// <param name="bulk">The database is ours alone: large commits, and the index is built when a long load is done. Else commits stay short, so that a monitor beside us is not kept waiting.</param>
public sealed class BorrowerSearch(SqlStore store, LogRangeReader reader, TimeProvider time, bool bulk)
{
    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(1);

    private readonly int mostLogs = bulk ? 10_000 : 1_000;

    /// <summary>Asks a few pages to learn what the search will cost.</summary>
    /// <param name="to">A finalized block.</param>
    /// <exception cref="RpcException">No endpoint answers.</exception>
    public async Task<SearchPlan> PlanAsync(IProtocol protocol, ulong from, ulong to, CancellationToken cancellationToken)
    {
        var filters = protocol.DiscoveryFilters;
        var question = QuestionOf(filters);
        var coverage = await store.DiscoveryAsync(protocol.Id, question, cancellationToken);
        var missing = from <= to ? coverage.Missing(from, to) : [];
        var trial = missing.Count > 0 ? await reader.TryAsync(filters, missing[^1].First, missing[^1].Last, cancellationToken) : null;
        return new SearchPlan(protocol, question, from, to, coverage, missing, trial?.BlocksPerPage ?? reader.MostBlocks, reader.CallsPerPage(filters));
    }

    /// <summary>Reads what the plan says is missing; the plan's coverage grows with it.</summary>
    /// <exception cref="RpcException">No endpoint answers; what was read until then is kept.</exception>
    /// <exception cref="StoreException">The database can't do it, or another search of this chain took over.</exception>
    public async Task RunAsync(Fence fence, SearchPlan plan, Action<SearchProgress> progress, CancellationToken cancellationToken)
    {
        var left = plan.Blocks;
        var read = plan.Coverage.Ranges.Where(static r => r.Unserved is null).Aggregate(0UL, static (sum, r) => sum + (r.Last - r.First + 1));
        var withoutIndex = bulk && left > read;
        await store.BeginDiscoveryAsync(fence, plan.Protocol.Id, plan.Question, withoutIndex, cancellationToken);
        var keeper = new Keeper(store, fence, plan);
        var kept = time.GetTimestamp();
        var found = 0L;
        try
        {
            foreach (var range in plan.Missing)
            {
                await foreach (var page in reader.ReadAsync(plan.Protocol.DiscoveryFilters, range.First, range.Last, cancellationToken))
                {
                    found += keeper.Add(page);
                    left -= page.To - page.From + 1;
                    if (keeper.Logs < mostLogs && time.GetElapsedTime(kept) < KeepEvery)
                    {
                        continue;
                    }

                    kept = time.GetTimestamp();
                    await keeper.KeepAsync();
                    progress(new SearchProgress(plan.Protocol.Id, page.To, left, found, reader.Calls));
                }
            }
        }
        finally
        {
            await keeper.EndAsync();
        }

        if (withoutIndex)
        {
            // Beside a running monitor it is not built: that is one long commit, and his have to come through.
            await store.EndDiscoveryAsync(cancellationToken);
        }
    }

    private static string QuestionOf(IReadOnlyCollection<LogFilter> filters) => Keccak256.HashUtf8(string.Join(
        '\n', filters.Select(static f => $"{string.Join(',', f.Addresses.Order())} {string.Join(',', f.Topics.Order())}").Order(StringComparer.Ordinal))).ToString();

    /// <summary>Collects pages and writes them, one batch while the next is being read.</summary>
    private sealed class Keeper(SqlStore store, Fence fence, SearchPlan plan)
    {
        private List<DiscoveredLog> logs = [];
        private bool isDirty;
        private Task writing = Task.CompletedTask;

        public int Logs => logs.Count;

        public int Add(LogPage page)
        {
            var before = logs.Count;
            foreach (var (block, log) in page.Logs)
            {
                if (plan.Protocol.Discover(log) is { } account)
                {
                    logs.Add(new DiscoveredLog(block.Number, log.LogIndex, account.Key, log.TransactionHash));
                }
            }

            plan.Coverage.Add(new CoveredRange(page.From, page.To, page.Unserved));
            isDirty = true;
            return logs.Count - before;
        }

        public async Task KeepAsync()
        {
            await writing;
            if (isDirty)
            {
                var (batch, ranges) = (logs, plan.Coverage.Ranges);
                (logs, isDirty) = ([], false);
                writing = Task.Run(() => store.AddDiscoveredAsync(fence, plan.Protocol.Id, batch, ranges));
            }
        }

        public async Task EndAsync()
        {
            await KeepAsync();
            await writing;
        }
    }
}
