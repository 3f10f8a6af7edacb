using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>What the owner can do. Source: Comet.sol supplyInternal, supplyCollateral, withdrawCollateral. Collateral is lent to nobody, so that it is always there.</summary>
internal static class Actions
{
    public static List<ActionCheck> Of(CompoundV3State state, AccountAt account)
    {
        var actions = new List<ActionCheck>();
        var owes = account.Principal < 0;
        var supply = Paused(state, PauseFlags.Supply, "Supplying is paused in this market.");
        var withdraw = Paused(state, PauseFlags.Withdraw, "Withdrawing is paused in this market.");
        if (owes)
        {
            actions.Add(ActionCheck.Of(ActionKind.Repay, state.Parameters.BaseToken, state.BaseSymbol, Scales.Decimals(state.Parameters.BaseScale), supply));
        }

        foreach (var collateral in state.Collaterals)
        {
            var decimals = Scales.Decimals(collateral.Held.Terms.Scale);
            var room = collateral.SupplyCap > collateral.TotalSupplied ? collateral.SupplyCap - collateral.TotalSupplied : 0;
            var cap = new ActionReason(
                "supply-cap", $"The supply cap leaves room for {Scales.Text(room, collateral.Held.Terms.Scale)} {collateral.Symbol}.", room == 0 ? Possibility.No : Possibility.Limited, room);
            if (collateral.Held.Terms.LiquidateFactor != 0)
            {
                // What counts for nothing brings nobody away from his edge.
                actions.Add(ActionCheck.Of(ActionKind.Deposit, collateral.Asset, collateral.Symbol, decimals, supply, cap));
            }

            actions.Add(ActionCheck.Of(
                ActionKind.Withdraw,
                collateral.Asset,
                collateral.Symbol,
                decimals,
                withdraw,
                owes ? new ActionReason("health", "As far as the collateral left covers the debt.", Possibility.Limited, collateral.Held.Balance) : null));
        }

        return actions;
    }

    private static ActionReason? Paused(CompoundV3State state, PauseFlags flag, string text) =>
        (state.Totals.PauseFlags & flag) != 0 ? new ActionReason("paused", text, Possibility.No) : null;
}
