using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Engine.Replay;

/// <summary>One liquidation on the canonical chain and what was said before it.</summary>
/// <param name="LeadSeconds">Chain seconds between the last level and the liquidation; null where it was not alerted before.</param>
public sealed record ScoredLiquidation(MarginAccountId Account, BlockHeader Block, LiquidationOutcome Outcome, ulong? LeadSeconds);

public enum LiquidationOutcome
{
    AlertedBefore,

    /// <summary>One price update carried the account from outside the last level to the liquidation's block.</summary>
    ZeroLead,
    Missed,
}

/// <summary>Holds what was told against what happened. Pure.</summary>
public static class ReplayScore
{
    /// <summary>
    /// Scores one liquidation. <paramref name="told"/> are the account's transitions of the distance rule in the order in which they were committed.
    /// </summary>
    /// <param name="previousBlockJudged">True where the block before the liquidation was read and judged when it was the head: only then can a price gap be the excuse.</param>
    public static ScoredLiquidation Score(MarginAccountId account, BlockHeader block, IEnumerable<AlertTransition> told, bool previousBlockJudged)
    {
        var level = AlertLevel.None;
        BlockHeader? criticalSince = null;
        var toldAtTheBlock = false;
        foreach (var transition in told)
        {
            if (transition.Block.Number >= block.Number)
            {
                toldAtTheBlock |= transition.Block.Hash == block.Hash && transition.Level >= AlertLevel.Critical;
                continue;
            }

            if (transition.Level >= AlertLevel.Critical && level < AlertLevel.Critical)
            {
                criticalSince = transition.Block;
            }
            else if (transition.Level < AlertLevel.Critical)
            {
                criticalSince = null;
            }

            level = transition.Level;
        }

        if (criticalSince is not null)
        {
            return new(account, block, LiquidationOutcome.AlertedBefore, block.Timestamp - criticalSince.Timestamp);
        }

        var outcome = toldAtTheBlock && previousBlockJudged ? LiquidationOutcome.ZeroLead : LiquidationOutcome.Missed;
        return new(account, block, outcome, null);
    }

    /// <summary>Nearest-rank percentile; null of nothing.</summary>
    public static T? Percentile<T>(IEnumerable<T> values, double share)
        where T : struct
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? null : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
    }
}
