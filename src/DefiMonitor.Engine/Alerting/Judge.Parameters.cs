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
            var retracted = new Dictionary<string, int>();
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
                else if (!retracted.ContainsKey(before.AlertId))
                {
                    // An alert that was told more than once, of blocks of one number, is taken back once.
                    var same = market.Memory!.Told.Where(t => t.AlertId == before.AlertId).ToList();
                    var undone = same.FindAll(t => market.Undone.Contains(t));
                    var number = Math.Max(last?.AlertId == before.AlertId ? last.TransitionNumber : 0, same.Max(static t => t.Number)) + 1;
                    last = Retract(desk, input, subject, number, undone, market.IsUnread, last);
                    retracted.Add(before.AlertId, number);
                }
            }

            // What stands of such an alert goes on from there.
            told = [.. told.Select(t => retracted.TryGetValue(t.AlertId, out var number) ? t with { Number = number } : t)];

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

    private static AlertState? Retract(Desk desk, JudgementInput input, AlertSubject subject, int number, List<ToldChanges> undone, bool isUnread, AlertState? last)
    {
        var first = undone[0];
        var changes = undone.SelectMany(static u => u.Changes).ToList();
        desk.Tell(Of(input, subject, first.AlertId, number, TransitionKind.Retracted) with
        {
            PreviousLevel = undone.Max(static u => u.Level),
            Cause = new Cause(CauseKind.Reorg, $"block {first.Block} is no longer on the chain"),
            Title = $"Retracted: what changed in {subject.Key} in block {first.Block.Number} was undone by a reorg: {ParameterWords.Few(changes)}",
            Lines = [isUnread
                ? "The chain went on another branch, and the market can't be read there: what its parameters are is told as soon as it can."
                : "The chain went on another branch, on which these parameters are as they were."],
            Parameters = changes,
        });
        return last?.AlertId == first.AlertId ? last with { TransitionNumber = number, ToldLevel = AlertLevel.None } : last;
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
