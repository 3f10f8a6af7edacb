using System.Runtime.CompilerServices;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>
/// <see cref="Health"/> for all accounts of one market at one instant, in 64-bit words: what they share (totals, price, loan-to-value) becomes three fractions, and
/// what is left for each account is one division. Either the very verdict that <see cref="Health"/> gives, or a refusal: what could leave the words, or where the
/// contract could revert, is left to the exact path.
/// </summary>
internal readonly struct DenseHealth
{
    private const ulong Wad = 1_000_000_000_000_000_000;

    // From here on shares * assets + (shares - 1) could leave 256 bits, where the contract reverts.
    private const int TotalBits = 127;

    private readonly FixedRatio debtOfShares;
    private readonly FixedRatio valueOfCollateral;
    private readonly FixedRatio lltv;
    private readonly bool isHeld;

    public DenseHealth(in MarketTotals totals, in UInt256 price, in UInt256 lltv)
    {
        var assets = (UInt256)totals.BorrowAssets + SharesMath.VirtualAssets;
        var shares = (UInt256)totals.BorrowShares + SharesMath.VirtualShares;
        isHeld = assets.BitLength <= TotalBits && shares.BitLength <= TotalBits
            && FixedRatio.TryOf(assets, shares, out debtOfShares)
            && FixedRatio.TryOf(price, Health.PriceScale, out valueOfCollateral)
            && FixedRatio.TryOf(lltv, FixedPoint.Wad, out this.lltv);
    }

    /// <param name="account">With borrow shares.</param>
    public bool TryJudge(in MirrorEntry account, out Verdict verdict)
    {
        // What is not refused lies below 2^126, so no product on the way (by the price, the loan-to-value, 10^18) leaves 256 bits, where the contract would revert.
        var bad = valueOfCollateral.Floor((ulong)(account.Collateral >> 64), (ulong)account.Collateral, out var v1, out var v0);
        bad |= debtOfShares.Ceiling((ulong)(account.BorrowShares >> 64), (ulong)account.BorrowShares, out var d1, out var d0);
        bad |= lltv.FloorOfSmall(v1, v0, out var m1, out var m0);
        if (bad != 0 || !isHeld)
        {
            Unsafe.SkipInit(out verdict);
            return false;
        }

        var n1 = Math.BigMul(m0, Wad, out var n0);
        var n2 = Math.BigMul(m1, Wad, out var part);
        n1 += part;
        n2 += n1 < part ? 1UL : 0UL;
        if (WordQuotient.Divide(n2, n1, n0, d1, d0, out var h1, out var h0) != 0)
        {
            Unsafe.SkipInit(out verdict);
            return false;
        }

        var status = h1 != 0 || h0 >= Wad ? MarginStatus.Healthy
            : v1 < d1 || (v1 == d1 && v0 < d0) ? MarginStatus.Insolvent : MarginStatus.Liquidatable;
        verdict = new Verdict(status, new UInt256(0, 0, h1, h0));
        return true;
    }
}
