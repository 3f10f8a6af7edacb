using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>Our words against accountLiquidity, debtOf and interestAccumulator at the block's own time.</summary>
internal sealed class Agreements(EulerMarket market)
{
    public Agreement Compare(EulerV2State state, CallResults results)
    {
        var account = market.UserOf(state.Account);
        if (!results.TryGet(EulerAbi.AccountLiquidity.Function.Call(market.Vault, account, true), out var liquidity)
            || !results.TryGet(EulerAbi.DebtOf.Function.Call(market.Vault, account), out var debt)
            || !results.TryGet(EulerAbi.InterestAccumulator.Function.Call(market.Vault), out var accumulator))
        {
            return WordAgreement.Unreadable(null);
        }

        if (!EulerAbi.DebtOf.TryDecode(debt, out var owed, out var error) || !EulerAbi.InterestAccumulator.TryDecode(accumulator, out var index, out error))
        {
            return WordAgreement.Unreadable(error);
        }

        // The vault has no view of an account that it does not control: such a one owes nothing.
        if (!EulerAbi.AccountLiquidity.TryDecode(liquidity, out var values, out error) && (state.IsController || !owed.IsZero))
        {
            return WordAgreement.Unreadable(error);
        }

        var isBelow = !values.LiabilityValue.IsZero && values.CollateralValue <= values.LiabilityValue;
        return WordAgreement.Of(
            state.Unknown ?? UnknownAt(state),
            () => ReportBuilder.WordsOf(ReportBuilder.AccountOf(state, state.Block.Timestamp, Shock.None)),
            ReportBuilder.Words(values.CollateralValue, values.LiabilityValue, owed, index),
            isBelow);
    }

    // What can't be computed is told as such, with the words.
    private static string? UnknownAt(EulerV2State state)
    {
        try
        {
            return ReportBuilder.AccountOf(state, state.Block.Timestamp, Shock.None).Unknown;
        }
        catch (ArithmeticException)
        {
            return null;
        }
    }
}
