using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>Takes one account's inputs out of the tables.</summary>
internal sealed class StateCapture(MorphoMarket market, UnknownReasons reasons)
{
    public MorphoBlueState Capture(MarginAccountId id, BlockHeader block)
    {
        var user = market.UserOf(id);
        var state = new MorphoBlueState(id, block);
        if ((reasons.OfMarket(block) ?? reasons.OfAccount(user)) is { } reason)
        {
            return state with { Unknown = reason };
        }

        var row = market.Tables.Market;
        market.Tables.Accounts.TryGet(user, out var account);
        market.Tables.Prices.TryGet(row.Parameters.Oracle, out var price);
        return state with
        {
            Parameters = row.Parameters,
            Loan = row.Loan,
            Collateral = row.Collateral,
            Interest = InterestOf(row),
            Price = price.Price,
            BorrowShares = account.BorrowShares,
            CollateralAmount = account.Collateral,
        };
    }

    public MarketInterest InterestOf(in MarketRow row) =>
        new(row.Totals, market.KindOf(row.Parameters.Irm), row.RateAtTarget, row.ReadRate, row.ReadRateAt);
}
