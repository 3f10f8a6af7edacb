using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;

namespace DefiMonitor.Engine.Alerting;

/// <summary>Where one judgement gathers what it found; hands it over sorted, so that the same findings are always committed in the same order.</summary>
internal sealed class Desk(IReadOnlyDictionary<AlertKey, AlertState> alerts, Func<BlockRef, bool> isCanonical)
{
    private readonly List<AlertState> changed = [];
    private readonly List<AlertTransition> transitions = [];

    public AlertStep Step(Observation seen)
    {
        var step = AlertMachine.Step(alerts.GetValueOrDefault(new AlertKey(seen.Subject, seen.Rule)), seen, isCanonical);
        if (step.Changed)
        {
            changed.Add(step.State!);
        }

        return step;
    }

    /// <summary>Puts a state that no condition drives on file, if it is not there already.</summary>
    public void Set(AlertState state)
    {
        if (alerts.GetValueOrDefault(state.Key) != state)
        {
            changed.Add(state);
        }
    }

    public AlertState? Stored(AlertSubject subject, string rule) => alerts.GetValueOrDefault(new AlertKey(subject, rule));

    public void Tell(AlertTransition transition) => transitions.Add(transition);

    public JudgementResult Result(IReadOnlyList<AccountMemory> memories, IReadOnlyList<JudgedAccount> accounts)
    {
        changed.Sort(static (a, b) => a.Key.CompareTo(b.Key));

        // Of one subject in the order in which they were told: first what is taken back, then what is so now.
        var ordered = transitions.OrderBy(static t => new AlertKey(t.Subject, t.Rule)).ToList();
        return new JudgementResult { Changed = changed, Transitions = ordered, Memories = memories, Accounts = accounts };
    }
}
