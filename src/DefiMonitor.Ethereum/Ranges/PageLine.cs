namespace DefiMonitor.Ethereum.Ranges;

/// <summary>Pages in the order of their blocks, the first few of them being fetched.</summary>
internal sealed class PageLine(ulong from, ulong to, Func<ulong, ulong, Task<LogPage>> fetch)
{
    private readonly LinkedList<Segment> line = new();
    private ulong? next = from;

    /// <summary>The first page, being fetched, with up to <paramref name="most"/> being fetched in all; null at the end of the range.</summary>
    public (ulong To, Task<LogPage> Page)? Take(int most, ulong size)
    {
        while (line.Count < most && next is { } first)
        {
            var last = first + Math.Min(size - 1, to - first);
            line.AddLast(new Segment(first, last));
            next = last < to ? last + 1 : null;
        }

        var node = line.First;
        for (var i = 0; i < most && node is not null; i++, node = node.Next)
        {
            node.Value.Page ??= fetch(node.Value.From, node.Value.To);
        }

        if (line.First is not { } taken)
        {
            return null;
        }

        line.RemoveFirst();
        return (taken.Value.To, taken.Value.Page!);
    }

    /// <summary>What a page left of its segment goes first in the line, cut to size.</summary>
    public void PutBack(ulong served, ulong asked, ulong size)
    {
        if (served >= asked)
        {
            return;
        }

        LinkedListNode<Segment>? after = null;
        for (var first = served + 1; ; )
        {
            var last = first + Math.Min(size - 1, asked - first);
            var segment = new Segment(first, last);
            after = after is null ? line.AddFirst(segment) : line.AddAfter(after, segment);
            if (last == asked)
            {
                return;
            }

            first = last + 1;
        }
    }

    /// <summary>Waits until nothing is being fetched; how the pages ended no longer matters.</summary>
    public async Task EndAsync()
    {
        foreach (var segment in line)
        {
            if (segment.Page is { } page)
            {
                await ((Task)page).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private sealed class Segment(ulong from, ulong to)
    {
        public ulong From { get; } = from;

        public ulong To { get; } = to;

        public Task<LogPage>? Page { get; set; }
    }
}
