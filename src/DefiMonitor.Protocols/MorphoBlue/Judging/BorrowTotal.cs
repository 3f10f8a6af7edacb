using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>The sum of all positions' borrowShares is totalBorrowShares of the market: Morpho.sol borrow, repay and liquidate change both by the same figure.</summary>
internal sealed class BorrowTotal(MorphoMarket market)
{
    // Read from the contract: our own total is folded from the same logs as the positions, so a lost one would be missing on both sides.
    public Call Call => MorphoAbi.Market.Function.Call(market.Deployment.Morpho, market.Deployment.MarketId);

    public Completeness Complete(CallResults totals)
    {
        var row = market.Tables.Market;
        var known = UInt256.Zero;
        foreach (var (_, account) in market.Tables.Accounts)
        {
            known += account.BorrowShares;
        }

        var equation = new Completeness("totalBorrowShares", row.Parameters.LoanToken, row.Loan.Symbol.ToString(), known, null);
        if (!totals.TryGet(Call, out var result))
        {
            return equation with { Unsettled = "The market's totals were not read." };
        }

        return !MorphoAbi.Market.TryDecode(result, out var stored, out var error) ? equation with { Unsettled = error }
            : market.Tables.Pending.Count > 0 ? equation with { Total = stored.Totals.BorrowShares, Unsettled = $"{market.Tables.Pending.Count} accounts must be read again." }
            : equation with { Total = stored.Totals.BorrowShares };
    }
}
