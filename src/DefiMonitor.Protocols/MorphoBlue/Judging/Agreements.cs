using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>
/// Our words against those that follow from the contract's own position, totals, price and rate, at the block's own time. The rate is the rate model's answer, so that
/// ours is held against it as well.
/// </summary>
internal sealed class Agreements(MorphoMarket market)
{
    public Agreement Compare(MorphoBlueState state, CallResults results)
    {
        // Out of the state alone: the tables may stand at a later block by now.
        var parameters = state.Parameters;
        if (parameters.Oracle.IsZero)
        {
            return WordAgreement.Unreadable(state.Unknown ?? "The market has not been read.");
        }

        if (Answer(results, MorphoAbi.Position.Function.Call(market.Deployment.Morpho, market.Deployment.MarketId, market.UserOf(state.Account))) is not { } position
            || Answer(results, MorphoAbi.Market.Function.Call(market.Deployment.Morpho, market.Deployment.MarketId)) is not { } totals
            || Answer(results, MorphoAbi.Price.Function.Call(parameters.Oracle)) is not { } price)
        {
            return WordAgreement.Unreadable(null);
        }

        if (!MorphoAbi.Position.TryDecode(position, out var place, out var error)
            || !MorphoAbi.Market.TryDecode(totals, out var stored, out error)
            || !MorphoAbi.Price.TryDecode(price, out var quoted, out error)
            || !TryRate(results, parameters, state, out var rate, out error))
        {
            return WordAgreement.Unreadable(error ?? "The rate model's answer was not read.");
        }

        try
        {
            return Compare(state, place, stored.Totals.Accrue(rate, state.Block.Timestamp), quoted, parameters.Lltv);
        }
        catch (ArithmeticException overflow)
        {
            return WordAgreement.Unreadable($"The contract reverts on this account: {overflow.Message}");
        }
    }

    private static Agreement Compare(MorphoBlueState state, in PositionAnswer place, in MarketTotals totals, in UInt256 price, in UInt256 lltv)
    {
        var health = Health.Of(totals, place.BorrowShares, place.Collateral, price, lltv);
        var native = ReportBuilder.Words(totals, place.BorrowShares, place.Collateral, price, health);
        return WordAgreement.Of(state.Unknown, () => ReportBuilder.WordsOf(ReportBuilder.PositionOf(state, state.Block.Timestamp, Shock.None)), native, !health.IsHealthy);
    }

    private static CallResult? Answer(CallResults results, Call call) => results.TryGet(call, out var result) ? result : null;

    private static bool TryRate(CallResults results, in MarketParameters parameters, MorphoBlueState state, out UInt256 rate, out string? error)
    {
        rate = UInt256.Zero;
        error = null;
        if (parameters.Irm.IsZero)
        {
            return true;
        }

        return Answer(results, MorphoAbi.RateOf(parameters, state.Interest.Totals)) is { } answer && MorphoAbi.BorrowRateView.TryDecode(answer, out rate, out error);
    }
}
