using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>
/// Which positions an owner has, in the order of their ids. The owner stands in the row, because a position can be transferred. A cache of the position table and nothing
/// else: every change of a row comes through <see cref="ITableWatcher{TKey}"/>.
/// </summary>
internal sealed class OwnedPositions : OwnedKeys<UInt256>, ITableWatcher<UInt256>
{
    private readonly LyraTables tables;
    private readonly Dictionary<UInt256, Address> owners = [];

    public OwnedPositions(LyraTables tables)
    {
        this.tables = tables;
        tables.Positions.Watcher = this;
    }

    void ITableWatcher<UInt256>.Changed(in UInt256 key)
    {
        if (owners.Remove(key, out var before))
        {
            Of(before).Remove(key);
        }

        if (tables.Positions.TryGet(key, out var row))
        {
            owners.Add(key, row.Owner);
            Of(row.Owner).Add(key);
        }
    }

    void ITableWatcher<UInt256>.Cleared()
    {
        owners.Clear();
        Clear();
    }
}
