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
    // Nobody is ever taken out, so that an entry's number is the account's slot for good.
    private readonly PagedMap<Address, byte> slots = new();
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
        var slot = slots.IndexOf(user);
        if (slot < 0)
        {
            slot = slots.Set(user, 0);
            if (slot == entries.Length)
            {
                Array.Resize(ref entries, slot + (slot / 4));
            }

            Build(user, slot);
        }

        return slot;
    }

    void ITableWatcher<Address>.Changed(in Address key)
    {
        var slot = slots.IndexOf(key);
        if (slot >= 0)
        {
            Build(key, slot);
        }
    }

    void ITableWatcher<Address>.Cleared()
    {
        for (var slot = 0; slot < slots.Count; slot++)
        {
            Build(slots.KeyAt(slot), slot);
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
