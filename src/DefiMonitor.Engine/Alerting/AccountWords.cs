using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Engine.Alerting;

/// <summary>What is said of an account: written for somebody who was asleep a minute ago. Block, age, ids and confirmation are added when it is sent.</summary>
internal static class AccountWords
{
    private const int MostEdges = 3;
    private const int MostGaps = 2;

    public static string Title(AlertTransition told)
    {
        var report = told.Report!;
        var who = $"{Say.Who(report.Account, told.OwnerName)} on {report.Account.Deployment}";
        return $"{Head(told)}: {who}: {Happening(told, report)}";
    }

    public static IReadOnlyList<string> Lines(AlertTransition told)
    {
        var report = told.Report!;
        var lines = new List<string>();
        if (told.Cause is { } cause)
        {
            lines.Add($"Why: {cause.Text}.");
        }

        if (report.Status == MarginStatus.Unknown)
        {
            lines.Add($"Cannot be read: {HostileText.OneLine(report.UnknownReason, Say.MaxSentence)}");
        }
        else if (report.HealthFactor is null)
        {
            lines.Add(report.IsDebtPartial
                ? $"Nothing of it can be liquidated. Collateral {Say.Money(report, report.CollateralValue)}, debt {Say.Debt(report)}."
                : $"No debt is left. Collateral {Say.Money(report, report.CollateralValue)}.");
        }
        else
        {
            if (Edge(told, report) is { } edge)
            {
                lines.Add(edge);
            }

            if (OutlookWords.Line(told.Outlook) is { } next)
            {
                lines.Add(next);
            }

            if (told.Level != AlertLevel.None)
            {
                Blocked(lines, report);
                WaysOut(lines, report);
                CanAct(lines, report);
                Cost(lines, report);
            }

            lines.Add($"Collateral {Say.Money(report, report.CollateralValue)}, debt {Say.Debt(report)}.");
        }

        Gaps(lines, report);
        lines.Add($"Account: {HostileText.OneLine(report.Account.ToString(), 160)}");
        return lines;
    }

    public static string Head(AlertTransition told) => told.Kind switch
    {
        TransitionKind.Opened or TransitionKind.Escalated => told.Level.ToString().ToUpperInvariant(),
        _ => told.Kind.ToString().ToUpperInvariant(),
    };

    private static string Happening(AlertTransition told, MarginReport report)
    {
        var was = Say.Health(told.PreviousHealth) is { } before ? $" (was {before})" : "";
        var health = report.HealthFactor is null ? report.IsDebtPartial ? "nothing to liquidate" : "no debt left" : $"health factor {Say.Health(report.HealthFactor)}{was}";
        if (told.Kind == TransitionKind.Retracted)
        {
            return $"a reorg undid what was told; {health}";
        }

        if (told.Kind == TransitionKind.Confirmed)
        {
            return $"the chain's own view agrees; {health}";
        }

        if (told.Kind == TransitionKind.Disputed)
        {
            return $"the chain's own view disagrees; ours is {health}";
        }

        if (report.IsBelowEdge)
        {
            return $"{Below(told, report)}; {health}";
        }

        var level = told.Kind == TransitionKind.Eased ? $"now {told.Level.ToString().ToLowerInvariant()}; " : "";
        return told.Distance is { } distance && told.Level != AlertLevel.None
            ? $"{level}{health}, {Say.Sigmas(distance.Sigmas)} daily sigmas from the edge"
            : level + health;
    }

    private static string Below(AlertTransition told, MarginReport report)
    {
        if (report.Blocked.Count > 0)
        {
            return $"below the edge, liquidation blocked for now ({HostileText.OneLine(report.Blocked[0].Code, Say.MaxSymbol)})";
        }

        var when = told.AtNextBlock ? "at the next block" : "now";
        return report.Status == MarginStatus.Insolvent ? $"can be liquidated {when}, and the collateral no longer covers the debt" : $"can be liquidated {when}";
    }

    private static string? Edge(AlertTransition told, MarginReport report)
    {
        var trigger = Nearest(report);
        var parts = new List<string>();
        if (trigger is not null)
        {
            foreach (var edge in trigger.Edges.OrderBy(e => e.DistancePpm).Take(MostEdges))
            {
                parts.Add(EdgeText(trigger, edge, report));
            }

            if (!trigger.Active && trigger.UniformFallPpm is { } fall && trigger.Edges.Count > 1)
            {
                parts.Add($"all collateral falling together -{Say.Ppm(fall)}");
            }
        }

        var text = parts.Count == 0 ? "" : (trigger!.Active ? "passed; it lies at " : "liquidation at ") + string.Join(", or ", parts);
        if (!report.IsBelowEdge && told.Distance is { } distance)
        {
            text += $"{(text.Length > 0 ? "; " : "")}{Say.Sigmas(distance.Sigmas)} daily sigmas away (one is {distance.DailySigma * 100:0.00} %, an estimate{(distance.Assumed ? " with an assumed volatility" : "")})";
        }

        if (trigger is { Active: false })
        {
            text += trigger.SecondsAtConstantPrices is { } seconds
                ? $"; at constant prices interest alone gets there in {Say.Span(seconds)}"
                : "; interest alone does not get there";
        }

        return text.Length == 0 ? null : $"Edge: {text}.";
    }

    private static string EdgeText(Trigger trigger, PriceEdge edge, MarginReport report)
    {
        var price = $"{Say.Symbol(edge.Symbol)} {Say.Price(report, edge.Price)}";
        return trigger.Active
            ? $"{price} (now {Say.Price(report, edge.CurrentPrice)})"
            : $"{price} ({(edge.Side == EdgeSide.Falls ? "-" : "+")}{Say.Ppm(edge.DistancePpm)}, now {Say.Price(report, edge.CurrentPrice)})";
    }

