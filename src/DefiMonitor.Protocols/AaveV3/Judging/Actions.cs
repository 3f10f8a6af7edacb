using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>What the owner can do. Source: ValidationLogic.validateRepay, validateSupply, validateWithdraw.</summary>
internal static class Actions
{
    public static List<ActionCheck> Of(AaveV3State state, IReadOnlyList<AaveReserveState> used, AccountAt account)
    {
        var actions = new List<ActionCheck>();
        var owes = !account.Sum.Debt.IsZero;
        var sequencer = state.SentinelAllows ? null
            : new ActionReason("sequencer", "The price oracle sentinel says that the sequencer is down or has just come back.", Possibility.Unknown);
        for (var i = 0; i < used.Count; i++)
        {
            var reserve = used[i];
            var leg = account.Legs[i];
            if (leg.Terms.Owes && !leg.Debt.IsZero)
            {
                actions.Add(Make(ActionKind.Repay, reserve, Closed(reserve), sequencer));
            }

            if (!leg.Supply.IsZero)
            {
                actions.Add(Make(ActionKind.Deposit, reserve, Closed(reserve), Frozen(reserve), Cap(reserve), sequencer));
                actions.Add(Make(
                    ActionKind.Withdraw,
                    reserve,
                    Closed(reserve),
                    owes && leg.Terms.Counts ? new ActionReason("health", "As far as the health factor allows.", Possibility.Limited, leg.Supply) : null,
                    new ActionReason("liquidity", $"How much {reserve.Symbol} is there to be paid out was not read.", Possibility.Unknown),
                    sequencer));
            }
        }

        return actions;
    }

    private static ActionCheck Make(ActionKind kind, AaveReserveState reserve, params IEnumerable<ActionReason?> reasons) =>
        ActionCheck.Of(kind, reserve.Asset, reserve.Symbol, reserve.Configuration.Decimals, reasons);

    private static ActionReason? Closed(AaveReserveState reserve) =>
        !reserve.Configuration.IsActive ? new ActionReason("inactive", $"The {reserve.Symbol} reserve is not active.", Possibility.No)
        : reserve.Configuration.IsPaused ? new ActionReason("paused", $"The {reserve.Symbol} reserve is paused.", Possibility.No)
        : null;

    private static ActionReason? Frozen(AaveReserveState reserve) =>
        reserve.Configuration.IsFrozen ? new ActionReason("frozen", $"The {reserve.Symbol} reserve is frozen: it takes no deposit.", Possibility.No) : null;

    private static ActionReason? Cap(AaveReserveState reserve) =>
        reserve.Configuration.SupplyCap.IsZero ? null
        : new ActionReason("supply-cap", $"There is a supply cap of {reserve.Configuration.SupplyCap} {reserve.Symbol}, and what it leaves was not read.", Possibility.Unknown);
}
