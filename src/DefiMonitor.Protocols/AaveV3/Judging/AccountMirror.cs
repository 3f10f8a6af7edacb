using System.Numerics;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// The accounts' own rows once more, dense: 24 bytes an account and 16 a balance. A cache of the tables and nothing else: every change of a row comes through one door,
/// <see cref="ITableWatcher{TKey}"/>, and marks its account; <see cref="Refresh"/> builds the marked ones anew. What all accounts share (reserves, categories, prices)
/// is not in it.
/// </summary>
internal sealed class AccountMirror : ITableWatcher<Address>, ITableWatcher<BalanceKey>, ITableWatcher<ReadDebtKey>
{
    private readonly AaveTables tables;
    private readonly Dictionary<Address, int> slots = [];
    private readonly MirrorArena arena = new();
    private readonly List<int> dirty = [];
    private readonly Lock refreshing = new();
    private Address[] users = new Address[64];
    private MirrorEntry[] entries = new MirrorEntry[64];

    // 1 while somebody is marked. Written last, so that who reads 0 sees everything built.
    private int isDirty;

    public AccountMirror(AaveTables tables)
    {
        this.tables = tables;
        tables.Accounts.Watcher = this;
        tables.Pending.Watcher = this;
        tables.Balances.Watcher = this;
        tables.ReadDebts.Watcher = this;
    }

    public ReadOnlySpan<MirrorEntry> Entries => entries.AsSpan(0, slots.Count);

    public ReadOnlySpan<UInt128> Legs => arena.Legs;

    /// <summary>Bytes held by entries and legs.</summary>
    public long Size => ((long)entries.Length * 24) + ((long)arena.Capacity * 16);

    public Address UserAt(int slot) => users[slot];

    /// <summary>The user's number, from 0 up; given out on first ask, and then for good.</summary>
    public int SlotOf(in Address user)
    {
        if (slots.TryGetValue(user, out var slot))
        {
            return slot;
        }

        slot = slots.Count;
        if (slot == users.Length)
        {
            Array.Resize(ref users, 2 * slot);
            Array.Resize(ref entries, 2 * slot);
        }

        slots.Add(user, slot);
        users[slot] = user;
        entries[slot] = default;
        Mark(slot);
        return slot;
    }

    /// <summary>
    /// Builds whoever is marked. Several threads may call it, and then read, as long as nobody writes to the tables meanwhile: the first builds, the others wait.
    /// </summary>
    public void Refresh()
    {
        if (Volatile.Read(ref isDirty) == 0)
        {
            return;
        }

        lock (refreshing)
        {
            foreach (var slot in dirty)
            {
                Build(users[slot], ref entries[slot]);
            }

            if (dirty.Count > 0)
            {
                dirty.Clear();
                arena.CompactIfWorthIt(entries.AsSpan(0, slots.Count));
            }

            Volatile.Write(ref isDirty, 0);
        }
    }

    void ITableWatcher<Address>.Changed(in Address key) => Mark(key);

    void ITableWatcher<Address>.Cleared() => MarkAll();

    void ITableWatcher<BalanceKey>.Changed(in BalanceKey key) => Mark(key.User);

    void ITableWatcher<BalanceKey>.Cleared() => MarkAll();

    void ITableWatcher<ReadDebtKey>.Changed(in ReadDebtKey key) => Mark(key.User);

    void ITableWatcher<ReadDebtKey>.Cleared() => MarkAll();

    private void Mark(in Address user)
    {
        if (slots.TryGetValue(user, out var slot))
        {
            Mark(slot);
        }
    }

    private void Mark(int slot)
    {
        ref var flags = ref entries[slot].Flags;
        if ((flags & MirrorFlags.Dirty) == 0)
        {
            flags |= MirrorFlags.Dirty;
            dirty.Add(slot);
            isDirty = 1;
        }
    }

    private void MarkAll()
    {
        for (var slot = 0; slot < slots.Count; slot++)
        {
            Mark(slot);
        }
    }

    private void Build(in Address user, ref MirrorEntry entry)
    {
        tables.Accounts.TryGet(user, out var account);
        entry.EMode = account.EMode;
        entry.UsedLow = entry.UsedHigh = 0;
        entry.Flags = (account.Fields == AccountFields.All ? MirrorFlags.Entered : MirrorFlags.None)
            | (tables.Pending.Contains(user) ? MirrorFlags.Pending : MirrorFlags.None);
        Span<UInt128> run = stackalloc UInt128[2 * UserConfiguration.MaxReserves];
        var count = 0;
        const int reservesAWord = 32;
        for (var part = 0; part < UserConfiguration.MaxReserves / reservesAWord; part++)
        {
            for (var bits = (ulong)account.Configuration.Word.ExtractBits(64 * part, 64); bits != 0;)
            {
                var inWord = BitOperations.TrailingZeroCount(bits) / 2;
                Add(user, account.Configuration, (ushort)((reservesAWord * part) + inWord), ref entry, run, ref count);
                bits &= ~(3UL << (2 * inWord));
            }
        }

        arena.Put(ref entry, run[..count]);
    }

    private void Add(in Address user, in UserConfiguration configuration, ushort reserve, ref MirrorEntry entry, Span<UInt128> run, ref int count)
    {
        (reserve < 64 ? ref entry.UsedLow : ref entry.UsedHigh) |= 1UL << (reserve % 64);
        AddBalance(user, reserve, TokenSide.Supply, configuration.IsCollateral(reserve), ref entry, run, ref count);
        AddBalance(user, reserve, TokenSide.Debt, configuration.IsBorrowing(reserve), ref entry, run, ref count);
        if (tables.ReadDebts.Count > 0
            && (tables.ReadDebts.Contains(new ReadDebtKey(user, reserve, ReadDebtKind.Stable))
                || tables.ReadDebts.Contains(new ReadDebtKey(user, reserve, ReadDebtKind.Discounted))
                || tables.ReadDebts.Contains(new ReadDebtKey(user, reserve, ReadDebtKind.Scaled))))
        {
            entry.Flags |= MirrorFlags.ReadDebts;
        }
    }

    // A balance that does not count is no leg, but the exact path computes it too, and may find that it overflows.
    private void AddBalance(in Address user, ushort reserve, TokenSide side, bool counts, ref MirrorEntry entry, Span<UInt128> run, ref int count)
    {
        var scaled = tables.Balance(user, reserve, side);
        if (scaled.BitLength > MirrorLeg.AmountBits)
        {
            entry.Flags |= MirrorFlags.Wide;
        }
        else if (counts && !scaled.IsZero)
        {
            run[count++] = MirrorLeg.Of(side == TokenSide.Supply ? MirrorLeg.SupplyOf(reserve) : MirrorLeg.DebtOf(reserve), (UInt128)scaled);
        }
    }
}
