namespace DefiMonitor.Core.State;

/// <summary>A table as the engine sees it: bytes that can be sealed, undone, stored and loaded.</summary>
public interface IStateTable
{
    string Name { get; }

    int Count { get; }

    int KeySize { get; }

    int RowSize { get; }

    Type KeyType { get; }

    Type RowType { get; }

    /// <summary>Closes the open block: what changed since the last seal, sorted by key.</summary>
    TableDiff Seal();

    /// <summary>Takes out every row as a change of the open block: sealed, stored and undone like any other.</summary>
    void RemoveAll();

    /// <summary>Steps one sealed diff back.</summary>
    void Undo(TableDiff diff);

    /// <summary>Puts a stored row back, outside any block.</summary>
    void Load(ReadOnlySpan<byte> key, ReadOnlySpan<byte> row);

    void Clear();

    /// <summary>Every row, sorted by key: what two runs are compared by.</summary>
    IReadOnlyList<KeyValuePair<byte[], byte[]>> Dump();
}

/// <summary>One row's change in one block; null means "was not there" and "is not there".</summary>
public sealed record RowChange(byte[] Key, byte[]? Before, byte[]? After);

public sealed record TableDiff(string Table, IReadOnlyList<RowChange> Changes);
