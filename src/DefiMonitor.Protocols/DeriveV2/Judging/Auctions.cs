using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>
/// What a first bid takes at most, once the fee is paid and at the discount that an auction begins with: DutchAuction._getMaxProportion and _getBufferMargin. The share is of
/// everything that the account holds, so a quote counts in cash on both sides.
/// </summary>
internal static class Auctions
{
    /// <param name="settled">With interest.</param>
    public static IReadOnlyList<LiquidationQuote> Quote(DeriveV2State state, in MarginWords settled)
    {
        if (state.AuctionTerms is not { } terms || settled.MarkToMarket <= 0 || settled.Maintenance >= settled.MarkToMarket)
        {
            return [];
        }

        var value = (UInt256)(UInt128)settled.MarkToMarket;
        var required = (UInt256)(UInt128)(settled.MarkToMarket - settled.Maintenance);

        // Buffer margin = MM - buffer * (MtM - MM), below 0 here: its size.
        var buffer = FixedPoint.MulDivFloor(required, terms.BufferPercentage, FixedPoint.Wad);
        var need = settled.Maintenance < 0 ? buffer + (UInt256)(UInt128)(-settled.Maintenance)
            : buffer > (UInt256)(UInt128)settled.Maintenance ? buffer - (UInt256)(UInt128)settled.Maintenance : UInt256.Zero;

        // An auction that has ended leaves its reserved cash in the contract's answer; the next begins without.
        var reserved = state.Auction.IsOngoing ? state.Auction.ReservedCash : UInt256.Zero;

        // What starts an auction pays a fee before anybody bids: it is gone from the value, and the buffer lacks it too.
        var fee = state.Auction.IsOngoing ? UInt256.Zero : FixedPoint.MulDivFloor(FixedPoint.MulDivFloor(Share(terms, value, need, FixedPoint.Wad, UInt256.Zero), value, FixedPoint.Wad), terms.FeeRate, FixedPoint.Wad);
        (value, need) = (value > fee ? value - fee : UInt256.Zero, need + fee);
        var share = Share(terms, value, need, terms.StartingPercentage, reserved);
        var free = value > reserved ? value - reserved : UInt256.Zero;
        var taken = FixedPoint.MulDivFloor(free, share, FixedPoint.Wad);
        var paid = FixedPoint.MulDivFloor(taken, terms.StartingPercentage, FixedPoint.Wad);
        var name = $"{Units.FormatExact(share / 10_000_000_000_000u, 3)} % of the account";
        return [new LiquidationQuote(state.CashToken, state.CashSymbol, paid, state.CashToken, name, taken, taken - paid + fee)];
    }

    // Of what is not worth an auction in parts, everything.
    private static UInt256 Share(AuctionTerms terms, in UInt256 value, in UInt256 need, in UInt256 discount, in UInt256 reserved) =>
        terms.MtmCutoff > 0 && value < (UInt256)(UInt128)terms.MtmCutoff
            ? FixedPoint.Wad
            : FixedPoint.MulDivFloor(
                need, FixedPoint.Wad, need + FixedPoint.MulDivFloor(value, discount, FixedPoint.Wad) + FixedPoint.MulDivFloor(reserved, FixedPoint.Wad - discount, FixedPoint.Wad));
}
