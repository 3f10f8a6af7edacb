using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols;

/// <summary>What each owner has in a table, in order. Slots count up as owners are first seen and are never given again.</summary>
internal class OwnedKeys<TSub>
    where TSub : IComparable<TSub>
{
    private readonly Dictionary<Address, int> slots = [];
    private readonly List<(Address Owner, SortedSet<TSub> Keys)> bySlot = [];

    public int SlotOf(in Address owner)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(slots, owner, out var known);
        if (!known)
        {
            slot = bySlot.Count;
            bySlot.Add((owner, []));
        }

        return slot;
    }

    public Address OwnerAt(int slot) => bySlot[slot].Owner;

    public SortedSet<TSub> At(int slot) => bySlot[slot].Keys;

    public SortedSet<TSub> Of(in Address owner) => bySlot[SlotOf(owner)].Keys;

    protected void Clear()
    {
        foreach (var (_, keys) in bySlot)
        {
            keys.Clear();
        }
    }
}

/// <summary>A cache of a table whose keys name the owner, and nothing else: every change of a row comes through <see cref="ITableWatcher{TKey}"/>.</summary>
internal sealed class OwnedKeys<TKey, TRow, TSub> : OwnedKeys<TSub>, ITableWatcher<TKey>
    where TKey : unmanaged, IEquatable<TKey>
    where TRow : unmanaged
    where TSub : IComparable<TSub>
{
    private readonly StateTable<TKey, TRow> table;
    private readonly Func<TKey, (Address Owner, TSub Sub)> split;

    public OwnedKeys(StateTable<TKey, TRow> table, Func<TKey, (Address Owner, TSub Sub)> split)
    {
        this.table = table;
        this.split = split;
        table.Watcher = this;
    }

    void ITableWatcher<TKey>.Changed(in TKey key)
    {
        var (owner, sub) = split(key);
        _ = table.Contains(key) ? Of(owner).Add(sub) : Of(owner).Remove(sub);
    }

    void ITableWatcher<TKey>.Cleared() => Clear();
}
