using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>The way out that the manager's words alone can size: a deposit of cash, which adds to margin and mark to market alike. Closing positions costs what the book asks.</summary>
internal static class Remedies
{
    private const int Decimals = 18;

    public static List<Remedy> Of(DeriveV2State state, AccountVerdict verdict, UInt256? named)
    {
        if (verdict.HealthFactor is not { } health || HealthTarget.Of(health, isLoop: false, named) is not { } target)
        {
            return [];
        }

        var settled = state.Words.Settled(state.Interest);
        var requirement = (UInt256)(UInt128)Int128.Max(0, settled.MarkToMarket - settled.Maintenance);
        var missing = settled.MarkToMarket < 0 ? (UInt256)(UInt128)(-settled.MarkToMarket) : UInt256.Zero;
        var wanted = UInt256.MulDiv(target, requirement, FixedPoint.Wad, Rounding.Up);
        var amount = wanted + missing - verdict.Balance;
        var after = requirement.IsZero ? (UInt256?)null : UInt256.MulDiv(verdict.Balance + amount - missing, FixedPoint.Wad, requirement, Rounding.Down);
        var caveat = state.Auction.IsOngoing ? "An auction is running: the account takes no deposit until it has ended." : null;
        return [new Remedy(RemedyKind.Deposit, state.CashToken, state.CashSymbol, Decimals, amount, amount, target, after, caveat)];
    }
}
