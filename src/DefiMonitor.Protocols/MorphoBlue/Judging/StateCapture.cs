using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

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
            return state with { Unknown = reason, Parameters = market.Tables.Market.IsOpen ? market.Tables.Market.Parameters : default };
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
            PreLiquidations = PreLiquidationsOf(user, row, block),
            BorrowShares = account.BorrowShares,
            CollateralAmount = account.Collateral,
        };
    }

    private List<PreLiquidationState> PreLiquidationsOf(in Address user, in MarketRow row, BlockHeader block)
    {
        var states = new List<PreLiquidationState>();
        foreach (var contract in market.Deployment.PreLiquidations)
        {
            market.Tables.PreLiquidations.TryGet(contract, out var pre);
            market.Tables.Prices.TryGet(pre.Terms.PreLiquidationOracle, out var price);
            var isKnown = market.Tables.Authorizations.TryGet(new AuthorizationKey(user, contract), out var may);
            var isMarkets = pre.Fields != PreLiquidationFields.All
                || (pre.MarketId == market.Deployment.MarketId && pre.Morpho == market.Deployment.Morpho && pre.Terms.PreLltv < row.Parameters.Lltv);
            var why = pre.Fields != PreLiquidationFields.All ? $"The pre-liquidation contract {contract} has not been read yet."
                : !isMarkets
                    ? $"{contract} is no pre-liquidation contract of this market."
                : !isKnown ? $"It has not been read whether the account lets {contract} act for it."
                : !may ? $"The account has not authorised the pre-liquidation contract {contract}."
                : !market.IsFresh(price.Block, block) || !price.IsRead ? $"The oracle {pre.Terms.PreLiquidationOracle} of the pre-liquidation contract could not be read."
                : null;
            states.Add(new PreLiquidationState(contract, pre.Terms, price.Price, may, pre.Terms.PreLiquidationOracle == row.Parameters.Oracle, why, why is not null && isMarkets && (!isKnown || may)));
        }

        return states;
    }

    public MarketInterest InterestOf(in MarketRow row) =>
        new(row.Totals, market.KindOf(row.Parameters.Irm), row.RateAtTarget, row.ReadRate, row.ReadRateAt);
}
