using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>What the owner can do: Morpho.sol has no pause, no cap, and collateral is lent to nobody, so that it is always there.</summary>
internal static class Actions
{
    public static List<ActionCheck> Of(MorphoBlueState state, PositionAt position)
    {
        var actions = new List<ActionCheck>();
        var owes = !position.Health.Debt.IsZero;
        if (owes)
        {
            actions.Add(ActionCheck.Of(ActionKind.Repay, state.Parameters.LoanToken, state.Loan.Symbol.ToString(), state.Loan.Decimals));
        }

        var (token, face) = (state.Parameters.CollateralToken, state.Collateral);
        if (owes || state.CollateralAmount != 0)
        {
            actions.Add(ActionCheck.Of(ActionKind.Deposit, token, face.Symbol.ToString(), face.Decimals));
        }

        if (state.CollateralAmount != 0)
        {
            actions.Add(ActionCheck.Of(
                ActionKind.Withdraw, token, face.Symbol.ToString(), face.Decimals, owes ? new ActionReason("health", "As far as the LLTV allows.", Possibility.Limited, state.CollateralAmount) : null));
        }

        return actions;
    }
}
