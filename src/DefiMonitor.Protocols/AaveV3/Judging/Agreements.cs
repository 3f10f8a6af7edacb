using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Our six words against the contract's, at the block's own time. All must be equal to the last integer.</summary>
internal static class Agreements
{
    public static Agreement Compare(AaveV3State state, UserAccountData chain) => WordAgreement.Of(
        state.Unknown, () => Words(ReportBuilder.WordsOf(state, state.Block.Timestamp).Word), Words(chain.Word), chain.HealthFactor < AccountData.LiquidationThresholdHealth);

    private static NativeWord[] Words(Func<int, UInt256> word)
    {
        var words = new NativeWord[AccountData.WordCount];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = new NativeWord(AccountData.WordNames[i], word(i));
        }

        return words;
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
