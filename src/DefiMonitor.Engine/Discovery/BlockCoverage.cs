namespace DefiMonitor.Engine.Discovery;

/// <summary>Blocks, both ends included, of which the logs were read, or which no endpoint serves.</summary>
/// <param name="Unserved">The nodes' own words; null = read.</param>
public sealed record CoveredRange(ulong First, ulong Last, string? Unserved = null);

/// <summary>Which blocks of a deployment's past have been read. What is not in it, or unserved, has not.</summary>
public sealed class BlockCoverage
{
    private List<CoveredRange> ranges;

    public BlockCoverage(IEnumerable<CoveredRange>? ranges = null) => this.ranges = [.. (ranges ?? []).OrderBy(static r => r.First)];

    /// <summary>In the order of their blocks, without overlap; neighbours of one kind are one.</summary>
    public IReadOnlyList<CoveredRange> Ranges => ranges;

    /// <summary>What is said of blocks takes the place of what was said of them before.</summary>
    public void Add(CoveredRange added)
    {
        var next = new List<CoveredRange>(ranges.Count + 2);
        foreach (var range in ranges)
        {
            if (range.Last < added.First || range.First > added.Last)
            {
                next.Add(range);
                continue;
            }

            if (range.First < added.First)
            {
                next.Add(range with { Last = added.First - 1 });
            }

            if (range.Last > added.Last)
            {
                next.Add(range with { First = added.Last + 1 });
            }
        }

        next.Add(added);
        next.Sort(static (a, b) => a.First.CompareTo(b.First));
        ranges = new List<CoveredRange>(next.Count);
        foreach (var range in next)
        {
            if (ranges.Count > 0 && ranges[^1].Last + 1 == range.First && ranges[^1].Unserved == range.Unserved)
            {
                ranges[^1] = ranges[^1] with { Last = range.Last };
            }
            else
            {
                ranges.Add(range);
            }
        }
    }

    /// <summary>What of <paramref name="from"/> to <paramref name="to"/> has not been read, unserved blocks included: a node may serve them by now.</summary>
    public IReadOnlyList<CoveredRange> Missing(ulong from, ulong to)
    {
        var missing = new List<CoveredRange>();
        var next = from;
        foreach (var range in ranges.Where(static r => r.Unserved is null))
        {
            if (range.Last < next)
            {
                continue;
            }

            if (range.First > to)
            {
                break;
            }

            if (range.First > next)
            {
                missing.Add(new CoveredRange(next, range.First - 1));
            }

            if (range.Last >= to)
            {
                return missing;
            }

            next = range.Last + 1;
        }

        if (next <= to)
        {
            missing.Add(new CoveredRange(next, to));
        }

        return missing;
    }

    /// <summary>The parts of <paramref name="from"/> to <paramref name="to"/> that no endpoint served.</summary>
    public IReadOnlyList<CoveredRange> Unserved(ulong from, ulong to) =>
        [.. ranges.Where(r => r.Unserved is not null && r.Last >= from && r.First <= to).Select(r => r with { First = Math.Max(r.First, from), Last = Math.Min(r.Last, to) })];
}
