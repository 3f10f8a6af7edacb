namespace DefiMonitor.Ethereum.Following;

public sealed record ChainFollowerOptions
{
    /// <summary>The chain's name in the configuration, for sentences that name a command.</summary>
    public string ChainName { get; init; } = "CHAIN";

    /// <summary>Blocks below the head that count as final. Null = ask the node for <c>finalized</c>, and where it has none take <see cref="UsualFinalityDepth"/>.</summary>
    public uint? FinalityDepth { get; init; }

    /// <summary>Two epochs of Ethereum.</summary>
    public uint UsualFinalityDepth { get; init; } = 64;

    /// <summary>Least time between two questions for finality, and between two checks of the endpoints.</summary>
    public TimeSpan FinalityEvery { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>When finality stalls, blocks deeper than this are taken as final all the same, so that memory stays bounded; <see cref="ChainFollower.FinalityStalled"/> tells.</summary>
    public int MaxUnfinalized { get; init; } = 8_192;

    /// <summary>Blocks fetched at once while catching up.</summary>
    public int BlocksAtOnce { get; init; } = 64;

    /// <summary>Pause between two looks at the head without a subscription, or when it is mute.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>A subscription that has told nothing for so long is mute: the head is polled then.</summary>
    public TimeSpan MuteAfter { get; init; } = TimeSpan.FromSeconds(36);
}
