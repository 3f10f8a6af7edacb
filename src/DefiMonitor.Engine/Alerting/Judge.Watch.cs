using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Engine.Alerting;

public sealed partial class Judge
{
    private static readonly AlertSubject Monitor = new(SubjectKind.Monitor, "monitor");
    private static readonly AlertSubject Venues = new(SubjectKind.Monitor, "venues");

    /// <summary>
    /// Judges what a timer sees: the rules "loop-dead", "blind", "late", "drift" and "incomplete" of each chain, "loop-dead" of the venues and "outbox-stuck" of the monitor. A dead loop keeps
    /// "blind" and "late" from opening, blindness keeps "late": one cause, one alert. How loud it is depends on whose slack the silence could eat.
    /// </summary>
    public JudgementResult JudgeWatch(WatchInput input)
    {
        // Nothing here hangs on a block, so no reorg takes it back.
        var desk = new Desk(input.Alerts, static _ => true);
        foreach (var chain in input.Chains)
        {
            JudgeChain(desk, input, chain);
        }

        JudgeVenueLoop(desk, input);
        JudgeOutbox(desk, input);
        return desk.Result([], []);
    }

    /// <summary>A test that goes the whole way: one message, and an alert that is closed already.</summary>
    /// <param name="now">Seconds since 1970; tells one test from the next.</param>
    /// <param name="level">Critical tries whether it wakes people.</param>
    public static JudgementResult Test(ulong now, AlertLevel level = AlertLevel.Warning)
    {
        var seen = new Observation { Subject = Monitor, Rule = Rules.Test, Block = Moment(now), Open = level };
        var step = AlertMachine.Step(null, seen, static _ => true);
        var transition = Bare(step, step.Told!.Value, seen, default) with
        {
            Title = $"{ChainWords.Head(step.Told.Value, level)}: this is a test of the alert path; nothing is wrong",
            Lines = [$"Asked for at {Say.Time(now)}. Who reads this is reached."],
        };
        return new JudgementResult { Changed = [step.State! with { Level = AlertLevel.None, ToldLevel = AlertLevel.None }], Transitions = [transition] };
    }

    private void JudgeChain(Desk desk, WatchInput input, ChainVitals chain)
    {
        var now = input.Now;
        var subject = new AlertSubject(SubjectKind.Chain, chain.Chain.ToString());
        var dead = IsDead(now, chain.LoopBeatAt, chain.LoopStopped, chain.JudgedAt ?? chain.LoopBeatAt);
        var beat = Age(now, chain.LoopBeatAt);
        var lookedAt = chain.JudgedAt ?? chain.LoopBeatAt;
        var why = chain.LoopStopped is { } stopped ? Reason(stopped) : $"no sign of life for {Say.Span(beat)}";
        Watch(desk, input, chain, subject, Rules.LoopDead, Loud(chain, dead, AlertLevel.Danger, Age(now, lookedAt)), Age(now, lookedAt),
            $"the loop that watches this chain has stopped: {why}", "the loop that watches this chain runs again");

        var blindFor = Age(now, chain.BlindSince);
        bool? blind = chain.BlindSince is null ? false : dead == true ? null : blindFor >= rules.UnknownAfterSeconds ? true : null;
        Watch(desk, input, chain, subject, Rules.Blind, Loud(chain, blind, AlertLevel.Warning, blindFor), blindFor,
            $"no node can be read for {Say.Span(blindFor)}: {Reason(chain.BlindReason)}", "the node can be read again");

        var age = Age(now, chain.Head?.Timestamp);
        var limit = Math.Max(rules.LateMinimumSeconds, rules.LateFactor * chain.BlockSeconds);

        // While blocks keep coming farther apart than the limit the alert stays open, or it would open and close with each of them.
        var hold = chain.HeadGapSeconds > limit ? AlertLevel.Warning : AlertLevel.None;
        bool? late = chain.Head is null ? null : age <= limit ? false : dead == true || chain.BlindSince is not null ? null : true;
        Watch(desk, input, chain, subject, Rules.Late, Loud(chain, late, AlertLevel.Warning, age), age,
            $"the newest block is {Say.Span(age)} old", "new blocks arrive again", hold);

        foreach (var drift in chain.Drift)
        {
            JudgeDrift(desk, input, chain, drift);
        }

        foreach (var market in chain.Completeness)
        {
            JudgeCompleteness(desk, input, chain, market);
        }
    }

