using System.Numerics;
using System.Runtime.InteropServices;
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
    private const int MostLegs = 2 * UserConfiguration.MaxReserves;

    // Above so many, such as after a start, they are built in parts of so many.
    private const int Part = 4_096;

    private readonly AaveTables tables;
    // Nobody is ever taken out, so that an entry's number is the user's for good.
    private readonly PagedMap<Address, byte> slots = new();
    private readonly MirrorArena arena = new();
    private readonly List<int> dirty = [];
    private readonly Lock refreshing = new();
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

    public Address UserAt(int slot) => slots.KeyAt(slot);

    /// <summary>The user's number, from 0 up; given out on first ask, and then for good.</summary>
    public int SlotOf(in Address user)
    {
        var slot = slots.IndexOf(user);
        if (slot >= 0)
        {
            return slot;
        }

        slot = slots.Set(user, 0);
        if (slot == entries.Length)
        {
            Array.Resize(ref entries, slot + (slot / 2));
        }

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
            if (dirty.Count > 0)
            {
                BuildDirty();
                dirty.Clear();
                dirty.Capacity = Math.Min(dirty.Capacity, Part);
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
        var slot = slots.IndexOf(user);
        if (slot >= 0)
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

    private void BuildDirty()
    {
        if (dirty.Count > Part)
        {
            BuildParts();
            return;
        }

        Span<UInt128> run = stackalloc UInt128[MostLegs];
        foreach (var slot in dirty)
        {
            var count = Build(slots.KeyAt(slot), ref entries[slot], run);
            arena.Put(ref entries[slot], run[..count]);
        }
    }

    /// <summary>Each part on whatever core is free: what is looked up lies all over the memory. The legs are put together afterwards, in order.</summary>
    private void BuildParts()
    {
        var parts = new (List<UInt128> Legs, ushort[] Counts)[(dirty.Count + Part - 1) / Part];
        Parallel.For(0, parts.Length, part =>
        {
            var some = CollectionsMarshal.AsSpan(dirty)[(Part * part)..Math.Min(Part * (part + 1), dirty.Count)];
            var legs = new List<UInt128>(4 * Part);
            var counts = new ushort[some.Length];
            Span<UInt128> run = stackalloc UInt128[MostLegs];
            for (var i = 0; i < some.Length; i++)
            {
                var count = Build(slots.KeyAt(some[i]), ref entries[some[i]], run);
                counts[i] = (ushort)count;
                legs.AddRange(run[..count]);
            }

            parts[part] = (legs, counts);
        });

        var more = 0;
        for (var i = 0; i < dirty.Count; i++)
        {
            var count = parts[i / Part].Counts[i % Part];
            more += count > entries[dirty[i]].Count ? count : 0;
        }

        arena.Reserve(more);
        for (var part = 0; part < parts.Length; part++)
        {
            var legs = CollectionsMarshal.AsSpan(parts[part].Legs);
            for (var i = 0; i < parts[part].Counts.Length; i++)
            {
                var count = parts[part].Counts[i];
                arena.Put(ref entries[dirty[(Part * part) + i]], legs[..count]);
                legs = legs[count..];
            }
        }
    }

    /// <summary>Builds all but the place of the account's legs; they go into <paramref name="run"/>, and how many is returned.</summary>
    private int Build(in Address user, ref MirrorEntry entry, Span<UInt128> run)
    {
        tables.Accounts.TryGet(user, out var account);
        entry.EMode = account.EMode;
        entry.UsedLow = entry.UsedHigh = 0;
        entry.Flags = (account.Fields == AccountFields.All ? MirrorFlags.Entered : MirrorFlags.None)
            | (tables.Pending.Contains(user) ? MirrorFlags.Pending : MirrorFlags.None);
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

        return count;
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
