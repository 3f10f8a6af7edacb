using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>
/// The accounts' rows once more, by slot, from which bulk judging reads. A cache of the tables and nothing else: every change of a row comes through
/// <see cref="ITableWatcher{TKey}"/>. Slots count up as accounts are first seen and are never given again.
/// </summary>
internal sealed class AccountMirror : ITableWatcher<Address>
{
    private readonly MorphoTables tables;
    private readonly Dictionary<Address, int> slots = [];
    private MirrorEntry[] entries = new MirrorEntry[16];

    public AccountMirror(MorphoTables tables)
    {
        this.tables = tables;
        tables.Accounts.Watcher = this;
        tables.Pending.Watcher = this;
    }

    /// <summary>By slot.</summary>
    public ReadOnlySpan<MirrorEntry> Entries => entries;

    /// <summary>The account's place, given now if it has none.</summary>
    public int SlotOf(in Address user)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(slots, user, out var known);
        if (!known)
        {
            slot = slots.Count - 1;
            if (slot == entries.Length)
            {
                Array.Resize(ref entries, entries.Length * 2);
            }

            Build(user, slot);
        }

        return slot;
    }

    void ITableWatcher<Address>.Changed(in Address key)
    {
        if (slots.TryGetValue(key, out var slot))
        {
            Build(key, slot);
        }
    }

    void ITableWatcher<Address>.Cleared()
    {
        foreach (var (user, slot) in slots)
        {
            Build(user, slot);
        }
    }

    private void Build(in Address user, int slot)
    {
        var isIn = tables.Accounts.TryGet(user, out var row) && !tables.Pending.Contains(user);
        entries[slot] = new MirrorEntry(row.BorrowShares, row.Collateral, isIn);
    }
}

/// <summary>What judging needs of one account.</summary>
/// <param name="IsIn">False while it has not entered, or has to be read again.</param>
internal readonly record struct MirrorEntry(UInt128 BorrowShares, UInt128 Collateral, bool IsIn);