    // Null = cannot be said: a loop that has not begun, or one that has just stopped and may be back in a moment.
    private bool? IsDead(ulong now, ulong? beatAt, string? stopped, ulong? lookedAt)
    {
        if (beatAt is null)
        {
            return null;
        }

        if (Age(now, beatAt) >= rules.LoopDeadAfterSeconds)
        {
            return true;
        }

        return stopped is null ? false : Age(now, lookedAt) >= rules.LoopDeadAfterSeconds ? true : null;
    }

    private static AlertLevel? Loud(ChainVitals chain, bool? holds, AlertLevel usual, ulong blindSeconds) =>
        holds is null ? null
        : holds == false ? AlertLevel.None
        : AtStake(chain, blindSeconds).Count > 0 ? AlertLevel.Critical : usual;

    private static List<StandingAccount> AtStake(ChainVitals chain, ulong blindSeconds)
    {
        var near = new List<StandingAccount>();
        foreach (var account in chain.Standing)
        {
            if (Blindness.MattersTo(account.Sigmas, account.Level, blindSeconds))
            {
                near.Add(account);
            }
        }

        near.Sort(static (a, b) =>
        {
            var order = b.Level.CompareTo(a.Level);
            order = order != 0 ? order : (a.Sigmas ?? double.MaxValue).CompareTo(b.Sigmas ?? double.MaxValue);
            return order != 0 ? order : a.Account.CompareTo(b.Account);
        });
        return near;
    }

    private void Watch(
        Desk desk, WatchInput input, ChainVitals chain, AlertSubject subject, string rule, AlertLevel? open, ulong blindSeconds, string trouble, string over,
        AlertLevel hold = AlertLevel.None)
    {
        var seen = new Observation { Subject = subject, Rule = rule, Block = chain.Head ?? NoBlock(input.Now), Open = open, Hold = hold };
        var step = desk.Step(seen);
        if (step.Told is { } kind)
        {
            var level = step.State!.Level;
            desk.Tell(Bare(step, kind, seen, chain.Chain) with
            {
                Title = $"{ChainWords.Head(kind, level)}: {chain.Chain}: {(level == AlertLevel.None ? over : trouble)}",
                Lines = level == AlertLevel.None ? [] : [ChainWords.AtStake(AtStake(chain, blindSeconds), chain.Accounts)],
                Cause = new Cause(CauseKind.Reading, level == AlertLevel.None ? over : trouble),
                Quiet = IsQuiet(level, input.Now),
            });
        }
    }

    private void JudgeDrift(Desk desk, WatchInput input, ChainVitals chain, DriftVitals drift)
    {
        var subject = new AlertSubject(SubjectKind.Market, drift.Deployment.ToString());
        AlertLevel? open = drift.Compared == 0 ? null
            : drift.Different == 0 ? AlertLevel.None
            : drift.VerdictDiffers ? AlertLevel.Critical : AlertLevel.Danger;
        var seen = new Observation { Subject = subject, Rule = Rules.Drift, Block = chain.Head ?? NoBlock(input.Now), Open = open };
        var step = desk.Step(seen);
        if (step.Told is { } kind)
        {
            var level = step.State!.Level;
            var says = level == AlertLevel.None
                ? $"our figures agree with the chain's again ({drift.Compared} accounts compared)"
                : $"our figures differ from the chain's for {drift.Different} of {drift.Compared} accounts{(drift.VerdictDiffers ? ", and so does who is liquidatable" : "")}";
            desk.Tell(Bare(step, kind, seen, chain.Chain) with
            {
                Title = $"{ChainWords.Head(kind, level)}: {drift.Deployment}: {says}",
                Lines = level == AlertLevel.None || drift.Text is null ? [] : [$"First difference: {HostileText.OneLine(drift.Text, Say.MaxSentence)}", "Until this ends, hold what is said of this market against the venue's own page."],
                Cause = new Cause(CauseKind.Reading, says),
                Quiet = IsQuiet(level, input.Now),
            });
        }
    }

    private void JudgeCompleteness(Desk desk, WatchInput input, ChainVitals chain, CompletenessVitals market)
    {
        var subject = new AlertSubject(SubjectKind.Market, market.Deployment.ToString());
        var seen = new Observation
        {
            Subject = subject, Rule = Rules.Incomplete, Block = market.Block, Open = market.Broken > 0 ? AlertLevel.Warning : AlertLevel.None,
        };
        var step = desk.Step(seen);
        if (step.Told is { } kind)
        {
            var level = step.State!.Level;
            var says = level == AlertLevel.None ? "the debts of all its borrowers add up to the contract's totals again" : HostileText.OneLine(market.Text ?? "its debts do not add up", Say.MaxSentence);
            desk.Tell(Bare(step, kind, seen, chain.Chain) with
            {
                Title = $"{ChainWords.Head(kind, level)}: {market.Deployment}: {says}",
                Lines = level == AlertLevel.None ? [] :
                [
                    $"{market.Broken} of {market.Equations} debts do not add up at block {market.Block.Number}. Either borrowers were never found ('discover --watch' finds them) or a log was lost ('repair' reads everybody afresh).",
                ],
                Cause = new Cause(CauseKind.Reading, says),
                Quiet = IsQuiet(level, input.Now),
            });
        }
    }

