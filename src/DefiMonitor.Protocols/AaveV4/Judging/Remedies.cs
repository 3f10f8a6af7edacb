using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>Sized ways out: the smallest repayment of each debt, the smallest deposit of each collateral.</summary>
internal static class Remedies
{
    /// <summary>Average collateral factor from which an account is taken for a loop of assets that move together, wad.</summary>
    private static readonly UInt256 LoopFactor = FixedPoint.Wad * 9u / 10u;

    public static List<Remedy> Of(AccountAt account, UInt256? named)
    {
        var remedies = new List<Remedy>();
        if (HealthTarget.Of(account.Sum.HealthFactor, account.Sum.AverageCollateralFactor >= LoopFactor, named) is not { } target)
        {
            return remedies;
        }

        for (var i = 0; i < account.Legs.Count; i++)
        {
            var leg = account.Legs[i];
            var index = i;
            if (leg.Leg.Owes && Computed.OrNull(() => RemedySizes.Repay(account, index, target)) is { } repay)
            {
                remedies.Add(Make(RemedyKind.Repay, leg, repay, target, Caveat(leg.State, ReserveFlags.Paused)));
            }

            if (Computed.OrNull(() => RemedySizes.Deposit(account, index, target)) is { } deposit)
            {
                remedies.Add(Make(RemedyKind.Deposit, leg, deposit, target, Caveat(leg.State, ReserveFlags.Paused | ReserveFlags.Frozen)));
            }
        }

        remedies.Sort(static (a, b) => a.Value != b.Value ? a.Value.CompareTo(b.Value) : a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : a.Asset.CompareTo(b.Asset));
        return remedies;
    }

    private static Remedy Make(RemedyKind kind, in LegAt leg, in RemedySize size, in UInt256 target, string? caveat) => new(
        kind,
        leg.State.Asset,
        leg.State.Symbol,
        leg.State.Decimals,
        size.Amount,
        ValueScale.Up(leg.Leg.Value(size.Amount)),
        target,
        size.HealthAfter == UInt256.MaxValue ? null : size.HealthAfter,
        caveat);

    private static string? Caveat(AaveV4ReserveState reserve, ReserveFlags refusing) =>
        !reserve.IsActive ? $"The hub does not let this Spoke act in {reserve.Symbol}."
        : reserve.IsHalted ? $"The hub has halted this Spoke in {reserve.Symbol}."
        : (reserve.Flags & refusing & ReserveFlags.Paused) != 0 ? $"The {reserve.Symbol} reserve is paused."
        : (reserve.Flags & refusing & ReserveFlags.Frozen) != 0 ? $"The {reserve.Symbol} reserve is frozen: it takes no deposit."
        : null;
}
