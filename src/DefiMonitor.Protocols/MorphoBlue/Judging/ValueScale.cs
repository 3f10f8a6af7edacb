using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>
/// The unit in which a market is told: one whole loan token, with as many decimals as make the oracle's price of one whole collateral token, scaled by
/// 10^(36 + loan decimals - collateral decimals), a number of that unit as it stands. So price edges lose nothing.
/// </summary>
internal readonly struct ValueScale
{
    private readonly UInt256 ofLoan;
    private readonly UInt256 ofPrice;

    public ValueScale(in TokenFace loan, in TokenFace collateral)
    {
        var more = Math.Max(0, 36 - collateral.Decimals);
        Decimals = loan.Decimals + more;
        ofLoan = UInt256.Pow10(more);
        ofPrice = UInt256.Pow10(Math.Max(0, collateral.Decimals - 36));
    }

    /// <summary>Decimals of the unit.</summary>
    public int Decimals { get; }

    public UInt256 One => UInt256.Pow10(Decimals);

    /// <summary>From loan assets.</summary>
    public UInt256 OfLoan(in UInt256 assets) => assets * ofLoan;

    /// <summary>From an oracle's price.</summary>
    public UInt256 OfPrice(in UInt256 price) => price * ofPrice;
}
