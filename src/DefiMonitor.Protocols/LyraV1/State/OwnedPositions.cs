using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>
/// Which positions an owner has, in the order of their ids. A cache of the position table and nothing else: every change of a row comes through
/// <see cref="ITableWatcher{TKey}"/>. Slots count up as owners are first seen and are never given again.
/// </summary>
internal sealed class OwnedPositions : ITableWatcher<UInt256>
{
    private readonly LyraTables tables;
    private readonly Dictionary<UInt256, Address> owners = [];
    private readonly Dictionary<Address, int> slots = [];
    private readonly List<(Address Owner, SortedSet<UInt256> Ids)> bySlot = [];

    public OwnedPositions(LyraTables tables)
    {
        this.tables = tables;
        tables.Positions.Watcher = this;
    }

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

    public SortedSet<UInt256> At(int slot) => bySlot[slot].Ids;

    public SortedSet<UInt256> Of(in Address owner) => bySlot[SlotOf(owner)].Ids;

    void ITableWatcher<UInt256>.Changed(in UInt256 key)
    {
        if (owners.Remove(key, out var before))
        {
            Of(before).Remove(key);
        }

        if (tables.Positions.TryGet(key, out var row))
        {
            owners.Add(key, row.Owner);
            Of(row.Owner).Add(key);
        }
    }

    void ITableWatcher<UInt256>.Cleared()
    {
        owners.Clear();
        foreach (var (_, ids) in bySlot)
        {
            ids.Clear();
        }
    }
}
