using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>One account at one instant and price, interest worked out: what the solvers ask.</summary>
public sealed class PositionAt
{
    public PositionAt(in MarketInterest interest, UInt128 borrowShares, UInt128 collateral, in UInt256 price, in UInt256 lltv, ulong at)
    {
        Interest = interest;
        BorrowShares = borrowShares;
        Collateral = collateral;
        Price = price;
        Lltv = lltv;
        At = at;
        Totals = interest.At(at);
        Health = Health.Of(Totals, borrowShares, collateral, price, lltv);
    }

    public MarketInterest Interest { get; }

    public UInt128 BorrowShares { get; }

    public UInt128 Collateral { get; }

    public UInt256 Price { get; }

    /// <summary>Wad.</summary>
    public UInt256 Lltv { get; }

    public ulong At { get; }

    /// <summary>With interest up to <see cref="At"/>.</summary>
    public MarketTotals Totals { get; }

    public Health Health { get; }

    /// <summary>Wad.</summary>
    public UInt256 Incentive => Liquidations.IncentiveOf(Lltv);
}
