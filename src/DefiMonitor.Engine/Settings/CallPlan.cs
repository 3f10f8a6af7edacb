namespace DefiMonitor.Engine.Settings;

/// <summary>
/// How many JSON-RPC calls a chain costs a day, and how often it may be looked at within what the plan allows. Estimates of cost, never of risk.
/// </summary>
/// <param name="Mode">Whether every block's logs are folded, or the watched accounts are read afresh at each look.</param>
/// <param name="LookSeconds">Pause between two looks at the head when nothing is near a rule.</param>
/// <param name="NearLookSeconds">The same while an account is near a rule; what the calm hours saved pays for it.</param>
/// <param name="CallsPerDay">Expected, all looks calm.</param>
/// <param name="Budget">What the plan allows; null = no limit.</param>
public sealed record CallPlan(CallMode Mode, double LookSeconds, double NearLookSeconds, long CallsPerDay, long? Budget)
{
    private const double SecondsPerDay = 86_400;

    // A look afresh: the head, up to four rounds to open the markets, two to four for the accounts, one of reads [measured: 8 to 9].
    internal const double PerFreshLook = 9;

    // Of a budget, so much is planned for; the rest pays for looks near a rule, forks, and the outbox's confirmations.
    private const double CalmShare = 0.6;

    // Without a subscription a block is seen by chance within a look: looking thrice a block sees it a sixth of a block late on average.
    private const double LooksPerBlock = 3;

    public static CallPlan For(ChainSettings chain)
    {
        var block = (double)chain.NextBlockSeconds;
        var usual = chain.PollSeconds ?? Math.Max(1, block / LooksPerBlock);
        if (chain.CallsPerDay is not { } budget)
        {
            return new CallPlan(CallMode.Follow, usual, usual, Follow(block, usual), null);
        }

        // Looking less often saves looks, down to one a block: what a block costs from there on, its logs, header and reads, no pause saves.
        for (var look = usual; look <= Math.Max(usual, block); look += Math.Max(0.25, block / 16))
        {
            if (Follow(block, look) <= budget * CalmShare)
            {
                return new CallPlan(CallMode.Follow, look, look, Follow(block, look), budget);
            }
        }

        var fresh = Math.Max(usual, SecondsPerDay * PerFreshLook / (budget * CalmShare));
        return new CallPlan(CallMode.Fresh, fresh, Math.Max(usual, fresh / 4), (long)Math.Ceiling(SecondsPerDay / fresh * PerFreshLook), budget);
    }

    /// <summary>
    /// Calls a day when every block is folded: the head at each look, each block's logs, one multicall a judged block, the headers of blocks that no look
    /// showed, and finality once in twelve seconds at the most.
    /// </summary>
    private static long Follow(double block, double look)
    {
        var blocks = SecondsPerDay / block;
        var looks = SecondsPerDay / look;
        var judged = Math.Min(blocks, looks);
        return (long)Math.Ceiling(looks + blocks + judged + (blocks - judged) + (SecondsPerDay / Math.Max(12, look)));
    }
}

public enum CallMode
{
    /// <summary>Every block's logs are folded: no change of an account is missed between two looks.</summary>
    Follow,

    /// <summary>Watch-list mode: the accounts are read whole at each look, and the blocks between two looks are not.</summary>
    Fresh,
}
