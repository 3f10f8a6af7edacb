namespace DefiMonitor.Core.State;

/// <summary>Told of every row that may have changed, by whatever door: what a mirror of the tables is invalidated by. Must not write to the table.</summary>
public interface ITableWatcher<TKey>
    where TKey : unmanaged
{
    /// <summary>After the row was set, removed, undone or loaded.</summary>
    void Changed(in TKey key);

    /// <summary>After all rows went.</summary>
    void Cleared();
}
