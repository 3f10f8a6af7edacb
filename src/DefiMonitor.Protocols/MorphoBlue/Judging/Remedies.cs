using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>The two ways out, sized.</summary>
internal static class Remedies
{
    /// <summary>A market that lends 90 % and more is for assets that move together.</summary>
    private static UInt256 LoopLltv { get; } = FixedPoint.Wad * 9u / 10u;

    public static List<Remedy> Of(MorphoBlueState state, PositionAt position, ValueScale scale, UInt256? named)
    {
        var remedies = new List<Remedy>();
        if (Target(position, named) is not { } target)
        {
            return remedies;
        }

        if (Computed.OrNull(() => RemedySizes.Repay(position, target)) is { } repay)
        {
            remedies.Add(Make(RemedyKind.Repay, state.Parameters.LoanToken, state.Loan, repay, scale.OfLoan(repay.Amount), target));
        }

        if (Computed.OrNull(() => RemedySizes.Deposit(position, target)) is { } deposit
            && Computed.OrNull<UInt256>(() => scale.OfLoan(SharesMath.MulDivUp(deposit.Amount, position.Price, Health.PriceScale))) is { } worth)
        {
            remedies.Add(Make(RemedyKind.Deposit, state.Parameters.CollateralToken, state.Collateral, deposit, worth, target));
        }

        remedies.Sort(static (a, b) => a.Value != b.Value ? a.Value.CompareTo(b.Value) : a.Kind.CompareTo(b.Kind));
        return remedies;
    }

    public static UInt256? Target(PositionAt position, UInt256? named) => HealthTarget.Of(position.Health.Factor, position.Lltv >= LoopLltv, named);

    private static Remedy Make(RemedyKind kind, in Address asset, in TokenFace face, in RemedySize size, in UInt256 value, in UInt256 target) => new(
        kind, asset, face.Symbol.ToString(), face.Decimals, size.Amount, value, target, size.HealthAfter == UInt256.MaxValue ? null : size.HealthAfter, null);
}
