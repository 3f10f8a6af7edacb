using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.State;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// The diffs between the disk and the head. Memory is the head, disk is the finalized block, this is the difference: it steps one block back,
/// and it hands out what became final.
/// </summary>
public sealed class StateJournal(IReadOnlyList<IProtocol> protocols)
{
    private readonly List<JournalBlock> blocks = [];

    /// <summary>The newest block; null when nothing lies above the disk.</summary>
    public JournalBlock? Top => blocks.Count == 0 ? null : blocks[^1];

    public int Count => blocks.Count;

    /// <summary>Liquidations that no judgement has told yet, oldest first.</summary>
    public List<(BlockHeader Block, Liquidation Liquidation)> Untold()
    {
        var untold = new List<(BlockHeader, Liquidation)>();
        foreach (var block in blocks)
        {
            untold.AddRange(block.Untold.ConvertAll(l => (block.Header, l)));
        }

        return untold;
    }

    /// <summary>Takes them out: they stand on file.</summary>
    public void Told(IReadOnlyCollection<(BlockHeader Block, Liquidation Liquidation)> told)
    {
        foreach (var block in blocks)
        {
            block.Untold.RemoveAll(l => told.Contains((block.Header, l)));
        }
    }

    /// <summary>Number of the oldest block with such; null where there is none.</summary>
    public ulong? FirstUntold => blocks.Find(static b => b.Untold.Count > 0)?.Header.Number;

    /// <summary>Begins a block: everything sealed from now on is its.</summary>
    public JournalBlock Open(BlockHeader header)
    {
        if (Top is { } top && top.Header.Hash != header.ParentHash)
        {
            throw new InvalidOperationException($"Block {header.Ref} is no child of {top.Header.Ref}.");
        }

        var block = new JournalBlock(header);
        blocks.Add(block);
        return block;
    }

    /// <summary>Closes what was written since the last seal, as a further diff of the newest block.</summary>
    public void Seal()
    {
        for (var p = 0; p < protocols.Count; p++)
        {
            var tables = protocols[p].Tables;
            for (var t = 0; t < tables.Count; t++)
            {
                var diff = tables[t].Seal();
                if (diff.Changes.Count > 0)
                {
                    (Top ?? throw new InvalidOperationException($"{protocols[p].Id} wrote into table {diff.Table} outside any block.")).Diffs.Add(new PlacedDiff(p, t, diff));
                }
            }
        }
    }

    /// <summary>Steps the newest block back and returns it.</summary>
    public JournalBlock Undo()
    {
        var top = Top ?? throw new InvalidOperationException("There is no block to step back.");
        for (var i = top.Diffs.Count - 1; i >= 0; i--)
        {
            var placed = top.Diffs[i];
            protocols[placed.Protocol].Tables[placed.Table].Undo(placed.Diff);
        }

        blocks.RemoveAt(blocks.Count - 1);
        return top;
    }

    /// <summary>
    /// Takes out the oldest blocks up to the number and returns, of every row that they changed, the value as of the last of them; null where there is no such block.
    /// </summary>
    /// <param name="changesAtMost">Changes in all of them; the oldest block is taken whatever it holds.</param>
    public FinalizedBlocks? Finalize(ulong upTo, int changesAtMost = int.MaxValue)
    {
        var count = 0;
        var changes = 0L;
        while (count < blocks.Count && blocks[count].Header.Number <= upTo)
        {
            changes += blocks[count].Changes;
            if (count > 0 && changes > changesAtMost)
            {
                break;
            }

            count++;
        }

        if (count == 0)
        {
            return null;
        }

        var final = blocks.GetRange(0, count);
        blocks.RemoveRange(0, count);
        return new FinalizedBlocks(final[^1].Header, Merge(final), final);
    }

    /// <summary>Forgets everything, tables included.</summary>
    public void Clear()
    {
        blocks.Clear();
        foreach (var protocol in protocols)
        {
            foreach (var table in protocol.Tables)
            {
                table.Clear();
            }
        }
    }

    private List<RowWrite> Merge(List<JournalBlock> final)
    {
        var last = new Dictionary<RowKey, byte[]?>();
        foreach (var block in final)
        {
            foreach (var (protocol, table, diff) in block.Diffs)
            {
                foreach (var change in diff.Changes)
                {
                    last[new RowKey(protocol, table, change.Key)] = change.After;
                }
            }
        }

        var keys = new List<RowKey>(last.Keys);
        keys.Sort();
        var rows = new List<RowWrite>(keys.Count);
        foreach (var key in keys)
        {
            rows.Add(new RowWrite(protocols[key.Protocol].Id, protocols[key.Protocol].Tables[key.Table].Name, key.Key, last[key]));
        }

        return rows;
    }

    private readonly struct RowKey(int protocol, int table, byte[] key) : IEquatable<RowKey>, IComparable<RowKey>
    {
        public int Protocol => protocol;

        public int Table => table;

        public byte[] Key => key;

        public bool Equals(RowKey other) => protocol == other.Protocol && table == other.Table && key.AsSpan().SequenceEqual(other.Key);

        public override bool Equals(object? obj) => obj is RowKey other && Equals(other);

        public override int GetHashCode()
        {
            var code = new HashCode();
            code.Add(protocol);
            code.Add(table);
            code.AddBytes(key);
            return code.ToHashCode();
        }

        public int CompareTo(RowKey other)
        {
            var order = protocol.CompareTo(other.Protocol);
            order = order != 0 ? order : table.CompareTo(other.Table);
            return order != 0 ? order : key.AsSpan().SequenceCompareTo(other.Key);
        }
    }
}

/// <summary>One block above the disk.</summary>
public sealed class JournalBlock(BlockHeader header)
{
    public BlockHeader Header => header;

    /// <summary>In the order in which they were sealed.</summary>
    public List<PlacedDiff> Diffs { get; } = [];

    /// <summary>Rows written, each as often as a diff names it.</summary>
    public int Changes
    {
        get
        {
            var count = 0;
            foreach (var placed in Diffs)
            {
                count += placed.Diff.Changes.Count;
            }

            return count;
        }
    }

    /// <summary>Kept only where raw logs are stored.</summary>
    public List<Log> Logs { get; } = [];

    /// <summary>Accounts whose inputs changed here: when the block is undone they are judged again.</summary>
    public HashSet<MarginAccountId> Touched { get; } = [];

    /// <summary>Liquidations of accounts that are followed, until a judgement that knew of them was committed. After a restart the alerts on file tell.</summary>
    public List<Liquidation> Untold { get; } = [];

    /// <summary>Accounts that entered here: when the block is undone they wait again.</summary>
    public HashSet<MarginAccountId> Entered { get; } = [];
}

/// <param name="Protocol">Index of the protocol.</param>
/// <param name="Table">Index of its table.</param>
public readonly record struct PlacedDiff(int Protocol, int Table, TableDiff Diff);

public sealed record FinalizedBlocks(BlockHeader Last, IReadOnlyList<RowWrite> Rows, IReadOnlyList<JournalBlock> Blocks);
