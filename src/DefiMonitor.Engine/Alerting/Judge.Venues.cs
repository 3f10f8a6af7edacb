using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Engine.Alerting;

/// <summary>What a round of the venues that speak through an API brought.</summary>
public sealed record VenueInput
{
    /// <summary>Seconds since 1970, by our clock.</summary>
    public required ulong Now { get; init; }

    /// <summary>Every account that is watched.</summary>
    public required IReadOnlyList<VenueSight> Sights { get; init; }

    /// <summary>The stored state of every alert of such accounts, closed ones included.</summary>
    public required IReadOnlyDictionary<AlertKey, AlertState> Alerts { get; init; }
}

/// <param name="Owner">A name of owners.json.</param>
/// <param name="UnknownSince">Second since which nothing certain is known of it; null = it is known.</param>
public sealed record VenueSight(VenueReport Report, string Owner, ulong? UnknownSince);

public sealed partial class Judge
{
    private const int VenueDecimals = 18;

    /// <summary>
    /// Judges accounts by what their venue itself says: "venue-margin" is liquidatable where it has flagged the account, danger while the initial margin is below 0; "unknown"
    /// after the usual seconds. What is not known opens "unknown" and closes nothing; what stands open of an account that is not watched any more is closed.
    /// </summary>
    public JudgementResult JudgeVenues(VenueInput input)
    {
        // Nothing here hangs on a block, so no reorg takes it back.
        var desk = new Desk(input.Alerts, static _ => true);
        foreach (var sight in input.Sights)
        {
            var report = sight.Report;
            Sighted(desk, input, sight, Rules.VenueMargin, LevelOf(report), Says(report));
            var unknownFor = Age(input.Now, sight.UnknownSince);
            AlertLevel? unread = sight.UnknownSince is null ? AlertLevel.None : unknownFor >= rules.UnknownAfterSeconds ? AlertLevel.Danger : null;
            Sighted(desk, input, sight, Rules.Unknown, unread, unread == AlertLevel.None
                ? "the venue's word on it is known again"
                : $"nothing certain is known of it for {Say.Span(unknownFor)}: {HostileText.OneLine(report.UnknownReason ?? "", Say.MaxSentence)}");
        }

        var watched = input.Sights.Select(static sight => sight.Report.Account.ToString()).ToHashSet();
        foreach (var state in input.Alerts.Values)
        {
            if (state is { IsOpen: true, Subject.Kind: SubjectKind.Venue } && !watched.Contains(state.Subject.Key))
            {
                Dismiss(desk, input, state);
            }
        }

        return desk.Result([], []);
    }

    private void Dismiss(Desk desk, VenueInput input, AlertState state)
    {
        const string Says = "it is not watched any more, so nothing is said of it; whether it was over nobody knows";
        var seen = new Observation { Subject = state.Subject, Rule = state.Rule, Block = Moment(input.Now), Open = AlertLevel.None };
        var step = desk.Step(seen);
        desk.Tell(Bare(step, step.Told!.Value, seen, default) with
        {
            Title = $"{ChainWords.Head(step.Told.Value, AlertLevel.None)}: {state.Subject.Key}: {Says}",
            Cause = new Cause(CauseKind.Reading, Says),
            Quiet = IsQuiet(AlertLevel.None, input.Now),
        });
    }

    private static AlertLevel? LevelOf(VenueReport report) => report.Status switch
    {
        MarginStatus.Unknown => null,
        MarginStatus.Healthy => report.InitialMargin < 0 ? AlertLevel.Danger : AlertLevel.None,
        _ => AlertLevel.Liquidatable,
    };

    private static string Says(VenueReport report) => report.Status switch
    {
        MarginStatus.Unknown => "",
        MarginStatus.Healthy when report.InitialMargin < 0 =>
            $"its initial margin is {Figure(report.InitialMargin)} US dollars: it can take on nothing more, and {Figure(report.MaintenanceMargin)} are left until the venue flags it for liquidation",
        MarginStatus.Healthy => $"its margins are above 0 again (maintenance {Figure(report.MaintenanceMargin)}, initial {Figure(report.InitialMargin)} US dollars)",
        _ => $"the venue has flagged it for liquidation: its maintenance margin is {Figure(report.MaintenanceMargin)} US dollars, its value {Figure(report.AccountValue)}",
    };

    private static string Figure(Int128? figure) =>
        figure is { } known ? (known < 0 ? "-" : "") + Units.Format((UInt256)(UInt128)Int128.Abs(known), VenueDecimals, 2) : "not known";

    private void Sighted(Desk desk, VenueInput input, VenueSight sight, string rule, AlertLevel? open, string says)
    {
        var report = sight.Report;
        var seen = new Observation { Subject = new AlertSubject(SubjectKind.Venue, report.Account.ToString()), Rule = rule, Block = Moment(input.Now), Open = open };
        var step = desk.Step(seen);
        if (step.Told is { } kind)
        {
            var level = step.State!.Level;
            desk.Tell(Bare(step, kind, seen, default) with
            {
                OwnerName = sight.Owner,
                Title = $"{ChainWords.Head(kind, level)}: {report.Account}: {says}",
                Lines =
                [
                    .. report.IsDelayedLiquidation ? ["The venue judges it by margins that it has lowered for a time."] : Array.Empty<string>(),
                    report.ValuedAt is { } valued ? $"Valued at {Say.Time(valued)} by the venue's own clock; it has no block, and no other view of the account confirms it." : "The venue did not say when it valued the account.",
                ],
                Cause = new Cause(CauseKind.Reading, says),
                Quiet = IsQuiet(level, input.Now),
            });
        }
    }
}
