using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk;

namespace DefiMonitor.Core.Ledger;

/// <summary>One trigger of one account, or that an account could not be read and may be anywhere.</summary>
public sealed record LedgerTrigger
{
    public required ChainId Chain { get; init; }

    public BlockRef? Block { get; init; }

    public long? AgeSeconds { get; init; }

    public required string Venue { get; init; }

    public MarginAccountId? Account { get; init; }

    public MarginStatus Status { get; init; }

    /// <summary>Wad, by the venue's own prices.</summary>
    public UInt256? HealthFactor { get; init; }

    /// <summary>Null where the account is Unknown.</summary>
    public TriggerKind? Kind { get; init; }

    /// <summary>Wad.</summary>
    public UInt256? Threshold { get; init; }

    public bool Active { get; init; }

    public string? Unarmed { get; init; }

    /// <inheritdoc cref="Trigger.UniformFallPpm"/>
    public uint? UniformFallPpm { get; init; }

    /// <summary>Distance in daily standard deviations of the account's own mix (Model); null = not known, or it has none.</summary>
    public double? Sigmas { get; init; }

    /// <summary>Why the account is Unknown, or how far this trigger of it.</summary>
    public string? Why { get; init; }

    /// <summary>What pulls now, then what is not known, then by distance; what is not armed comes last. So the nearest is the first, and nothing unknown ever stands behind it.</summary>
    public static IReadOnlyList<LedgerTrigger> Of(IReadOnlyList<ChainHoldings> chains, IAssetProfiles profiles) =>
        [.. chains.SelectMany(c => Of(c, profiles)).OrderBy(Rank).ThenBy(static t => t.Sigmas ?? double.MaxValue).ThenBy(static t => t.Venue, StringComparer.Ordinal).ThenBy(static t => t.Account)];

    private static int Rank(LedgerTrigger trigger) => trigger switch
    {
        { Active: true } => 0,
        { Status: MarginStatus.Unknown } => 1,
        { Unarmed: null } => 2,
        _ => 3,
    };

    private static IEnumerable<LedgerTrigger> Of(ChainHoldings chain, IAssetProfiles profiles)
    {
        var blank = new LedgerTrigger { Chain = chain.Chain, Block = chain.Block?.Ref, AgeSeconds = chain.AgeSeconds, Venue = LedgerBuilder.WholeChain, Status = MarginStatus.Unknown };
        if (chain.Unreadable is { } dead)
        {
            yield return blank with { Why = dead };
            yield break;
        }

        foreach (var failure in chain.Failures)
        {
            yield return blank with { Venue = failure.Deployment.ToString(), Why = failure.Why };
        }

        foreach (var (_, report) in chain.Reports)
        {
            var account = blank with { Venue = report.Account.Deployment.ToString(), Account = report.Account, Status = report.Status, HealthFactor = report.HealthFactor };
            if (report.Status == MarginStatus.Unknown)
            {
                yield return account with { Why = report.UnknownReason };
                continue;
            }

            var daily = report.NearEdges is null ? SigmaDistance.Of(report, profiles)?.DailySigma : null;
            foreach (var trigger in report.Triggers)
            {
                var told = account with
                {
                    Kind = trigger.Kind,
                    Threshold = trigger.Threshold,
                    Active = trigger.Active,
                    Unarmed = trigger.Unarmed,
                    UniformFallPpm = trigger.UniformFallPpm,
                    Sigmas = report.NearEdges is null || trigger.Active ? SigmasTo(trigger, report, daily) : SigmaDistance.ToNearest(report, trigger.Edges, profiles)?.Sigmas,
                };

                if (trigger is { Active: false, Unknown: { } why })
                {
                    yield return told with { Status = MarginStatus.Unknown, Sigmas = null, Why = why };
                    continue;
                }

                // What a stale block calls active stays loud; how far the rest is by now nobody knows.
                yield return chain.Stale is { } stale && !trigger.Active ? told with { Status = MarginStatus.Unknown, Sigmas = null, Why = stale } : told;
            }
        }
    }

    private static double? SigmasTo(Trigger trigger, MarginReport report, double? daily)
    {
        if (trigger.Active)
        {
            return 0;
        }

        return trigger is { Unarmed: null, Unknown: null } && daily is { } sigma && report.HealthFactor is { } health && !trigger.Threshold.IsZero && !health.IsZero
            ? Math.Max(0, Math.Log(health.ToDouble() / trigger.Threshold.ToDouble())) / sigma
            : null;
    }
}
