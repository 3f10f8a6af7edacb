using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>
/// Why liquidate would be refused at the instant although the account is below the edge. Source: modules/Liquidation.sol calculateLiquidation, Base.callHook. What a hook
/// contract decides can't be known, and blocks nothing here.
/// </summary>
internal static class LiquidationGate
{
    public static List<Blocked> Of(AccountAt account)
    {
        var state = account.State;
        var blocked = new List<Blocked>();
        var until = state.LastCheck + state.CoolOffTime;
        if (account.At < until)
        {
            blocked.Add(new Blocked("cool-off", $"No liquidation until {state.CoolOffTime} seconds after the account's last check.", until));
        }

        if (state.Hooks.IsOff(Hooks.Liquidate))
        {
            blocked.Add(new Blocked("paused", $"The {state.Face.Symbol} vault has liquidations switched off."));
        }

        if (account.Legs.Count == 0)
        {
            blocked.Add(new Blocked("no-collateral", "There is no collateral left that could be taken."));
        }
        else if (account.Legs.All(static leg => leg.State.Hooks.IsOff(Hooks.Transfer)))
        {
            blocked.Add(new Blocked("paused", "Every collateral vault of the account has transfers switched off."));
        }

        return blocked;
    }
}