    /// <summary>The trigger that a falling health factor meets first.</summary>
    public static Trigger? Nearest(MarginReport report)
    {
        Trigger? nearest = null;
        foreach (var trigger in report.Triggers)
        {
            if (trigger.Kind != TriggerKind.BadDebt && trigger.Unarmed is null && trigger.Unknown is null && (nearest is null || trigger.Threshold > nearest.Threshold))
            {
                nearest = trigger;
            }
        }

        return nearest;
    }

    // What is not known of a part of the account beside the verdict on the rest; where it is the only trigger, it is how far that is.
    private static void Gaps(List<string> lines, MarginReport report)
    {
        var gaps = report.Triggers.Where(static trigger => trigger.Kind == TriggerKind.Liquidation)
            .Select(trigger => trigger.Unarmed ?? (report.Triggers.Count > 1 ? trigger.Unknown : null)).OfType<string>().ToList();
        lines.AddRange(gaps.Take(MostGaps).Select(static gap => $"Beside it: {HostileText.OneLine(gap, Say.MaxSentence)}"));
        if (gaps.Count > MostGaps)
        {
            lines.Add($"Beside it: {gaps.Count - MostGaps} more of which not all is known.");
        }
    }

    private static void Blocked(List<string> lines, MarginReport report)
    {
        foreach (var blocked in report.Blocked)
        {
            var until = blocked.Until is { } second ? $" (until {Say.Time(second)})" : "";
            lines.Add($"Blocked for now: {HostileText.OneLine(blocked.Text, Say.MaxSentence)}{until}");
        }
    }

    // One repayment and one deposit where there are both: whoever is short of the one may have the other.
    private static void WaysOut(List<string> lines, MarginReport report)
    {
        var first = Best(report, null, null);
        var second = first is null ? null : Best(report, first, first.Kind == RemedyKind.Repay ? RemedyKind.Deposit : RemedyKind.Repay) ?? Best(report, first, null);
        var number = 0;
        foreach (var remedy in (ReadOnlySpan<Remedy?>)[first, second])
        {
            if (remedy is not null)
            {
                lines.Add($"Way out {++number}: {Way(remedy, report)}");
            }
        }
    }

    // Of the ways that do not simply stand open; and what nobody has looked at.
    private static void CanAct(List<string> lines, MarginReport report)
    {
        if (report.Actions.Count == 0)
        {
            return;
        }

        var ways = report.Actions.Where(static a => a.Kind != ActionKind.Withdraw).ToList();
        var shut = ways.Where(static a => a.Possible != Possibility.Yes).Take(MostEdges)
            .Select(static a => $"{a.Kind.ToString().ToLowerInvariant()} {Say.Symbol(a.Symbol)}: {Word(a)} ({HostileText.OneLine(string.Join(" ", a.Reasons.Select(static r => r.Text)), Say.MaxSentence).TrimEnd('.')})").ToList();
        var open = shut.Count == 0 ? "the venue takes repayments and deposits" : string.Join("; ", shut);
        lines.Add($"Can you act: {open}. Wallet and allowances are not read here.");
    }

    private static string Word(ActionCheck action) => action.Possible switch
    {
        Possibility.No => "no",
        Possibility.Unknown => "not known",
        _ => action.Limit is { } most ? $"up to {Say.Amount(most, action.Decimals)}" : "in part",
    };

    private static Remedy? Best(MarginReport report, Remedy? except, RemedyKind? kind)
    {
        Remedy? best = null;
        foreach (var remedy in report.Remedies)
        {
            if (remedy != except && (kind is null || remedy.Kind == kind) && (best is null || (best.Caveat is not null && remedy.Caveat is null)))
            {
                best = remedy;
            }
        }

        return best;
    }

    private static string Way(Remedy remedy, MarginReport report)
    {
        var verb = remedy.Kind == RemedyKind.Repay ? "repay" : "deposit";
        var caveat = remedy.Caveat is { } text ? $" (but: {HostileText.OneLine(text, Say.MaxSentence).TrimEnd('.')})" : "";
        var after = remedy.HealthAfter is null ? "no debt left" : $"health factor {Say.Health(remedy.HealthAfter)}";
        return $"{verb} {Units.FormatExact(remedy.Amount, remedy.Decimals)} {Say.Symbol(remedy.Symbol)} (about {Say.Money(report, remedy.Value)}) -> {after}{caveat}";
    }

    private static void Cost(List<string> lines, MarginReport report)
    {
        if (report.Liquidations.Count == 0)
        {
            return;
        }

        var quote = report.Liquidations[0];
        lines.Add($"If liquidated: up to {Taken(report, quote.DebtAsset, quote.DebtSymbol, quote.DebtToCover)} of debt is repaid by taking "
            + $"{Taken(report, quote.CollateralAsset, quote.CollateralSymbol, quote.CollateralTaken)}; the loss beyond the debt is about {Say.Money(report, quote.Loss)}.");
    }

    private static string Taken(MarginReport report, Address asset, string symbol, UInt256 amount)
    {
        foreach (var position in report.Positions)
        {
            if (position.Asset == asset)
            {
                return $"{Say.Amount(amount, position.Decimals)} {Say.Symbol(symbol)}";
            }
        }

        return $"{amount} units of {Say.Symbol(symbol)}";
    }
}
