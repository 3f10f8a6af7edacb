using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>The ways out, sized: repay, or deposit more of a collateral.</summary>
internal static class Remedies
{
    /// <summary>A vault that lends 90 % and more on a collateral does so for assets that move together.</summary>
    private const ushort LoopLtv = 9_000;

    public static List<Remedy> Of(AccountAt account, ValueScale scale, UInt256? named)
    {
        var remedies = new List<Remedy>();
        if (Target(account, named) is not { } target)
        {
            return remedies;
        }

        var state = account.State;
        if (Computed.OrNull(() => RemedySizes.Repay(account, target)) is { } repay)
        {
            var caveat = state.Hooks.IsOff(Hooks.Repay) ? "The vault has repayments switched off." : null;
            remedies.Add(Make(RemedyKind.Repay, state.Asset, state.Face, repay, scale.Of(account.Debts.Quote(repay.Amount)), target, caveat));
        }

        for (var i = 0; i < account.Legs.Count; i++)
        {
            var index = i;
            var leg = account.Legs[i];
            if (Computed.OrNull(() => RemedySizes.Deposit(account, index, target)) is { } deposit
                && Computed.OrNull<UInt256>(() => scale.Of(leg.Chain.Quote(deposit.Amount, leg.State.ConvertsFirst ? 1 : 0))) is { } worth)
            {
                var caveat = leg.State.Hooks.IsOff(Hooks.Deposit) ? "The collateral vault has deposits switched off." : null;
                remedies.Add(Make(RemedyKind.Deposit, leg.State.Asset, leg.State.Face, deposit, worth, target, caveat));
            }
        }

        remedies.Sort(static (a, b) => a.Value != b.Value ? a.Value.CompareTo(b.Value) : a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : a.Asset.CompareTo(b.Asset));
        return remedies;
    }

    private static UInt256? Target(AccountAt account, UInt256? named) =>
        HealthTarget.Of(account.Health.Factor, account.Legs.Any(static leg => leg.Ltv >= LoopLtv), named);

    private static Remedy Make(
        RemedyKind kind, in Address asset, in TokenFace face, in RemedySize size, in UInt256 value, in UInt256 target, string? caveat) => new(
        kind, asset, face.Symbol.ToString(), face.Decimals, size.Amount, value, target, size.HealthAfter == UInt256.MaxValue ? null : size.HealthAfter, caveat);
}
