namespace DefiMonitor.Ethereum.Ranges;

public sealed record LogRangeOptions
{
    /// <summary>Most blocks asked for at once; fewer where the node says so or the logs lie dense.</summary>
    public ulong MostBlocks { get; init; } = 10_000;

    /// <summary>Blocks asked for at first.</summary>
    public ulong FirstBlocks { get; init; } = 100;

    /// <summary>Logs that a page should bring. Several small pages at once are faster than one large one, and what is held stays small.</summary>
    public int LogsPerPage { get; init; } = 2_000;

    /// <summary>Pages asked for at once. Fewer once a node asks for fewer requests.</summary>
    public int InFlight { get; init; } = 4;

    /// <summary>How long to wait, all pauses of one page together, for a node that does not answer or asks for fewer requests.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Addresses in one log filter; more are split over several requests.</summary>
    public int MaxAddressesPerFilter { get; init; } = 500;

    /// <summary>Most logs taken from one reply.</summary>
    public int MaxLogsPerReply { get; init; } = 500_000;
}
