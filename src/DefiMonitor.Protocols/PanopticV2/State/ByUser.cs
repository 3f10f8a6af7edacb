using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>The sub-keys that a table has of each user, in order. A cache of the table and nothing else: every change of a row comes through <see cref="ITableWatcher{TKey}"/>.</summary>
internal sealed class ByUser<TKey, TSub>(Func<TKey, bool> isThere, Func<TKey, (Address User, TSub Sub)> split) : ITableWatcher<TKey>
    where TKey : unmanaged, IEquatable<TKey>
    where TSub : IComparable<TSub>
{
    private static readonly SortedSet<TSub> None = [];

    private readonly Dictionary<Address, SortedSet<TSub>> users = [];

    public SortedSet<TSub> Of(in Address user) => users.TryGetValue(user, out var keys) ? keys : None;

    void ITableWatcher<TKey>.Changed(in TKey key)
    {
        var (user, sub) = split(key);
        if (!users.TryGetValue(user, out var keys))
        {
            users.Add(user, keys = []);
        }

        _ = isThere(key) ? keys.Add(sub) : keys.Remove(sub);
    }

    void ITableWatcher<TKey>.Cleared() => users.Clear();
}
