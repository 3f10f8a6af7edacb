using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>
/// What follows from the manager's words once interest is paid, as DutchAuction.startAuction looks at them: below the edge where the maintenance margin is below 0, and
/// insolvent there where the mark to market is not above 0. Balance is the mark to market, requirement what it exceeds the margin by.
/// </summary>
internal readonly record struct AccountVerdict(MarginStatus Status, UInt256 Balance, UInt256 Requirement)
{
    /// <summary>floor(balance * 10^18 / requirement): below 10^18 exactly where the maintenance margin is below 0. Null where nothing is required.</summary>
    public UInt256? HealthFactor => Requirement.IsZero ? null : UInt256.MulDiv(Balance, FixedPoint.Wad, Requirement, Rounding.Down);

    /// <param name="settled">With interest.</param>
    /// <exception cref="OverflowException">The requirement does not fit.</exception>
    public static AccountVerdict Of(in MarginWords settled, in AuctionState auction)
    {
        var isBelow = settled.Maintenance < 0;
        var isInsolvent = (isBelow && settled.MarkToMarket <= 0) || (auction.IsOngoing && auction.IsInsolvent);
        var status = isInsolvent ? MarginStatus.Insolvent : isBelow || auction.IsOngoing ? MarginStatus.Liquidatable : MarginStatus.Healthy;
        var required = checked(settled.MarkToMarket - settled.Maintenance);

        // Where the mark to market is not above 0 the balance is 0, and what is required is what is missing.
        return settled.MarkToMarket > 0
            ? new AccountVerdict(status, (UInt256)(UInt128)settled.MarkToMarket, required > 0 ? (UInt256)(UInt128)required : UInt256.Zero)
            : new AccountVerdict(status, UInt256.Zero, isBelow ? (UInt256)(UInt128)(-settled.Maintenance) : UInt256.Zero);
    }
}
