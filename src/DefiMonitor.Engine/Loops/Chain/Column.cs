namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>One value of each account, by its number in the <see cref="Census"/>; the default where none was set.</summary>
internal sealed class Column<T>
{
    private T[] values = [];

    /// <summary>Grows to the number, by a quarter at a time: there may be a million accounts.</summary>
    public ref T this[int number]
    {
        get
        {
            if (number >= values.Length)
            {
                Array.Resize(ref values, Math.Max(number + 1, values.Length + (values.Length / 4) + 16));
            }

            return ref values[number];
        }
    }

    /// <summary>The first so many, one for each number.</summary>
    public Span<T> First(int count)
    {
        if (count > 0)
        {
            _ = this[count - 1];
        }

        return values.AsSpan(0, count);
    }

    public void Clear() => values = [];
}
