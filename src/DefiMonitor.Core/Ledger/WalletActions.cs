using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Ledger;

/// <summary>Joins what a venue lets an owner do with what he has in his wallet and what he has allowed the venue to take.</summary>
public static class WalletActions
{
    public static IReadOnlyList<ActionCheck> Of(MarginReport report, IReadOnlyList<ActionCheck> actions, Address owner, ChainHoldings holdings) =>
        [.. actions.Select(action => action.Kind == ActionKind.Withdraw ? action : action.And(Wallet(action, report, owner, holdings), Allowance(action, report, owner, holdings)))];

    private static ActionReason? Wallet(ActionCheck action, MarginReport report, Address owner, ChainHoldings holdings)
    {
        var balance = holdings.Wallet.FirstOrDefault(w => w.Owner == owner && w.Token == action.Asset);
        return balance?.Amount is not { } amount ? new ActionReason("wallet", $"The {action.Symbol} in the wallet was not read.", Possibility.Unknown)
            : amount.IsZero ? new ActionReason("wallet", $"There is no {action.Symbol} in the wallet.", Possibility.No, amount)
            : Needed(action, report) is not { } needed ? new ActionReason("wallet", $"As far as the {action.Symbol} in the wallet goes.", Possibility.Limited, amount)
            : amount < needed ? new ActionReason("wallet", $"The wallet has less {action.Symbol} than it takes.", Possibility.Limited, amount)
            : null;
    }

    // Whoever has to allow it first can do so himself: that is no "no".
    private static ActionReason? Allowance(ActionCheck action, MarginReport report, Address owner, ChainHoldings holdings)
    {
        // A venue may take by several of its contracts, and which of them the owner will use nobody knows: the least that any of them may take.
        var amounts = holdings.Allowances.Where(a => a.Owner == owner && a.Token == action.Asset && a.Deployment == report.Account.Deployment).Select(static a => a.Amount).ToList();
        var least = amounts.Count == 0 || amounts.Contains(null) ? null : amounts.Min();
        return least is not { } known ? new ActionReason("allowance", $"What the venue may take of {action.Symbol} was not read.", Possibility.Unknown)
            : known.IsZero ? new ActionReason("allowance", $"The venue may take no {action.Symbol} yet: it must be approved first.", Possibility.Limited, known)
            : known >> 255 != UInt256.Zero ? null
            : Needed(action, report) is not { } needed ? new ActionReason("allowance", $"As far as the venue may take {action.Symbol}.", Possibility.Limited, known)
            : known < needed ? new ActionReason("allowance", $"The venue may take less {action.Symbol} than it takes: more must be approved first.", Possibility.Limited, known)
            : null;
    }

    // What the way out by this asset takes, or the whole debt; null where no amount would be enough, or it is not known which.
    private static UInt256? Needed(ActionCheck action, MarginReport report)
    {
        foreach (var remedy in report.Remedies)
        {
            if (remedy.Asset == action.Asset && (remedy.Kind == RemedyKind.Repay) == (action.Kind == ActionKind.Repay))
            {
                return remedy.Amount;
            }
        }

        return action.Kind == ActionKind.Repay ? report.Positions.FirstOrDefault(leg => leg.Side == PositionSide.Debt && leg.Asset == action.Asset)?.Amount : null;
    }
}
