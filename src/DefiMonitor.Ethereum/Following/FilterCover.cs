using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Following;

/// <summary>What a set of filters asked for at a moment, to see whether they have grown since (adapters may return the same, changed, object).</summary>
internal sealed class FilterCover
{
    private readonly HashSet<(Address, Hash32)> pairs = [];

    public FilterCover(IReadOnlyCollection<LogFilter> filters)
    {
        foreach (var filter in filters)
        {
            foreach (var address in filter.Addresses)
            {
                foreach (var topic in filter.Topics)
                {
                    pairs.Add((address, topic));
                }
            }
        }
    }

    public bool Covers(IReadOnlyCollection<LogFilter> filters)
    {
        foreach (var filter in filters)
        {
            foreach (var address in filter.Addresses)
            {
                foreach (var topic in filter.Topics)
                {
                    if (!pairs.Contains((address, topic)))
                    {
                        return false;
                    }
                }
            }
        }

        return true;
    }
}
