using DefiMonitor.Core.Chain;

namespace DefiMonitor.Core.Alerts;

/// <summary>
/// The life of one alert, pure: it opens at a level, escalates at once, eases only past the close threshold, and is resolved, or retracted
/// when the block that raised it is no longer on the chain and the condition is gone.
/// </summary>
/// <remarks>
/// Told: every opening, every rise above what was last told, every ease that leaves Liquidatable or Critical, every end. So what people were told
/// walks from level to level and no two successive messages of an alert say the same. An observation that could not be made changes nothing:
/// what can't be read may raise an alert (under another rule), never clear one.
/// </remarks>
public static class AlertMachine
{
    /// <param name="state">The stored state, closed ones included; null = never opened.</param>
    /// <param name="seen">What the rule sees now.</param>
    /// <param name="isCanonical">Whether a block is on the canonical chain as judged now; true for finalized ones.</param>
    public static AlertStep Step(AlertState? state, Observation seen, Func<BlockRef, bool> isCanonical)
    {
        if (seen.Open is not { } open)
        {
            return Nothing(state);
        }

        if (state is not { IsOpen: true })
        {
            return open == AlertLevel.None ? Nothing(state) : Open(state, seen, open);
        }

        if (open > state.Level)
        {
            return Rise(state, seen, open);
        }

        var hold = seen.Hold is { } h && h > open ? h : open;
        var undone = !isCanonical(state.RaisedAt);
        if (hold >= state.Level)
        {
            // Undone by a reorg, but it holds on the canonical chain as well: the raise moves there and nothing is said.
            return undone ? new AlertStep(state with { RaisedAt = seen.Block.Ref }, true, null, state.ToldLevel) : Nothing(state);
        }

        return hold == AlertLevel.None ? Close(state, seen, undone) : Ease(state, seen, hold, undone);
    }

    /// <summary>The chain's own view came later: tells it once per answer, changes no level. A closed alert has nothing to confirm.</summary>
    public static AlertStep Hear(AlertState state, bool agrees)
    {
        var answer = agrees ? TransitionKind.Confirmed : TransitionKind.Disputed;
        return !state.IsOpen || state.Answer == answer
            ? Nothing(state)
            : new AlertStep(state with { Answer = answer, TransitionNumber = state.TransitionNumber + 1 }, true, answer, state.ToldLevel);
    }

    /// <summary>Somebody has seen it. Lasts until it rises above what was told.</summary>
    public static AlertState Acknowledge(AlertState state) => state with { Acknowledged = true };

    private static AlertStep Nothing(AlertState? state) => new(state, false, null, state?.ToldLevel ?? AlertLevel.None);

    private static AlertStep Open(AlertState? closed, Observation seen, AlertLevel level)
    {
        // After a reorg the chain may stand at or below the block that opened the last alert. That alert is then taken up again and its numbers go on,
        // so that an id, and with it a message id, never stands for two things.
        var again = closed is not null && closed.OpenedAt.Number >= seen.Block.Number;
        var state = new AlertState
        {
            AlertId = again ? closed!.AlertId : AlertIds.Alert(seen.Subject, seen.Rule, seen.Block.Number),
            Subject = seen.Subject,
            Rule = seen.Rule,
            Level = level,
            ToldLevel = level,
            OpenedAt = again ? closed!.OpenedAt : seen.Block.Ref,
            OpenedTimestamp = again ? closed!.OpenedTimestamp : seen.Block.Timestamp,
            RaisedAt = seen.Block.Ref,
            TransitionNumber = again ? closed!.TransitionNumber + 1 : 1,
            ToldHealth = seen.Health,
        };
        return new AlertStep(state, true, TransitionKind.Opened, AlertLevel.None);
    }

    private static AlertStep Rise(AlertState state, Observation seen, AlertLevel level)
    {
        var risen = state with { Level = level, RaisedAt = seen.Block.Ref };
        return level > state.ToldLevel
            ? Tell(risen with { Acknowledged = false }, seen, level, TransitionKind.Escalated, state.ToldLevel)
            : new AlertStep(risen, true, null, state.ToldLevel);
    }

    private static AlertStep Ease(AlertState state, Observation seen, AlertLevel level, bool undone)
    {
        var eased = state with { Level = level, RaisedAt = undone ? seen.Block.Ref : state.RaisedAt };
        return state.ToldLevel >= AlertLevel.Critical
            ? Tell(eased, seen, level, TransitionKind.Eased, state.ToldLevel)
            : new AlertStep(eased, true, null, state.ToldLevel);
    }

    private static AlertStep Close(AlertState state, Observation seen, bool undone) =>
        Tell(
            state with { Level = AlertLevel.None, Acknowledged = false },
            seen,
            AlertLevel.None,
            undone ? TransitionKind.Retracted : TransitionKind.Resolved,
            state.ToldLevel);

    private static AlertStep Tell(AlertState state, Observation seen, AlertLevel level, TransitionKind kind, AlertLevel before) =>
        new(
            state with { ToldLevel = level, ToldHealth = seen.Health, TransitionNumber = state.TransitionNumber + 1, Answer = null },
            true,
            kind,
            before);
}
