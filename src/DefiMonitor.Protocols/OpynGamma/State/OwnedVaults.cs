using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>
/// Which vaults an owner has, in the order of their ids. A cache of the vault table and nothing else: every change of a row comes through
/// <see cref="ITableWatcher{TKey}"/>. Slots count up as owners are first seen and are never given again.
/// </summary>
internal sealed class OwnedVaults : ITableWatcher<VaultKey>
{
    private readonly GammaTables tables;
    private readonly Dictionary<Address, int> slots = [];
    private readonly List<(Address Owner, SortedSet<ulong> Ids)> bySlot = [];

    public OwnedVaults(GammaTables tables)
    {
        this.tables = tables;
        tables.Vaults.Watcher = this;
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

    public SortedSet<ulong> At(int slot) => bySlot[slot].Ids;

    public SortedSet<ulong> Of(in Address owner) => bySlot[SlotOf(owner)].Ids;

    void ITableWatcher<VaultKey>.Changed(in VaultKey key)
    {
        if (tables.Vaults.Contains(key))
        {
            Of(key.Owner).Add(key.Id);
        }
        else
        {
            Of(key.Owner).Remove(key.Id);
        }
    }

    void ITableWatcher<VaultKey>.Cleared()
    {
        foreach (var (_, ids) in bySlot)
        {
            ids.Clear();
        }
    }
}
