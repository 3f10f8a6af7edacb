using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>
/// What each account holds, in the order of the keys. A cache of the balance table and nothing else: every change of a row comes through
/// <see cref="ITableWatcher{TKey}"/>. Slots count up as accounts are first seen and are never given again.
/// </summary>
internal sealed class HeldAssets : ITableWatcher<BalanceKey>
{
    private readonly DeriveTables tables;
    private readonly Dictionary<Address, int> slots = [];
    private readonly List<(Address Account, SortedSet<BalanceKey> Held)> bySlot = [];

    public HeldAssets(DeriveTables tables)
    {
        this.tables = tables;
        tables.Balances.Watcher = this;
    }

    public int SlotOf(in Address account)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(slots, account, out var known);
        if (!known)
        {
            slot = bySlot.Count;
            bySlot.Add((account, []));
        }

        return slot;
    }

    public Address AccountAt(int slot) => bySlot[slot].Account;

    public SortedSet<BalanceKey> Of(in Address account) => bySlot[SlotOf(account)].Held;

    void ITableWatcher<BalanceKey>.Changed(in BalanceKey key)
    {
        var held = Of(key.Account);
        if (tables.Balances.Contains(key))
        {
            held.Add(key);
        }
        else
        {
            held.Remove(key);
        }
    }

    void ITableWatcher<BalanceKey>.Cleared()
    {
        foreach (var (_, held) in bySlot)
        {
            held.Clear();
        }
    }
}
