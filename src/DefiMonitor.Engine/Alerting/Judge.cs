using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk;

namespace DefiMonitor.Engine.Alerting;

/// <summary>
/// Turns the reports of one block into alerts. Pure: the same input always gives the same result, in the same order. Rules go by the worse of the two instants.
/// </summary>
public sealed class Judge(RuleBook rules, IAssetProfiles profiles)
{
    /// <summary>Judges one block of one chain: the rules "distance" and "unknown".</summary>
    public JudgementResult Run(JudgementInput input)
    {
        var changed = new List<AlertState>();
        var transitions = new List<AlertTransition>();
        var judged = new List<JudgedAccount>();
        foreach (var account in input.Accounts)
        {
            var worse = Worse(account.AtBlock, account.AtNext);
            var distance = SigmaDistance.Of(worse, profiles);
            var subject = new AlertSubject(SubjectKind.Account, account.Account.ToString());
            var known = worse.Status != MarginStatus.Unknown;
            var levels = rules.LevelsOf(account.Account, account.OwnerName);
            var seen = new Observation
            {
                Subject = subject,
                Rule = Rules.Distance,
                Block = input.Head,
                Open = known ? Levels.Open(levels, worse, distance) : null,
                Hold = known ? Levels.Hold(levels, worse, distance, rules.Hysteresis) : null,
                Health = worse.HealthFactor?.ToString(),
            };
            var step = AlertMachine.Step(input.Alerts.GetValueOrDefault(new AlertKey(subject, Rules.Distance)), seen, input.IsCanonical);
            judged.Add(new JudgedAccount(account.Account, worse, step.State?.Level ?? AlertLevel.None, distance));
            if (step.Changed)
            {
                changed.Add(step.State!);
            }

            if (step.Told is { } kind)
            {
                transitions.Add(new AlertTransition
                {
                    AlertId = step.State!.AlertId,
                    Number = step.State.TransitionNumber,
                    Subject = subject,
                    Rule = Rules.Distance,
                    Kind = kind,
                    Level = step.State.Level,
                    PreviousLevel = step.PreviousLevel,
                    Chain = input.Chain,
                    Block = input.Head,
                    Title = $"{step.State.Level}: {subject.Key}",
                    Lines = [],
                    Report = worse,
                    Distance = distance,
                    Pin = input.Pin,
                });
            }
        }

        return new JudgementResult { Changed = changed, Transitions = transitions, Accounts = judged };
    }

    /// <summary>Unknown before everything, then below the edge before above it, then the lower health factor.</summary>
    public static MarginReport Worse(MarginReport atBlock, MarginReport atNext)
    {
        var rank = Rank(atBlock).CompareTo(Rank(atNext));
        if (rank != 0)
        {
            return rank > 0 ? atBlock : atNext;
        }

        return (atBlock.HealthFactor ?? UInt256.MaxValue) <= (atNext.HealthFactor ?? UInt256.MaxValue) ? atBlock : atNext;
    }

    private static int Rank(MarginReport report) => report.Status switch
    {
        MarginStatus.Healthy => 0,
        MarginStatus.Liquidatable => 1,
        MarginStatus.Insolvent => 2,
        _ => 3,
    };
}
