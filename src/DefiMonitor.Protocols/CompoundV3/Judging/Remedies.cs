using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>Sized ways out, and whether they can be gone just now: pauses, caps, the least loan.</summary>
internal static class Remedies
{
    /// <summary>An account whose collateral counts for 90 % and more is of assets that move together.</summary>
    private static UInt256 LoopFactor { get; } = FixedPoint.Wad * 9u / 10u;

    public static List<Remedy> Of(CompoundV3State state, AccountAt account, UInt256? named)
    {
        var remedies = new List<Remedy>();
        if (Target(account, named) is not { } target)
        {
            return remedies;
        }

        if (Computed.OrNull(() => RemedySizes.Repay(account, target)) is { } repay)
        {
            remedies.Add(Make(
                RemedyKind.Repay, state.Parameters.BaseToken, state.BaseSymbol, state.Parameters.BaseScale, repay,
                FixedPoint.MulDivCeil(repay.Amount, account.BasePrice, state.Parameters.BaseScale), target, RepayCaveat(state, repay)));
        }

        for (var i = 0; i < state.Collaterals.Count; i++)
        {
            var (index, held) = (i, account.Held[i]);
            if (Computed.OrNull(() => RemedySizes.Deposit(account, index, target)) is { } deposit
                && Computed.OrNull<UInt256>(() => FixedPoint.MulDivCeil(deposit.Amount, held.Price, held.Terms.Scale)) is { } worth)
            {
                var collateral = state.Collaterals[i];
                remedies.Add(Make(
                    RemedyKind.Deposit, collateral.Asset, collateral.Symbol, held.Terms.Scale, deposit, worth, target, DepositCaveat(state, collateral, deposit)));
            }
        }

        remedies.Sort(static (a, b) => a.Value != b.Value ? a.Value.CompareTo(b.Value) : a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : a.Asset.CompareTo(b.Asset));
        return remedies;
    }

    public static UInt256? Target(AccountAt account, UInt256? named)
    {
        var health = account.Health;
        var isLoop = !health.CollateralValue.IsZero && UInt256.MulDiv(health.LiquidationValue, FixedPoint.Wad, health.CollateralValue, Rounding.Down) >= LoopFactor;
        return HealthTarget.Of(health.Factor, isLoop, named);
    }

    private static Remedy Make(
        RemedyKind kind, in Address asset, string symbol, ulong scale, in RemedySize size, in UInt256 value, in UInt256 target, string? caveat) => new(
            kind, asset, symbol, Scales.Decimals(scale), size.Amount, value, target, size.HealthAfter == UInt256.MaxValue ? null : size.HealthAfter, caveat);

    private static string? RepayCaveat(CompoundV3State state, in RemedySize size) =>
        (state.Totals.PauseFlags & PauseFlags.Supply) != 0 ? "Supplying is paused in this market: it takes no repayment."
        : size.DebtAfter != 0 && size.DebtAfter < state.Parameters.BaseBorrowMin
            ? $"It leaves less than the least loan of {Scales.Text(state.Parameters.BaseBorrowMin, state.Parameters.BaseScale)} {state.BaseSymbol}: no more can be borrowed without reaching that again."
        : null;

    private static string? DepositCaveat(CompoundV3State state, CollateralState collateral, in RemedySize size)
    {
        if ((state.Totals.PauseFlags & PauseFlags.Supply) != 0)
        {
            return "Supplying is paused in this market: it takes no deposit.";
        }

        var room = collateral.SupplyCap > collateral.TotalSupplied ? collateral.SupplyCap - collateral.TotalSupplied : 0;
        return size.Amount > room
            ? $"The supply cap leaves room for {Scales.Text(room, collateral.Held.Terms.Scale)} {collateral.Symbol} only."
            : null;
    }
}
