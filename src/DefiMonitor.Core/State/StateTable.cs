using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DefiMonitor.Core.State;

/// <summary>
/// The one door through which an adapter writes. Memory is the head, disk is the finalized block, the diffs are the difference.
/// A row is its bytes: keys and rows are unmanaged, packed and free of padding.
/// </summary>
public sealed class StateTable<TKey, TRow>(string name) : IStateTable
    where TKey : unmanaged, IEquatable<TKey>
    where TRow : unmanaged
{
    // What a block of many changes needed is not held on to.
    private const int KeptCapacity = 1_024;

    private readonly PagedMap<TKey, TRow> rows = new();
    private Dictionary<TKey, TRow?> before = [];

    public string Name => name;

    /// <summary>Null = nobody watches. One is enough: a mirror is a cache of the adapter's own.</summary>
    public ITableWatcher<TKey>? Watcher { get; set; }

    public int Count => rows.Count;

    public int KeySize => Unsafe.SizeOf<TKey>();

    public int RowSize => Unsafe.SizeOf<TRow>();

    public Type KeyType => typeof(TKey);

    public Type RowType => typeof(TRow);

    /// <summary>All rows, without allocation; not to be written to while it runs.</summary>
    public PagedMap<TKey, TRow>.Enumerator GetEnumerator() => rows.GetEnumerator();

    public bool TryGet(in TKey key, out TRow row) => rows.TryGet(key, out row);

    public bool Contains(in TKey key) => rows.IndexOf(key) >= 0;

    public void Set(in TKey key, in TRow row)
    {
        Remember(key);
        rows.Set(key, row);
        Watcher?.Changed(key);
    }

    public void Remove(in TKey key)
    {
        if (rows.IndexOf(key) >= 0)
        {
            Remember(key);
            rows.Remove(key);
            Watcher?.Changed(key);
        }
    }

    public void RemoveAll()
    {
        var keys = new List<TKey>(rows.Count);
        foreach (var (key, _) in rows)
        {
            keys.Add(key);
        }

        foreach (var key in keys)
        {
            Remove(key);
        }
    }

    public TableDiff Seal()
    {
        var changes = new List<RowChange>(before.Count);
        foreach (var (key, old) in before)
        {
            var oldBytes = old is { } o ? Bytes(o) : null;
            var newBytes = rows.TryGet(key, out var now) ? Bytes(now) : null;
            var same = oldBytes is null ? newBytes is null : newBytes is not null && oldBytes.AsSpan().SequenceEqual(newBytes);
            if (!same)
            {
                changes.Add(new RowChange(Bytes(key), oldBytes, newBytes));
            }
        }

        Forget();
        changes.Sort(static (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        return new TableDiff(name, changes);
    }

    public void Undo(TableDiff diff)
    {
        if (before.Count > 0)
        {
            throw new InvalidOperationException($"Table {name}: undo with {before.Count} unsealed rows; seal or discard the open block first.");
        }

        foreach (var change in diff.Changes)
        {
            var key = MemoryMarshal.Read<TKey>(change.Key);
            if (change.Before is { } row)
            {
                rows.Set(key, MemoryMarshal.Read<TRow>(row));
            }
            else
            {
                rows.Remove(key);
            }

            Watcher?.Changed(key);
        }
    }

    public void Load(ReadOnlySpan<byte> key, ReadOnlySpan<byte> row)
    {
        if (key.Length != KeySize || row.Length != RowSize)
        {
            throw new InvalidDataException($"Table {name}: a stored row has {key.Length}+{row.Length} bytes, {KeySize}+{RowSize} were expected; the database was written by another version.");
        }

        var read = MemoryMarshal.Read<TKey>(key);
        rows.Set(read, MemoryMarshal.Read<TRow>(row));
        Watcher?.Changed(read);
    }

    public void Clear()
    {
        rows.Clear();
        Forget();
        Watcher?.Cleared();
    }

    public IReadOnlyList<KeyValuePair<byte[], byte[]>> Dump()
    {
        var list = new List<KeyValuePair<byte[], byte[]>>(rows.Count);
        foreach (var (key, row) in rows)
        {
            list.Add(new(Bytes(key), Bytes(row)));
        }

        list.Sort(static (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        return list;
    }

    private static byte[] Bytes<T>(in T value)
        where T : unmanaged
        => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();

    private void Forget()
    {
        if (before.Capacity > KeptCapacity)
        {
            before = [];
        }
        else
        {
            before.Clear();
        }
    }

    private void Remember(in TKey key)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(before, key, out var exists);
        if (!exists)
        {
            slot = rows.TryGet(key, out var old) ? old : null;
        }
    }
}
