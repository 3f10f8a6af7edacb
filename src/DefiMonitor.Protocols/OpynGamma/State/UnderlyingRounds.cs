using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>The rounds that were read of each underlying's feed. A cache of the tables and nothing else.</summary>
internal sealed class UnderlyingRounds : ITableWatcher<RoundKey>
{
    private readonly GammaTables tables;
    private readonly Dictionary<Address, SortedDictionary<UInt128, RoundRow>> byUnderlying = [];

    public UnderlyingRounds(GammaTables tables)
    {
        this.tables = tables;
        tables.Rounds.Watcher = this;
    }

    /// <summary>The newest of all, and among those that are later than an update the ones with the lowest and the highest price.</summary>
    public (RoundState? Newest, RoundState? Lowest, RoundState? Highest) Of(in Address underlying, ulong latestUpdate)
    {
        RoundState? newest = null, lowest = null, highest = null;
        if (tables.Feeds.TryGet(underlying, out var feed) && tables.Rounds.TryGet(new RoundKey(underlying, feed.RoundId), out var now))
        {
            newest = new RoundState(feed.RoundId, now.Price, now.UpdatedAt);
        }

        if (byUnderlying.TryGetValue(underlying, out var rounds))
        {
            foreach (var (id, round) in rounds)
            {
                if (round.UpdatedAt > latestUpdate)
                {
                    var state = new RoundState(id, round.Price, round.UpdatedAt);
                    lowest = lowest is { } low && low.Price <= round.Price ? low : state;
                    highest = highest is { } high && high.Price >= round.Price ? high : state;
                }
            }
        }

        return (newest, lowest, highest);
    }

    /// <summary>Those before a second, but the newest of them.</summary>
    public List<UInt128> Before(in Address underlying, ulong second, UInt128 keep) =>
        byUnderlying.TryGetValue(underlying, out var rounds) ? [.. rounds.Where(pair => pair.Value.UpdatedAt < second && pair.Key != keep).Select(static pair => pair.Key)] : [];

    void ITableWatcher<RoundKey>.Changed(in RoundKey key)
    {
        if (!byUnderlying.TryGetValue(key.Underlying, out var rounds))
        {
            byUnderlying.Add(key.Underlying, rounds = []);
        }

        if (tables.Rounds.TryGet(key, out var row))
        {
            rounds[key.RoundId] = row;
        }
        else
        {
            rounds.Remove(key.RoundId);
        }
    }

    void ITableWatcher<RoundKey>.Cleared() => byUnderlying.Clear();
}
