using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Sized ways out: the smallest repayment of each debt, the smallest deposit of each collateral.</summary>
internal static class Remedies
{
    /// <summary>Average threshold, bps, from which an account is taken for a loop of assets that move together: only e-mode gives that much.</summary>
    private const uint LoopThreshold = 9_000;

    public static List<Remedy> Of(IReadOnlyList<AaveReserveState> used, AccountAt account, UInt256? named)
    {
        if (Target(account, named) is not { } target)
        {
            return [];
        }

        var remedies = new List<Remedy>();
        for (var i = 0; i < used.Count; i++)
        {
            var leg = account.Legs[i];
            var index = i;
            if (leg.Terms.Owes && !leg.Debt.IsZero && Computed.OrNull(() => RemedySizes.Repay(account, index, target)) is { Amount.IsZero: false } repay)
            {
                remedies.Add(Make(RemedyKind.Repay, used[i], leg, repay, target, RepayCaveat(used[i])));
            }

            if (leg.Terms.Counts && Computed.OrNull(() => RemedySizes.Deposit(account, index, target)) is { Amount.IsZero: false } deposit)
            {
                remedies.Add(Make(RemedyKind.Deposit, used[i], leg, deposit, target, DepositCaveat(used[i])));
            }
        }

        remedies.Sort(static (a, b) => a.Value != b.Value ? a.Value.CompareTo(b.Value) : a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : a.Asset.CompareTo(b.Asset));
        return remedies;
    }

    public static UInt256? Target(AccountAt account, UInt256? named) => HealthTarget.Of(account.HealthFactor, account.Sum.AverageThreshold >= LoopThreshold, named);

    private static Remedy Make(RemedyKind kind, AaveReserveState reserve, in AccountLeg leg, in RemedySize size, in UInt256 target, string? caveat) => new(
        kind,
        reserve.Asset,
        reserve.Symbol,
        reserve.Configuration.Decimals,
        size.Amount,
        FixedPoint.MulDivCeil(size.Amount, leg.Price, leg.Unit),
        target,
        size.HealthAfter == UInt256.MaxValue ? null : size.HealthAfter,
        caveat);

    private static string? RepayCaveat(AaveReserveState reserve) =>
        !reserve.Configuration.IsActive ? $"The {reserve.Symbol} reserve is not active."
        : reserve.Configuration.IsPaused ? $"The {reserve.Symbol} reserve is paused: it takes no repayment."
        : null;

    private static string? DepositCaveat(AaveReserveState reserve) =>
        !reserve.Configuration.IsActive ? $"The {reserve.Symbol} reserve is not active."
        : reserve.Configuration.IsPaused ? $"The {reserve.Symbol} reserve is paused: it takes no deposit."
        : reserve.Configuration.IsFrozen ? $"The {reserve.Symbol} reserve is frozen: it takes no deposit."
        : null;
}
