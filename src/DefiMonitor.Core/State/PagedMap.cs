using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DefiMonitor.Core.State;

/// <summary>
/// A map for millions of small rows: the entries lie one behind the other in pages, so that it grows without copying and without room left over. Beside its bytes an
/// entry costs 8 to 12. Entries are numbered from 0 up in the order in which they came; a removed one gives its number to the last.
/// </summary>
public sealed class PagedMap<TKey, TRow>
    where TKey : unmanaged, IEquatable<TKey>
    where TRow : unmanaged
{
    private const int PageBits = 10;
    private const int PageSize = 1 << PageBits;
    private const int Least = 4;

    private Entry[][] pages = [];
    private int[] heads = new int[Least];

    public int Count { get; private set; }

    public Enumerator GetEnumerator() => new(this);

    /// <summary>-1 = it is not there.</summary>
    public int IndexOf(in TKey key)
    {
        if (Count == 0)
        {
            return -1;
        }

        var at = heads[BucketOf(key)];
        while (at != 0)
        {
            ref var entry = ref At(at - 1);
            if (entry.Key.Equals(key))
            {
                break;
            }

            at = entry.Next;
        }

        return at - 1;
    }

    public bool TryGet(in TKey key, out TRow row)
    {
        var index = IndexOf(key);
        row = index < 0 ? default : At(index).Row;
        return index >= 0;
    }

    public TKey KeyAt(int index) => At(index).Key;

    /// <summary>Sets the row and returns its number.</summary>
    public int Set(in TKey key, in TRow row)
    {
        var index = IndexOf(key);
        if (index < 0)
        {
            index = Append(key);
        }

        At(index).Row = row;
        return index;
    }

    public bool Remove(in TKey key)
    {
        var index = IndexOf(key);
        if (index < 0)
        {
            return false;
        }

        LinkTo(index) = At(index).Next;
        var last = Count - 1;
        if (index != last)
        {
            LinkTo(last) = index + 1;
            At(index) = At(last);
        }

        Count = last;
        return true;
    }

    public void Clear()
    {
        pages = [];
        heads = new int[Least];
        Count = 0;
    }

    private int Append(in TKey key)
    {
        if (Count == heads.Length)
        {
            Rehash();
        }

        MakeRoom();
        var index = Count++;
        ref var head = ref heads[BucketOf(key)];
        ref var entry = ref At(index);
        entry.Key = key;
        entry.Next = head;
        head = index + 1;
        return index;
    }

    // The first page grows by doubling, for most tables are small; all others are whole.
    private void MakeRoom()
    {
        var page = Count >> PageBits;
        if (page == pages.Length)
        {
            Array.Resize(ref pages, page == 0 ? 1 : page + 1 + (page / 4));
        }

        if (page > 0)
        {
            pages[page] ??= new Entry[PageSize];
        }
        else if (pages[0] is null)
        {
            pages[0] = new Entry[Least];
        }
        else if (Count == pages[0].Length)
        {
            Array.Resize(ref pages[0], 2 * Count);
        }
    }

    private void Rehash()
    {
        heads = new int[checked(2 * heads.Length)];
        for (var i = 0; i < Count; i++)
        {
            ref var entry = ref At(i);
            ref var head = ref heads[BucketOf(entry.Key)];
            entry.Next = head;
            head = i + 1;
        }
    }

    /// <summary>Whatever points to the entry: the head of its bucket, or the entry before it.</summary>
    private ref int LinkTo(int index)
    {
        ref var link = ref heads[BucketOf(At(index).Key)];
        while (link != index + 1)
        {
            link = ref At(link - 1).Next;
        }

        return ref link;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Entry At(int index) => ref pages[index >> PageBits][index & (PageSize - 1)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int BucketOf(in TKey key) => key.GetHashCode() & (heads.Length - 1);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Entry
    {
        public TKey Key;
        public TRow Row;

        /// <summary>The next entry of the same bucket, counted from 1; 0 = none.</summary>
        public int Next;
    }

    /// <summary>All entries in the order of their numbers; the map must not be written to while it runs.</summary>
    [SuppressMessage("Design", "CA1034", Justification = "As the enumerators of the base library.")]
    public struct Enumerator(PagedMap<TKey, TRow> map)
    {
        private int index = -1;

        public readonly KeyValuePair<TKey, TRow> Current
        {
            get
            {
                ref var entry = ref map.At(index);
                return new KeyValuePair<TKey, TRow>(entry.Key, entry.Row);
            }
        }

        public bool MoveNext() => ++index < map.Count;
    }
}
