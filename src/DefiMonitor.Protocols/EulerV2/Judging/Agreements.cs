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
            return Unreadable("The contract's own view was not read.");
        }

        if (!EulerAbi.DebtOf.TryDecode(debt, out var owed, out var error) || !EulerAbi.InterestAccumulator.TryDecode(accumulator, out var index, out error))
        {
            return Unreadable(error);
        }

        // The vault has no view of an account that it does not control: such a one owes nothing.
        if (!EulerAbi.AccountLiquidity.TryDecode(liquidity, out var values, out error) && (state.IsController || !owed.IsZero))
        {
            return Unreadable(error);
        }

        var isBelow = !values.LiabilityValue.IsZero && values.CollateralValue <= values.LiabilityValue;
        var native = ReportBuilder.Words(values.CollateralValue, values.LiabilityValue, owed, index);
        if (state.Unknown is { } reason)
        {
            return new Agreement(AgreementKind.Unreadable, reason, native, isBelow);
        }

        NativeWord[] ours;
        try
        {
            var at = ReportBuilder.AccountOf(state, state.Block.Timestamp, Shock.None);
            if (at.Unknown is { } why)
            {
                return new Agreement(AgreementKind.Unreadable, why, native, isBelow);
            }

            ours = ReportBuilder.WordsOf(at);
        }
        catch (ArithmeticException overflow)
        {
            return new Agreement(AgreementKind.Different, $"we can't compute the account ({overflow.Message}), the contract can", native, isBelow);
        }

        var differences = new List<string>();
        for (var i = 0; i < native.Length; i++)
        {
            if (ours[i].Value != native[i].Value)
            {
                differences.Add($"{native[i].Name}: ours {ours[i].Value}, the chain's {native[i].Value}");
            }
        }

        return new Agreement(differences.Count == 0 ? AgreementKind.Equal : AgreementKind.Different, string.Join("; ", differences), native, isBelow);
    }

    private static Agreement Unreadable(string why) => new(AgreementKind.Unreadable, why, [], null);
}
