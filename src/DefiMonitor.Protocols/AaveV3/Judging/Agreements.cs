using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Our six words against the contract's, at the block's own time. All must be equal to the last integer.</summary>
internal static class Agreements
{
    public static Agreement Compare(AaveV3State state, UserAccountData chain)
    {
        var native = new NativeWord[AccountData.WordCount];
        for (var i = 0; i < native.Length; i++)
        {
            native[i] = new NativeWord(AccountData.WordNames[i], chain.Word(i));
        }

        var liquidatable = chain.HealthFactor < AccountData.LiquidationThresholdHealth;
        if (state.Unknown is { } reason)
        {
            return new Agreement(AgreementKind.Unreadable, reason, native, liquidatable);
        }

        AccountData ours;
        try
        {
            ours = ReportBuilder.WordsOf(state, state.Block.Timestamp);
        }
        catch (ArithmeticException error)
        {
            return new Agreement(AgreementKind.Different, $"we can't compute the account ({error.Message}), the contract can", native, liquidatable);
        }

        var differences = new List<string>();
        for (var i = 0; i < native.Length; i++)
        {
            if (ours.Word(i) != native[i].Value)
            {
                differences.Add($"{native[i].Name}: ours {ours.Word(i)}, the chain's {native[i].Value}");
            }
        }

        return differences.Count == 0
            ? new Agreement(AgreementKind.Equal, "", native, liquidatable)
            : new Agreement(AgreementKind.Different, string.Join("; ", differences), native, liquidatable);
    }
}

/// <summary>Writes down whether the chain confirms the tentative formulas, account by account and block by block.</summary>
internal sealed class AgreementWriter(AaveMarket market, StateCapture capture)
{
    public void AccountData(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var user = CallArguments.Address(call);
        if (!market.IsTentative || !market.Tables.HasEntered(user))
        {
            return;
        }

        var state = capture.Capture(market.IdOf(user), block, trustFormulas: true);
        var agreed = AaveAbi.GetUserAccountData.TryDecode(result, out var chain, out _) && Agreements.Compare(state, chain).Kind == AgreementKind.Equal;
        market.Tables.Agreements.Set(user, new AgreementRow(block.Number, market.Tables.Market.Revision, agreed));
        touched.Add(market.IdOf(user));
    }
}
