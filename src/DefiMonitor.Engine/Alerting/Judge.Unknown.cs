using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Engine.Alerting;

public sealed partial class Judge
{
    private const int MostReasons = 5;

    /// <summary>An account that nobody can read for too long, but far enough from its edge not to wake anyone.</summary>
    private sealed record Unread(AccountInput Account, string Reason, ulong Since);

    private void JudgeUnknown(
        Desk desk, JudgementInput input, AccountInput account, MarginReport worse, AlertSubject subject, AccountMemory memory, AlertLevel level, bool blind, List<Unread> unread)
    {
        AlertLevel? open = AlertLevel.None;
        if (worse.Status == MarginStatus.Unknown)
        {
            var since = memory.UnknownSince!;
            var seconds = input.Now > since.Timestamp ? input.Now - since.Timestamp : 0;
            var overdue = seconds >= rules.UnknownAfterSeconds || input.Head.Number >= since.Number + rules.UnknownAfterBlocks;
            var matters = memory.MayHaveDebt && Blindness.MattersTo(memory.KnownSigmas, level, seconds);
            open = overdue && matters && !blind ? AlertLevel.Critical : null;
            if (overdue && !matters && desk.Stored(subject, Rules.Unknown) is not { IsOpen: true })
            {
                unread.Add(new Unread(account, HostileText.OneLine(worse.UnknownReason, Say.MaxSentence), since.Timestamp));
            }
        }

        var step = desk.Step(new Observation { Subject = subject, Rule = Rules.Unknown, Block = input.Head, Open = open, Health = worse.HealthFactor?.ToString() });
        if (step.Told is { } kind)
        {
            var told = Transition(input, account, worse, step, kind, subject, Rules.Unknown) with
            {
                Cause = worse.Status == MarginStatus.Unknown ? new Cause(CauseKind.Reading, Reason(worse.UnknownReason)) : new Cause(CauseKind.Reading, "it can be read again"),
            };
            desk.Tell(told with { Title = UnknownTitle(told, memory, account, input.Now), Lines = AccountWords.Lines(told) });
        }
    }

    private void JudgeUnread(Desk desk, JudgementInput input, bool blind, List<Unread> unread)
    {
        var subject = new AlertSubject(SubjectKind.Chain, input.Chain.ToString());
        AlertLevel? open = unread.Count == 0 ? AlertLevel.None : blind ? null : AlertLevel.Warning;
        var step = desk.Step(new Observation { Subject = subject, Rule = Rules.Unknown, Block = input.Head, Open = open });
        if (step.Told is not { } kind)
        {
            return;
        }

        var total = input.Followed ?? input.Accounts.Count;
        var oldest = input.Now;
        foreach (var one in unread)
        {
            oldest = Math.Min(oldest, one.Since);
        }

        desk.Tell(new AlertTransition
        {
            AlertId = step.State!.AlertId,
            Number = step.State.TransitionNumber,
            Subject = subject,
            Rule = Rules.Unknown,
            Kind = kind,
            Level = step.State.Level,
            PreviousLevel = step.PreviousLevel,
            Chain = input.Chain,
            Block = input.Head,
            Title = unread.Count == 0
                ? $"{ChainWords.Head(kind, step.State.Level)}: {input.Chain}: every account can be read again"
                : $"{ChainWords.Head(kind, step.State.Level)}: {input.Chain}: {unread.Count} of {total} accounts cannot be read for {Say.Span(input.Now - oldest)}; none of them was near its edge",
            Lines = Reasons(unread),
            Cause = new Cause(CauseKind.Reading, unread.Count == 0 ? "it can be read again" : Reason(unread[0].Reason)),
            Pin = input.Pin,
            Quiet = IsQuiet(step.State.Level, input.Now),
        });
    }

    private static string UnknownTitle(AlertTransition told, AccountMemory memory, AccountInput account, ulong now)
    {
        var who = $"{Say.Who(account.Account, account.OwnerName)} on {account.Account.Deployment}";
        if (told.Level == AlertLevel.None)
        {
            return $"{AccountWords.Head(told)}: {who}: can be read again; health factor {Say.Health(told.Report!.HealthFactor)}";
        }

        var since = memory.UnknownSince!;
        var stood = memory.KnownSigmas is { } sigmas ? $"; it stood {Say.Sigmas(sigmas)} daily sigmas from the edge" : "";
        var seconds = now > since.Timestamp ? now - since.Timestamp : 0;
        return $"{AccountWords.Head(told)}: {who}: cannot be read since block {since.Number} ({Say.Span(seconds)}){stood}";
    }

    private static string Reason(string? reason)
    {
        var clean = HostileText.OneLine(reason, Say.MaxSentence).TrimEnd('.');
        return clean.Length == 0 ? "no reason is known" : clean;
    }

    private static List<string> Reasons(List<Unread> unread)
    {
        var lines = new List<string>();
        foreach (var group in unread.GroupBy(u => u.Reason, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
        {
            if (lines.Count == MostReasons)
            {
                lines.Add("and for other reasons more");
                break;
            }

            var names = string.Join(", ", group.Take(3).Select(u => Say.Who(u.Account.Account, u.Account.OwnerName)));
            lines.Add($"{group.Count()}: {Reason(group.Key)} ({names}{(group.Count() > 3 ? ", …" : "")})");
        }

        return lines;
    }
}
