using DefiMonitor.Core.Chain;

namespace DefiMonitor.Ethereum;

/// <summary>How many calls go into one multicall: what a node's gas cap and patience allow is found by trying.</summary>
internal sealed class MulticallSize(int most, int maxBytes)
{
    private const int WorkedBeforeGrowing = 16;

    private readonly Lock gate = new();
    private int chunk = most;
    private int ceiling = most;
    private int good;
    private int worked;

    public List<List<Call>> Cut(IReadOnlyList<Call> calls)
    {
        int limit;
        lock (gate)
        {
            limit = chunk;
        }

        var parts = new List<List<Call>>();
        var bytes = 0;
        foreach (var call in calls)
        {
            var size = Multicall3.SizeOf(call);
            if (parts.Count == 0 || parts[^1].Count >= limit || bytes + size > maxBytes)
            {
                parts.Add([]);
                bytes = 0;
            }

            parts[^1].Add(call);
            bytes += size;
        }

        return parts;
    }

    public void Failed(int calls)
    {
        lock (gate)
        {
            worked = 0;
            ceiling = Math.Min(ceiling, calls);

            // What used to work and does not any more (a lower cap, heavier calls) is forgotten.
            good = good < calls ? good : 0;
            chunk = Math.Max(1, Math.Min(chunk, Math.Max(good, calls / 2)));
        }
    }

    public void Worked(int calls)
    {
        lock (gate)
        {
            good = Math.Max(good, Math.Min(calls, chunk));

            // Half way to what has failed, until an eighth is left: it settles below, and what failed is not tried for ever.
            if (calls >= chunk && ceiling - chunk > Math.Max(1, chunk / 8) && ++worked >= WorkedBeforeGrowing)
            {
                worked = 0;
                chunk += (ceiling - chunk) / 2;
            }
        }
    }
}
