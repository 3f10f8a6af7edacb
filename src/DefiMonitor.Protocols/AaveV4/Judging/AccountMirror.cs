using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>
/// The accounts' rows once more, by slot, from which bulk judging reads. A cache of the tables and nothing else: every change of a row comes through
/// <see cref="ITableWatcher{TKey}"/>, marks its account, and is built in before the next pass. A slot is never given again.
/// </summary>
internal sealed class AccountMirror : ITableWatcher<Address>, ITableWatcher<PositionKey>
{
    private readonly AaveV4Tables tables;
    private readonly UnknownReasons reasons;
    private readonly Dictionary<Address, int> slots = [];
    private readonly HashSet<Address> changed = [];
    private MirrorEntry[] entries = new MirrorEntry[16];

    public AccountMirror(AaveV4Tables tables, UnknownReasons reasons)
    {
        this.tables = tables;
        this.reasons = reasons;
        tables.Accounts.Watcher = this;
        tables.Pending.Watcher = this;
        tables.Positions.Watcher = this;
    }

    /// <summary>By slot; as of the last <see cref="Refresh"/>.</summary>
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

            changed.Add(user);
        }

        return slot;
    }

    /// <summary>Builds what has changed since the last pass. Several threads may call it, as long as nobody writes to the tables meanwhile: the first builds.</summary>
    public void Refresh()
    {
        lock (changed)
        {
            foreach (var user in changed)
            {
                Build(user, slots[user]);
            }

            changed.Clear();
        }
    }

    void ITableWatcher<Address>.Changed(in Address key) => Mark(key);

    void ITableWatcher<PositionKey>.Changed(in PositionKey key) => Mark(key.User);

    void ITableWatcher<Address>.Cleared() => changed.UnionWith(slots.Keys);

    void ITableWatcher<PositionKey>.Cleared() => changed.UnionWith(slots.Keys);

    private void Mark(in Address user)
    {
        if (slots.ContainsKey(user))
        {
            changed.Add(user);
        }
    }

    private void Build(in Address user, int slot)
    {
        var isIn = reasons.IsWhole(user);
        var legs = new List<MirrorLeg>();
        for (ushort reserve = 0; isIn && reserve < tables.Market.ReserveCount; reserve++)
        {
            if (tables.Positions.TryGet(new PositionKey(user, reserve), out var row) && row.Counts)
            {
                legs.Add(new MirrorLeg(
                    reserve, row.IsCollateral, row.Key, row.SuppliedShares, row.DrawnShares, row.PremiumShares, row.PremiumOffsetRay));
            }
        }

        entries[slot] = new MirrorEntry(isIn, [.. legs]);
    }
}

/// <summary>A reserve that the account has flagged as collateral or borrowed.</summary>
internal readonly record struct MirrorLeg(
    ushort Reserve, bool IsCollateral, uint Key, UInt128 SuppliedShares, UInt128 DrawnShares, UInt128 PremiumShares, SignedRay PremiumOffsetRay);

/// <summary>What judging needs of one account.</summary>
/// <param name="IsIn">False while it has not entered, or has to be read again.</param>
internal readonly record struct MirrorEntry(bool IsIn, MirrorLeg[] Legs);
