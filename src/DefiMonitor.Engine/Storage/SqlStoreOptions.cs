namespace DefiMonitor.Engine.Storage;

public sealed record SqlStoreOptions
{
    /// <summary>The database file; it and its folder are created when missing.</summary>
    public required string Path { get; init; }

    /// <summary>Whole seconds to wait for another process's lock, at least 1.</summary>
    public int BusySeconds { get; init; } = 5;

    /// <summary>Flush every commit to the disk before it counts. Off only where losing the file with the machine does not matter.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Upper bound of the file in pages of 4,096 bytes; null = the disk is the bound.</summary>
    public int? MaxPages { get; init; }

    /// <summary>Keeps the database in memory under the name <see cref="Path"/>, shared by every store of this process with that name while one is open.</summary>
    public bool InMemory { get; init; }
}
