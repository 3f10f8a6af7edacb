using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>
/// The accounts' rows once more, by slot, from which bulk judging reads. A cache of the tables and nothing else: every change of a row comes through
/// <see cref="ITableWatcher{TKey}"/>. Slots count up as accounts are first seen and are never given again.
/// </summary>
internal sealed class AccountMirror : ITableWatcher<Address>, ITableWatcher<CollateralKey>, ITableWatcher<byte>
{
    private readonly CometTables tables;
    private readonly Lock refreshing = new();
    private readonly Dictionary<Address, int> slots = [];
    private MirrorEntry[] entries = new MirrorEntry[16];
    private bool isStale;

    public AccountMirror(CometTables tables)
    {
        this.tables = tables;
        tables.Accounts.Watcher = this;
        tables.Pending.Watcher = this;
        tables.Collaterals.Watcher = this;
        tables.Assets.Watcher = this;
    }

    /// <summary>By slot, as the tables stand.</summary>
    public ReadOnlySpan<MirrorEntry> Refreshed()
    {
        lock (refreshing)
        {
            if (isStale)
            {
                foreach (var (user, slot) in slots)
                {
                    Build(user, slot);
                }

                isStale = false;
            }
        }

        return entries;
    }

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

    void ITableWatcher<Address>.Changed(in Address key) => Changed(key);

    void ITableWatcher<Address>.Cleared() => isStale = true;

    void ITableWatcher<CollateralKey>.Changed(in CollateralKey key) => Changed(key.User);

    void ITableWatcher<CollateralKey>.Cleared() => isStale = true;

    // Which asset stands at which offset moves only when the market is opened.
    void ITableWatcher<byte>.Changed(in byte key) => isStale = true;

    void ITableWatcher<byte>.Cleared() => isStale = true;

    private void Changed(in Address user)
    {
        if (!isStale && slots.TryGetValue(user, out var slot))
        {
            Build(user, slot);
        }
    }

    private void Build(in Address user, int slot)
    {
        var isIn = tables.Accounts.TryGet(user, out var row) && row.IsWhole && !tables.Pending.Contains(user);
        entries[slot] = new MirrorEntry(row, Held(user), isIn);
    }

    private MirrorHolding[] Held(in Address user)
    {
        Span<MirrorHolding> held = stackalloc MirrorHolding[ReadWriter.MostAssets];
        var count = 0;
        for (byte offset = 0; offset < ReadWriter.MostAssets && tables.Assets.TryGet(offset, out var asset); offset++)
        {
            if (tables.CollateralOf(user, asset.Asset) is var balance && balance != 0)
            {
                held[count++] = new MirrorHolding(balance, offset);
            }
        }

        return held[..count].ToArray();
    }
}

/// <summary>What judging needs of one account.</summary>
/// <param name="Held">By ascending offset.</param>
/// <param name="IsIn">False while it has not entered, or has to be read again.</param>
internal readonly record struct MirrorEntry(AccountRow Row, MirrorHolding[] Held, bool IsIn);

/// <summary>A balance, and which of the market's assets it is of.</summary>
internal readonly record struct MirrorHolding(UInt128 Balance, byte Offset);
