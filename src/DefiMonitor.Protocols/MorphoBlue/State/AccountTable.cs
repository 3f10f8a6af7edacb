using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>
/// The accounts' rows, and beside them a dense copy by slot from which bulk judging reads. Slots count up as accounts are first seen and are never given again.
/// </summary>
internal sealed class AccountTable : IStateTable
{
    private readonly StateTable<Address, AccountRow> table = new("account");
    private readonly Dictionary<Address, int> slots = [];
    private DenseAccount[] dense = new DenseAccount[16];

    public string Name => table.Name;

    public int Count => table.Count;

    public int KeySize => table.KeySize;

    public int RowSize => table.RowSize;

    public Type KeyType => table.KeyType;

    public Type RowType => table.RowType;

    /// <summary>By slot; an account that is not in, or that waits to be read, is marked so.</summary>
    public ReadOnlySpan<DenseAccount> Dense => dense;

    public bool Contains(in Address user) => table.Contains(user);

    public bool TryGet(in Address user, out AccountRow row) => table.TryGet(user, out row);

    public void Set(in Address user, in AccountRow row)
    {
        table.Set(user, row);
        Mirror(user);
    }

    /// <summary>The account's place, given now if it has none.</summary>
    public int SlotOf(in Address user)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(slots, user, out var known);
        if (!known)
        {
            slot = slots.Count - 1;
            if (slot == dense.Length)
            {
                Array.Resize(ref dense, dense.Length * 2);
            }
        }

        return slot;
    }

    public TableDiff Seal() => table.Seal();

    public void Undo(TableDiff diff)
    {
        table.Undo(diff);
        foreach (var change in diff.Changes)
        {
            Mirror(Address.FromBytes(change.Key));
        }
    }

    public void Load(ReadOnlySpan<byte> key, ReadOnlySpan<byte> row)
    {
        table.Load(key, row);
        Mirror(Address.FromBytes(key));
    }

    public void Clear()
    {
        table.Clear();
        Array.Clear(dense);
    }

    public IReadOnlyList<KeyValuePair<byte[], byte[]>> Dump() => table.Dump();

    /// <summary>Every account, without allocation.</summary>
    public Dictionary<Address, AccountRow>.Enumerator GetEnumerator() => table.GetEnumerator();

    private void Mirror(in Address user)
    {
        var slot = SlotOf(user);
        var isIn = table.TryGet(user, out var row);
        dense[slot] = new DenseAccount(row.BorrowShares, row.Collateral, isIn);
    }
}

/// <summary>What judging needs of one account.</summary>
internal readonly record struct DenseAccount(UInt128 BorrowShares, UInt128 Collateral, bool IsIn);
