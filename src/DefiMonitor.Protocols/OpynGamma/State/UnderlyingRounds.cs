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
        RoundState? lowest = null, highest = null;
        foreach (var round in Later(underlying, latestUpdate))
        {
            lowest = lowest is { } low && low.Price <= round.Price ? low : round;
            highest = highest is { } high && high.Price >= round.Price ? high : round;
        }

        return (NewestOf(underlying), lowest, highest);
    }

    /// <summary>Those that are known and later than an update, oldest first.</summary>
    public IEnumerable<RoundState> Later(Address underlying, ulong latestUpdate) => byUnderlying.TryGetValue(underlying, out var rounds)
        ? rounds.Where(pair => pair.Value.IsRead && pair.Value.UpdatedAt > latestUpdate).Select(static pair => new RoundState(pair.Key, pair.Value.Price, pair.Value.UpdatedAt))
        : [];

    /// <summary>
    /// From which second on every round is known: null where that reaches back to an update, so that none that a liquidation may name is missing. Ids of a feed count up
    /// within a phase (their upper 16 bits); the last id of the phase before is told by nobody, so nothing older than a phase's first round is looked for.
    /// </summary>
    public ulong? KnownSince(in Address underlying, ulong latestUpdate) => Walk(underlying, latestUpdate, 0).Since;

    /// <summary>The ids that are missing back to an update, newest first; those that the oracle did not answer last.</summary>
    public List<UInt128> Missing(in Address underlying, ulong latestUpdate, int atMost) => Walk(underlying, latestUpdate, atMost).Missing;

    /// <summary>The ids that are older than any that counts after an update. The last round before it is none of them: it shows that no later one is missing.</summary>
    public List<UInt128> Before(in Address underlying, ulong latestUpdate, UInt128 newest)
    {
        if (!byUnderlying.TryGetValue(underlying, out var rounds))
        {
            return [];
        }

        var last = rounds.LastOrDefault(pair => pair.Value.IsRead && pair.Value.UpdatedAt > 0 && pair.Value.UpdatedAt <= latestUpdate).Key;
        return [.. rounds.Keys.Where(id => id < last && id != newest)];
    }

    private RoundState? NewestOf(in Address underlying) =>
        tables.Feeds.TryGet(underlying, out var feed) && tables.Rounds.TryGet(new RoundKey(underlying, feed.RoundId), out var row) && row.IsRead
            ? new RoundState(feed.RoundId, row.Price, row.UpdatedAt)
            : null;

    private (ulong? Since, List<UInt128> Missing) Walk(in Address underlying, ulong latestUpdate, int atMost)
    {
        var missing = new List<UInt128>();
        var unread = new List<UInt128>();
        if (NewestOf(underlying) is not { } newest)
        {
            return (null, missing);
        }

        ulong? since = null;
        var earliest = newest.UpdatedAt;
        for (var id = newest.RoundId; earliest > latestUpdate; id--)
        {
            if ((id & ulong.MaxValue) == 0)
            {
                // Nothing is older than the first phase.
                since ??= id >> 64 > 1 ? earliest : (ulong?)null;
                break;
            }

            var isThere = byUnderlying[underlying].TryGetValue(id, out var row);
            if (row is { IsRead: true, UpdatedAt: > 0 })
            {
                earliest = row.UpdatedAt;
            }
            else if (!row.IsRead)
            {
                since ??= earliest;
                (isThere ? unread : missing).Add(id);
                if (missing.Count >= atMost)
                {
                    break;
                }
            }
        }

        return (since, [.. missing.Concat(unread).Take(atMost)]);
    }

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
