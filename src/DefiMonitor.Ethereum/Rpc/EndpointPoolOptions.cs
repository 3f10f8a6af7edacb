namespace DefiMonitor.Ethereum.Rpc;

public sealed record EndpointPoolOptions
{
    /// <summary>The chain's name, for metrics.</summary>
    public string Network { get; init; } = "";

    /// <summary>Posts that one question may cost, all endpoints together; at least one for each endpoint.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>First pause after a failure; doubles with every further one in a row, and is jittered by a quarter either way.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>When every endpoint has to be left alone for longer, the question fails at once: who asked must be able to say that he is blind.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>An endpoint of another chain, or one that lies about blocks, is left alone for so long.</summary>
    public TimeSpan Banishment { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Least time between two comparisons of the endpoints.</summary>
    public TimeSpan CompareEvery { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>An endpoint so many blocks behind the best is stale, though it answers. Endpoints disagree about the tip all day, hence also the depth at which hashes are compared.</summary>
    public ulong BlocksBehind { get; init; } = 3;

    /// <summary>A preferred endpoint that has been fine for so long is used again.</summary>
    public TimeSpan ReturnAfter { get; init; } = TimeSpan.FromMinutes(5);
}