    private void JudgeVenueLoop(Desk desk, WatchInput input)
    {
        // Where no venue is watched any more, what was said of the loop is over.
        var loop = input.Venues ?? new VenueVitals { LoopBeatAt = input.Now };
        AlertLevel? open = IsDead(input.Now, loop.LoopBeatAt, loop.LoopStopped, loop.RoundAt) switch
        {
            null => null,
            false => AlertLevel.None,
            true => loop.Flagged > 0 ? AlertLevel.Critical : AlertLevel.Danger,
        };
        var seen = new Observation { Subject = Venues, Rule = Rules.LoopDead, Block = Moment(input.Now), Open = open };
        var step = desk.Step(seen);
        if (step.Told is { } kind)
        {
            var level = step.State!.Level;
            var says = level != AlertLevel.None
                ? $"the loop that asks them has stopped: {(loop.LoopStopped is { } stopped ? Reason(stopped) : $"no sign of life for {Say.Span(Age(input.Now, loop.LoopBeatAt))}")}"
                : input.Venues is null ? "none is watched any more" : "the loop that asks them runs again";
            desk.Tell(Bare(step, kind, seen, default) with
            {
                Title = $"{ChainWords.Head(kind, level)}: the venues: {says}",
                Lines = level == AlertLevel.None ? [] : [$"{loop.Accounts} accounts are watched there, {loop.Flagged} of them with an alert open. Nothing is said of them until it runs."],
                Cause = new Cause(CauseKind.Reading, says),
                Quiet = IsQuiet(level, input.Now),
            });
        }
    }

    private void JudgeOutbox(Desk desk, WatchInput input)
    {
        var outbox = input.Outbox;
        var waiting = Age(input.Now, outbox.OldestWaitingSince);
        var stuck = outbox.OldestWaitingSince is not null && waiting >= rules.OutboxStuckAfterSeconds;
        AlertLevel? open = stuck ? (outbox.UrgentWaiting ? AlertLevel.Critical : AlertLevel.Danger) : outbox.DeadLetters > 0 ? AlertLevel.Warning : AlertLevel.None;
        var seen = new Observation { Subject = Monitor, Rule = Rules.OutboxStuck, Block = Moment(input.Now), Open = open };
        var step = desk.Step(seen);
        if (step.Told is { } kind)
        {
            var level = step.State!.Level;
            var says = stuck ? $"{outbox.Waiting} messages wait for delivery, the oldest for {Say.Span(waiting)}"
                : outbox.DeadLetters > 0 ? $"{outbox.DeadLetters} messages could not be delivered and were given up"
                : "all messages are delivered";
            desk.Tell(Bare(step, kind, seen, default) with
            {
                Title = $"{ChainWords.Head(kind, level)}: the monitor: {says}",
                Lines = outbox.Text is null ? [] : [HostileText.OneLine(outbox.Text, Say.MaxSentence)],
                Cause = new Cause(CauseKind.Reading, says),
                Quiet = IsQuiet(level, input.Now),
            });
        }
    }

    private static AlertTransition Bare(AlertStep step, TransitionKind kind, Observation seen, ChainId chain) => new()
    {
        AlertId = step.State!.AlertId,
        Number = step.State.TransitionNumber,
        Subject = seen.Subject,
        Rule = seen.Rule,
        Kind = kind,
        Level = step.State.Level,
        PreviousLevel = step.PreviousLevel,
        Chain = chain,
        Block = seen.Block,
        Title = "",
        Lines = [],
    };

    // A chain of which no block was ever seen.
    private static BlockHeader NoBlock(ulong now) => new(0, Hash32.Zero, Hash32.Zero, now);

    // The monitor has no blocks: its alerts are told apart by the second.
    private static BlockHeader Moment(ulong second) => new(second, Hash32.Zero, Hash32.Zero, second);

    private static ulong Age(ulong now, ulong? second) => second is { } s && now > s ? now - s : 0;
}
