using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>What the owner can do. Source: EVK Base.sol callHook, Borrowing.sol repay, Vault.sol deposit and withdraw. A hook may refuse anything: what goes through one is not known.</summary>
internal static class Actions
{
    public static List<ActionCheck> Of(AccountAt account)
    {
        var state = account.State;
        var owes = !account.Health.LiabilityValue.IsZero;
        var actions = new List<ActionCheck>();
        if (owes)
        {
            actions.Add(ActionCheck.Of(ActionKind.Repay, state.Asset, state.Face.Symbol.ToString(), state.Face.Decimals, Hooked(state.Hooks, Hooks.Repay, "repayments")));
        }

        foreach (var leg in account.Legs)
        {
            var collateral = leg.State;
            var (symbol, decimals) = (collateral.Face.Symbol.ToString(), (int)collateral.Face.Decimals);
            if (leg.Ltv != 0)
            {
                // What counts for nothing brings nobody away from his edge.
                actions.Add(ActionCheck.Of(
                    ActionKind.Deposit,
                    collateral.Asset,
                    symbol,
                    decimals,
                    Hooked(collateral.Hooks, Hooks.Deposit, "deposits"),
                    new ActionReason("supply-cap", "Whether the collateral vault has a supply cap, and what it leaves, was not read.", Possibility.Unknown)));
            }

            actions.Add(ActionCheck.Of(
                ActionKind.Withdraw,
                collateral.Asset,
                symbol,
                decimals,
                Hooked(collateral.Hooks, Hooks.Withdraw, "withdrawals"),
                owes ? new ActionReason("health", "As far as the borrowing LTVs allow.", Possibility.Limited) : null,
                new ActionReason("liquidity", "How much cash the collateral vault has was not read.", Possibility.Unknown)));
        }

        return actions;
    }

    private static ActionReason? Hooked(in Hooks hooks, uint operation, string what) =>
        hooks.IsOff(operation) ? new ActionReason("paused", $"The vault has {what} switched off.", Possibility.No)
        : hooks.IsHooked(operation) ? new ActionReason("hook", $"The vault asks {hooks.Target} about {what}.", Possibility.Unknown)
        : null;
}
