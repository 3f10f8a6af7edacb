using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Engine.Alerting;

/// <summary>
/// The rule "parameters": like "liquidated" something that happened. What changed at one judged block is one alert of the market; it is retracted when a fork undoes
/// the block and the parameters are not so on the other branch. What people know is remembered in the transaction that tells it.
/// </summary>
public sealed partial class Judge
{
    private List<MarketMemory> JudgeParameters(Desk desk, JudgementInput input)
    {
        var memories = new List<MarketMemory>();
        foreach (var market in input.Markets)
        {
            var subject = new AlertSubject(SubjectKind.Market, market.Deployment.ToString());
            var last = desk.Stored(subject, Rules.Parameters);
            var told = new List<ToldChanges>();
            foreach (var before in market.Memory?.Told ?? [])
            {
                if (!market.Undone.Contains(before) && !MarketMemory.IsRecent(before, input.Head))
                {
                    continue;
                }

                if (!market.Undone.Contains(before))
                {
                    told.Add(before);
                }
                else if (market.HoldsStill)
                {
                    // As in AlertMachine: undone, but it holds on the canonical chain as well.
                    told.Add(before with { Block = input.Head.Ref });
                    last = last?.AlertId == before.AlertId ? last with { RaisedAt = input.Head.Ref } : last;
                }
                else
                {
                    last = Retract(desk, input, subject, before, last);
                }
            }

            if (market.Changes.Count > 0)
            {
                last = Tell(desk, input, subject, market, last);
                told.Add(new ToldChanges(input.Head.Ref, last.AlertId, last.TransitionNumber, last.ToldLevel, market.Changes));
            }

            if (last is not null)
            {
                desk.Set(last);
            }

            memories.Add(new MarketMemory { Deployment = market.Deployment, Parameters = market.Parameters, Told = told });
        }

        return memories;
    }

    private static AlertState? Retract(Desk desk, JudgementInput input, AlertSubject subject, ToldChanges undone, AlertState? last)
    {
        desk.Tell(Of(input, subject, undone.AlertId, undone.Number + 1, TransitionKind.Retracted) with
        {
            PreviousLevel = undone.Level,
            Cause = new Cause(CauseKind.Reorg, $"block {undone.Block} is no longer on the chain"),
            Title = $"Retracted: what changed in {subject.Key} in block {undone.Block.Number} was undone by a reorg: {ParameterWords.Few(undone.Changes)}",
            Lines = ["The chain went on another branch, on which these parameters are as they were."],
            Parameters = undone.Changes,
        });
        return last?.AlertId == undone.AlertId ? last with { TransitionNumber = undone.Number + 1, ToldLevel = AlertLevel.None } : last;
    }

    private AlertState Tell(Desk desk, JudgementInput input, AlertSubject subject, MarketChange market, AlertState? last)
    {
        // An id never stands for two things: after a reorg the last alert is taken up again.
        var again = last is not null && last.OpenedAt.Number >= input.Head.Number;
        var breaks = market.Changes.Any(static c => c is { Before: not null, Parameter.Kind: ParameterKind.Implementation or ParameterKind.Oracle });
        var level = breaks ? AlertLevel.Critical : AlertLevel.Warning;
        var state = new AlertState
        {
            AlertId = again ? last!.AlertId : AlertIds.Alert(subject, Rules.Parameters, input.Head.Number),
            Subject = subject,
            Rule = Rules.Parameters,
            Level = AlertLevel.None,
            ToldLevel = level,
            OpenedAt = again ? last!.OpenedAt : input.Head.Ref,
            OpenedTimestamp = again ? last!.OpenedTimestamp : input.Head.Timestamp,
            RaisedAt = input.Head.Ref,
            TransitionNumber = again ? last!.TransitionNumber + 1 : 1,
        };
        var few = ParameterWords.Few(market.Changes);
        desk.Tell(Of(input, subject, state.AlertId, state.TransitionNumber, TransitionKind.Opened) with
        {
            Level = level,
            Cause = new Cause(CauseKind.Parameter, few),
            Title = $"{level.ToString().ToUpperInvariant()}: {subject.Key}: {(market.Changes.Count == 1 ? "a parameter" : $"{market.Changes.Count} parameters")} changed in block {input.Head.Number}: {few}",
            Lines = [.. ParameterWords.Lines(market)],
            Parameters = market.Changes,
            Impacts = market.Impacts,
            Touched = market.Touched,

            // For information where it costs nobody anything.
            Quiet = (!breaks && market.Fallen == 0) || IsQuiet(level, input.Now),
        });
        return state;
    }

    private static AlertTransition Of(JudgementInput input, AlertSubject subject, string alertId, int number, TransitionKind kind) => new()
    {
        AlertId = alertId,
        Number = number,
        Subject = subject,
        Rule = Rules.Parameters,
        Kind = kind,
        Level = AlertLevel.None,
        PreviousLevel = AlertLevel.None,
        Chain = input.Chain,
        Block = input.Head,
        Title = "",
        Lines = [],
        Pin = input.Pin,
    };
}
