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

    // Per block folded: its header and its logs. Per look: the head, one multicall. Finality: once in twelve seconds at the most, once a look at the least.
    private const double PerBlock = 2;
    private const double PerLook = 2;

    // A look afresh: the head, up to three rounds to open the markets, two to four for the accounts, one of reads.
    private const double PerFreshLook = 8;

    // Of a budget, so much is planned for; the rest pays for looks near a rule, forks, and the outbox's confirmations.
    private const double CalmShare = 0.6;

    public static CallPlan For(ChainSettings chain)
    {
        var block = (double)chain.NextBlockSeconds;
        var wanted = Math.Max(block, chain.PollSeconds ?? block);
        var follow = Follow(block, wanted);
        if (chain.CallsPerDay is not { } budget || follow <= budget * CalmShare)
        {
            return new CallPlan(CallMode.Follow, wanted, block, (long)Math.Ceiling(follow), chain.CallsPerDay);
        }

        // Looking less often saves looks, but every block still costs its header and logs.
        var spare = (budget * CalmShare) - (SecondsPerDay / block * PerBlock);
        if (spare > 0)
        {
            var look = Math.Max(wanted, SecondsPerDay * (PerLook + 1) / spare);
            if (look <= chain.MaxReadAgeBlocks * block)
            {
                return new CallPlan(CallMode.Follow, look, block, (long)Math.Ceiling(Follow(block, look)), budget);
            }
        }

        var fresh = Math.Max(wanted, SecondsPerDay * PerFreshLook / (budget * CalmShare));
        return new CallPlan(CallMode.Fresh, fresh, Math.Max(block, fresh / 4), (long)Math.Ceiling(SecondsPerDay / fresh * PerFreshLook), budget);
    }

    private static double Follow(double block, double look) =>
        (SecondsPerDay / block * PerBlock) + (SecondsPerDay / look * PerLook) + (SecondsPerDay / Math.Max(12, look));
}

public enum CallMode
{
    /// <summary>Every block's logs are folded: no change of an account is missed between two looks.</summary>
    Follow,

    /// <summary>Watch-list mode: the accounts are read whole at each look, and the blocks between two looks are not.</summary>
    Fresh,
}
