using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Tests.Engine.Storage;

/// <summary>What the store hands out one by one, as lists.</summary>
internal static class StoreLists
{
    public static async Task<IReadOnlyList<Candidate>> CandidatesAsync(this IMonitorStore store, ChainId chain)
    {
        var all = new List<Candidate>();
        await store.LoadCandidatesAsync(chain, all.Add);
        return all;
    }

    public static async Task<IReadOnlyList<FiledReport>> FiledReportsAsync(this IMonitorStore store, ChainId chain)
    {
        var all = new List<FiledReport>();
        await store.LoadFiledAsync(chain, all.Add);
        return all;
    }
}
