using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Alerting;

/// <summary>
/// The rule "next-price": the account would be liquidatable once the feeds whose update is due are written at the market's price. A model of what comes, so it has an
/// alert of its own, at most critical, and has no say in any other. What hangs on a pending transaction alone, which anybody can send, is a warning and wakes nobody until the
/// market proves it. What has landed is for "distance" to tell.
/// </summary>
public sealed partial class Judge
{
    // Told again as soon as the market is this little above the edge would be a message a block.
    private static readonly UInt256 HoldHealth = FixedPoint.Wad * 1_005u / 1_000u;

    private void JudgeNextPrice(Desk desk, JudgementInput input, AccountInput account, MarginReport worse, AlertSubject subject)
    {
        var stored = desk.Stored(subject, Rules.NextPrice);
        var outlook = rules.NextPrice == AlertLevel.None ? null : account.Outlook;
        if (outlook is null && stored is not { IsOpen: true })
        {
            return;
        }

        var foreseen = Foreseen(outlook, worse);
        var isNear = outlook?.HealthAtMarket <= HoldHealth || outlook?.IsUnknown == true;
        var step = desk.Step(new Observation
        {
            Subject = subject,
            Rule = Rules.NextPrice,
            Block = input.Head,

            // What can't be read ends nothing, nor eases it; but it is held at this block, for nothing becomes final while it hangs on one that a fork has undone.
            Open = foreseen ?? AlertLevel.None,
            Hold = foreseen is null ? AlertLevel.Liquidatable : isNear ? rules.NextPrice : null,
            Health = worse.HealthFactor?.ToString(),
        });
        if (step.Told is { } kind)
        {
            var told = Transition(input, account, worse, step, kind, subject, Rules.NextPrice) with { Outlook = outlook };
            told = outlook?.HangsOnPending == true ? told with { Pin = "pending" } : told;
            desk.Tell(told with { Title = OutlookWords.Title(told), Lines = OutlookWords.Lines(told, input.Withdrawn) });
        }
    }

    /// <summary>Null where nothing can be said: the account can't be read, it is below the edge already, or a feed or its market could not be read.</summary>
    private AlertLevel? Foreseen(PriceOutlook? outlook, MarginReport worse) =>
        worse.Status != MarginStatus.Healthy ? null
        : outlook is null ? AlertLevel.None
        : outlook.HangsOnPending && rules.NextPrice > AlertLevel.Warning ? AlertLevel.Warning
        : outlook.IsBelowEdge ? rules.NextPrice
        : outlook.IsUnknown ? null
        : AlertLevel.None;
}
