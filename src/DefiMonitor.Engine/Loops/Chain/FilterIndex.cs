using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>Which protocol wants which log, by address and first topic. Follows the protocols' filters as they grow, or shrink with an undone block.</summary>
internal sealed class FilterIndex(IReadOnlyList<IProtocol> protocols)
{
    private readonly Dictionary<(Address, Hash32), List<int>> wanted = [];
    private readonly long[] sizes = new long[protocols.Count];

    /// <summary>The filters of all protocols.</summary>
    public List<LogFilter> All()
    {
        var all = new List<LogFilter>();
        foreach (var protocol in protocols)
        {
            all.AddRange(protocol.Filters);
        }

        return all;
    }

    /// <summary>Indexes of the protocols that want the log; empty for none.</summary>
    public IReadOnlyList<int> Of(Log log) =>
        log.Topics.Count > 0 && wanted.TryGetValue((log.Address, log.Topics[0]), out var list) ? list : [];

    /// <summary>Takes over what changed. Returns the pairs that are new, each with the protocol that wants it now.</summary>
    public List<NewPair> Refresh()
    {
        var added = new List<NewPair>();
        for (var p = 0; p < protocols.Count; p++)
        {
            // Filters only grow, and shrink only by undoing, after which this is called: equal size means equal content.
            var size = Size(protocols[p]);
            if (size != sizes[p])
            {
                Take(p, added);
                sizes[p] = size;
            }
        }

        return added;
    }

    /// <summary>Forgets everything, so that nothing is new relative to what was before.</summary>
    public void Clear()
    {
        wanted.Clear();
        Array.Clear(sizes);
    }

    private static long Size(IProtocol protocol)
    {
        long size = 0;
        foreach (var filter in protocol.Filters)
        {
            size += (long)filter.Addresses.Count * filter.Topics.Count;
        }

        return size;
    }

    private void Take(int p, List<NewPair> added)
    {
        var before = new HashSet<(Address, Hash32)>();
        foreach (var (pair, list) in wanted)
        {
            if (list.Remove(p))
            {
                before.Add(pair);
            }
        }

        foreach (var filter in protocols[p].Filters)
        {
            foreach (var address in filter.Addresses)
            {
                foreach (var topic in filter.Topics)
                {
                    if (!wanted.TryGetValue((address, topic), out var list))
                    {
                        wanted[(address, topic)] = list = [];
                    }

                    if (!list.Contains(p))
                    {
                        list.Add(p);
                        list.Sort();
                        if (!before.Contains((address, topic)))
                        {
                            added.Add(new NewPair(p, address, topic));
                        }
                    }
                }
            }
        }
    }
}

internal readonly record struct NewPair(int Protocol, Address Address, Hash32 Topic);
