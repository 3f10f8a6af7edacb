using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>What the owner can do. Source: ValidationLogic.validateRepay, validateSupply, validateWithdraw.</summary>
internal static class Actions
{
    /// <param name="room">What the supply cap leaves; null, or answering null = not read.</param>
    /// <param name="liquidity">What can be paid out; likewise.</param>
    public static List<ActionCheck> Of(
        AaveV3State state,
        IReadOnlyList<AaveReserveState> used,
        AccountAt account,
        Func<AaveReserveState, UInt256?>? room = null,
        Func<AaveReserveState, UInt256?>? liquidity = null)
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

            // What counts for nothing brings nobody away from his edge.
            if (leg.Terms.Counts && leg.Terms.Threshold != 0)
            {
                actions.Add(Make(ActionKind.Deposit, reserve, Closed(reserve), Frozen(reserve), Cap(reserve, room?.Invoke(reserve)), sequencer));
            }

            if (!leg.Supply.IsZero)
            {
                actions.Add(Make(
                    ActionKind.Withdraw,
                    reserve,
                    Closed(reserve),
                    owes && leg.Terms.Counts ? new ActionReason("health", "As far as the health factor allows.", Possibility.Limited, leg.Supply) : null,
                    Liquid(reserve, liquidity?.Invoke(reserve), leg.Supply),
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

    private static ActionReason? Cap(AaveReserveState reserve, UInt256? room)
    {
        if (reserve.Configuration.SupplyCap.IsZero)
        {
            return null;
        }

        return room is not { } left ? new ActionReason("supply-cap", $"There is a supply cap of {reserve.Configuration.SupplyCap} {reserve.Symbol}, and what it leaves was not read.", Possibility.Unknown)
            : new ActionReason("supply-cap", $"The supply cap leaves room for {Units.Format(left, reserve.Configuration.Decimals, 2)} {reserve.Symbol}.", left.IsZero ? Possibility.No : Possibility.Limited, left);
    }

    private static ActionReason? Liquid(AaveReserveState reserve, UInt256? liquidity, in UInt256 supply) =>
        liquidity is not { } there ? new ActionReason("liquidity", $"How much {reserve.Symbol} is there to be paid out was not read.", Possibility.Unknown)
        : there >= supply ? null
        : new ActionReason("liquidity", $"Only {Units.Format(there, reserve.Configuration.Decimals, 2)} {reserve.Symbol} is there to be paid out.", there.IsZero ? Possibility.No : Possibility.Limited, there);
}
