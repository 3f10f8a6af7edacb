namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// One value of each account, by its number in the <see cref="Census"/>; the default where none was set. In pages, so that it grows to a million without copying and
/// without room left over.
/// </summary>
internal sealed class Column<T>
{
    private const int PageBits = 12;
    private const int PageSize = 1 << PageBits;

    private T[]?[] pages = [];

    /// <summary>Grows to the number.</summary>
    public ref T this[int number]
    {
        get
        {
            var page = number >> PageBits;
            var there = page < pages.Length ? pages[page] : null;
            there ??= Grow(page);
            return ref there[number & (PageSize - 1)];
        }
    }

    public void Clear() => pages = [];

    private T[] Grow(int page)
    {
        if (page >= pages.Length)
        {
            Array.Resize(ref pages, page + 1 + (page / 4));
        }

        return pages[page] = new T[PageSize];
    }
}
